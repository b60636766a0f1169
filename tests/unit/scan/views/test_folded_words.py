"""Words that were broken because no line may be longer, in two literals of a source, and between chunks of HTTP."""

from __future__ import annotations

import base64
import json
import random
import textwrap
from pathlib import Path

import pytest
from test_printed_jwks import ec_key

from redactfuzz.report.dump_lines import verdict
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.matcher_set import MatcherSet
from redactfuzz.scan.views import Spelling
from redactfuzz.scan.views.spellings import origins, spelled


def part(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


PAYLOAD = json.dumps({"sub": "1234567890", "name": "jane", "admin": True, "aud": "https://api.example.org"}).encode()
JWT = ".".join(map(part, (b'{"alg":"HS256","typ":"JWT"}', PAYLOAD, random.Random(3).randbytes(32))))
COMMAND = f'curl -H "Authorization: Bearer {JWT}" https://api.example.org/v1/things'
JWK = json.dumps(ec_key())


def cut(text: str, first: int, width: int, between: str) -> str:
    return between.join([text[:first], *(text[at : at + width] for at in range(first, len(text), width))])


def chunked(body: str, first: int) -> str:
    head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    pieces = body[:first], body[first:]
    return head + "".join(f"{len(piece):x}\r\n{piece}\r\n" for piece in pieces) + "0\r\n\r\n"


FOLDED = {
    "LDIF": f"dn: uid=jane,dc=example\nuserToken: {cut(JWT, 64, 75, chr(10) + ' ')}\nobjectClass: top\n",
    "a header of mail": f"X-Auth-Token: {cut(JWT, 60, 70, chr(13) + chr(10) + ' ')}\r\nX: y\r\n",
    "a header with tabs": f"X-Auth-Token: {cut(JWT, 60, 70, chr(13) + chr(10) + chr(9))}\r\nX: y\r\n",
    "a mail": "Subject: t\r\n\r\n" + "\r\n".join(textwrap.wrap("the token is " + JWT, 72)) + "\r\n",
    "a terminal": cut(JWT, 80, 80, "\r\n") + "\r\n",
    "a wide terminal": cut(JWT + JWT, 120, 120, "\n") + "\n",
    "readline": "Script started\n$ " + cut(COMMAND, 65, 80, " \r") + '\r\n{"ok":true}\r\n',
    "two literals of Python": f'token = (\n    "{JWT[:70]}"\n    "{JWT[70:]}"\n)\n',
    "two literals of JavaScript": f'const t = "{JWT[:70]}" +\n  "{JWT[70:]}";\n',
    "two literals of PHP": f"$t = '{JWT[:70]}' .\n  '{JWT[70:]}';\n",
    "two literals in a line": f'const t = "{JWT[:9]}" + "{JWT[9:]}";\n',
    "places to break a word": f"<td>{cut(JWT, 20, 20, '<wbr>')}</td>",
    "parts with a style": f"<td>{cut(JWT, 20, 40, '</span><span class=' + chr(34) + 'x' + chr(34) + '>')}</span></td>",
    "chunks": chunked(json.dumps({"access_token": JWT}), 100),
    "chunks that are cut off": chunked(json.dumps({"access_token": JWT}), 100)[:-9],
}
KEYS = {
    "a terminal": cut(JWK, 80, 80, "\r\n") + "\r\n",
    "readline": "$ " + cut(f"echo '{JWK}' > key.json", 65, 80, " \r") + "\r\n",
    "chunks": chunked(JWK, 100),
}


def unfolded(text: str) -> bytes:
    return spelled(Spelling.UNFOLDED, text.encode())


def whats(folder: Path, text: str) -> list[str]:
    (folder / "dump").write_text(text, newline="")
    report = scan_dump(folder / "dump", ScanRequest(MatcherSet(), KnownKeys()))
    assert report.keys or verdict(report) in ("CLEAN", "INCOMPLETE")
    return [key.what for key in report.keys]


@pytest.mark.parametrize("way", FOLDED)
def test_a_token_is_put_together_and_no_other_is(way: str, tmp_path: Path) -> None:
    assert set(whats(tmp_path, FOLDED[way])) == {"JSON Web Token, HS256"}
    assert not whats(tmp_path, FOLDED[way].replace("eyJ", "fyJ"))


@pytest.mark.parametrize("way", KEYS)
def test_a_key_is_put_together_and_a_public_one_is_none(way: str, tmp_path: Path) -> None:
    assert whats(tmp_path, KEYS[way]) == ["EC private key on P-256 (JWK)"]
    begun = json.loads(JWK)["d"][:6]
    other = ("B" if begun[0] != "B" else "C") + begun[1:]
    assert begun in KEYS[way]
    assert not whats(tmp_path, KEYS[way].replace(begun, other))


def test_each_letter_has_its_origin() -> None:
    text = FOLDED["LDIF"].encode()
    data, places = spelled(Spelling.UNFOLDED, text), origins(Spelling.UNFOLDED, text)
    at = data.index(JWT.encode())
    assert bytes(text[places[index]] for index in range(at, at + len(JWT))) == JWT.encode()


PROSE = "2026-11-29T18:00:00Z app[12]: GET /a/path/of/a/log/that/is/long.html took 12 ms\n"


@pytest.mark.parametrize(
    "text",
    [
        "Words of a language are short, and lines of it that end with a word and go on\nwith another are none.\n" * 20,
        PROSE * 20,
        PROSE.replace(" took 12 ms", "") * 20,
        "\n".join(textwrap.wrap(base64.b64encode(random.Random(4).randbytes(3000)).decode(), 76)),
        'first = "' + "a" * 30 + '", "' + "b" * 30 + '"\n',
        "HTTP/1.1 200 OK\r\n\r\nabc\r\nff\r\nanother line that is no chunk of that size\r\n",
        "",
        "\n",
        "\r\n" * 50,
        "a" * 100,
        'x"',
    ],
)
def test_lines_that_go_on_with_no_other_are_left_as_they_are(text: str) -> None:
    assert not unfolded(text)


def test_no_more_is_written_than_there_is_room_for() -> None:
    draw = random.Random(6)
    pieces = ["a", "a" * 30, "a" * 70, "\n", "\n ", "\r\n", " \r", '"\n"', "\r\n5\r\n", ".", " ", "\0"]
    for _ in range(500):
        text = "".join(draw.choices(pieces, k=60))
        assert len(unfolded(text)) <= len(text)
