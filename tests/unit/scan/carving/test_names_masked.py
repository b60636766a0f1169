"""No name in a report holds what it finds: a member of JSON, a file, or a member of an archive may be called so."""

from __future__ import annotations

import base64
import contextlib
import importlib
import io
import json
import os
import random
import string
import tarfile
import types
import zlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from containers import zipped
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from test_tokens import jwt

from redactfuzz.dumps.readers.image import Image
from redactfuzz.dumps.readers.opening import TOGETHER
from redactfuzz.model.canary import Canary, mint, raw
from redactfuzz.model.canary import token as token_kind
from redactfuzz.report.dump_lines import as_json
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys, read_rules
from redactfuzz.scan.keys.detector import KEYS, PLACES, Findings
from redactfuzz.scan.keys.tokens.services import ServiceTokens
from redactfuzz.scan.many import with_quiet_ones
from redactfuzz.scan.matcher_set import MatcherSet
from redactfuzz.scan.telling import names

DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
SECRET = mint(67, "secret", raw(32), 1)
TOKEN = mint(67, "token", token_kind(), 1)
ELLIPTIC = ec.generate_private_key(ec.SECP256R1())


def token(number: int) -> str:
    """One of GitHub, with its checksum."""
    body = "".join(random.Random(number).choices(DIGITS, k=30))
    left, checksum = zlib.crc32(body.encode()), ""
    while left:
        left, digit = divmod(left, 62)
        checksum = DIGITS[digit] + checksum
    return f"ghp_{body}{checksum.rjust(6, '0')}"


def shown(path: Path, *canaries: Canary) -> tuple[bool, str]:
    """Whether something is found in it, and all that is said of it, as bytes of names."""
    matcher_set = MatcherSet(thorough=True)
    matcher_set.plant(canaries, [])
    report = scan_dump(str(path), ScanRequest(matcher_set, KnownKeys(), canaries=canaries))
    return bool(report.keys or report.exposures), str(json.loads(as_json(report)))


def test_members_of_json_that_are_called_by_tokens(tmp_path: Path) -> None:
    tokens = [token(number) for number in range(40)]
    (tmp_path / "sessions.json").write_text(json.dumps({"tokens": {one: {"n": 1} for one in tokens}}))
    found, said = shown(tmp_path / "sessions.json")
    assert found
    assert said.count("$.tokens.<key>") >= len(tokens)
    assert not [one for one in tokens if one in said]


def test_a_file_and_a_member_that_are_called_by_the_token_that_they_hold(tmp_path: Path) -> None:
    one = token(7)
    with tarfile.open(tmp_path / f"of {one}.tar", "w") as file:
        member = tarfile.TarInfo(f"{one}.txt")
        member.size = len(one) + 1
        file.addfile(member, io.BytesIO(f"{one}\n".encode()))
    found, said = shown(tmp_path / f"of {one}.tar")
    assert found
    assert one not in said


def test_files_that_are_called_by_tokens_alone_and_among_many(tmp_path: Path) -> None:
    """What is downloaded is called as its address was, with the token of the query."""
    tokens = [token(number) for number in range(2 * TOGETHER)]
    for one in tokens:
        (tmp_path / f"download?token={one}&of=7").write_text("hello\n")
    found, said = shown(tmp_path / f"download?token={tokens[0]}&of=7")
    assert found
    assert "download?token=" in said
    assert tokens[0] not in said
    wanted = ScanRequest(MatcherSet(thorough=True), KnownKeys())
    paths = [str(path) for path in tmp_path.iterdir()]
    assert [quiet for _, quiet in with_quiet_ones(paths, wanted)] == [None] * len(tokens)
    reports = [scan_dump(path, wanted) for path in paths]
    assert all(report.keys for report in reports)
    said = "".join(as_json(report) for report in reports)
    assert not [one for one in tokens if one in said]


def test_a_file_that_is_called_by_the_bytes_of_a_canary(tmp_path: Path) -> None:
    name = os.fsdecode(SECRET.bytes.replace(b"/", b"_").replace(b"\0", b"_"))
    (tmp_path / name).write_bytes(b"here: " + SECRET.bytes)
    found, said = shown(tmp_path / name, SECRET)
    assert found
    assert "canary secret>" in said
    encoded = said.encode("utf-8", "surrogateescape")
    assert not [at for at in range(24) if SECRET.bytes[at : at + 8] in encoded]


def percent(text: str) -> str:
    return text.replace(".", "%2E").replace("-", "%2D")


def binary(data: bytes) -> str:
    return " ".join(f"{byte:08b}" for byte in data)


def nested(data: bytes) -> str:
    for _ in range(3):
        data = base64.b64encode(data)
    return data.decode()


JWT = jwt("HS256", 32).decode()
DER = ELLIPTIC.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def cookie(data: bytes) -> str:
    """As Flask writes a session, and wget then calls a page that it saved."""
    packed = zlib.compress(json.dumps({"of": "somebody", "is": data.decode()}).encode())
    return f"page?session=.{base64.urlsafe_b64encode(packed).decode().rstrip('=')}.Z0abcd"


OTHERWISE = {
    "a canary in a cookie": (cookie(TOKEN.bytes), cookie(TOKEN.bytes)[30:50]),
    "a token in a cookie": (cookie(JWT.encode()), cookie(JWT.encode())[30:50]),
    "a token in percents": (f"callback?token={percent(JWT)}", JWT.split(".")[2]),
    "a key in hexadecimal": (DER.hex(), DER.hex()[80:120]),
    "a key in base64url": (base64.urlsafe_b64encode(DER).decode(), base64.urlsafe_b64encode(DER).decode()[60:80]),
    "a canary in binary digits": (binary(TOKEN.bytes), binary(TOKEN.bytes[8:12])),
    "a canary in base64 of base64 of base64": (nested(TOKEN.bytes), nested(TOKEN.bytes)[20:40]),
}
HARMLESS = {
    "cookie": cookie(b"nothing of anybody, and some more"),
    "percents": f"callback?state={percent('of-7.and-8.and-9')}",
    "hexadecimal": random.Random(5).randbytes(100).hex(),
    "binary digits": binary(b"nothing of anybody, and some more"),
    "base64": nested(b"nothing of anybody"),
}


@pytest.mark.parametrize("name", OTHERWISE)
def test_a_member_that_is_called_by_a_secret_in_another_form(tmp_path: Path, name: str) -> None:
    called, part = OTHERWISE[name]
    (tmp_path / "dump").write_bytes(zipped({called: b"hello, hello", "beside.txt": b"hello, you"}))
    _, said = shown(tmp_path / "dump", TOKEN)
    assert part not in said
    assert "(a name that holds a secret)" in said
    assert "beside.txt" in said


@pytest.mark.parametrize("name", HARMLESS)
def test_a_member_that_is_called_by_something_else_in_that_form_is_shown(tmp_path: Path, name: str) -> None:
    (tmp_path / "dump").write_bytes(zipped({HARMLESS[name]: b"hello, hello"}))
    found, said = shown(tmp_path / "dump", TOKEN)
    assert not found
    assert HARMLESS[name] in said


def gitlab(number: int) -> str:
    return "glpat-" + "".join(random.Random(number).choices(DIGITS, k=19)) + "7"


def test_names_with_more_tokens_than_a_detector_lists_and_more_places_of_one(tmp_path: Path) -> None:
    tokens = [gitlab(number) for number in range(KEYS + 60)]
    names = [f"dl?t={one}" for one in tokens] + [f"{number}?t={tokens[0]}" for number in range(2 * PLACES)]
    (tmp_path / "dump").write_bytes(zipped(dict.fromkeys(names, b"hello")))
    _, said = shown(tmp_path / "dump")
    assert not [one for one in tokens if one in said]
    assert said.count("?t=<key>") >= len(names)


def test_names_with_tokens_by_the_thousand_take_one_search_for_each_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    searches = Counter[int]()
    searched = names._searched

    def counted(texts: Sequence[bytes], *others: object) -> object:
        searches[len(texts)] += 1
        return searched(texts, *others)  # type: ignore[arg-type]

    monkeypatch.setattr(names, "_searched", counted)
    tokens = [gitlab(number).encode() for number in range(6000)]
    told = [*names.Names(lambda _: ()).shown([b"dl?t=" + one for one in tokens])]
    assert told == [b"dl?t=<key>"] * len(tokens)
    assert searches.total() == 2 * -(-sum(len(one) + 23 for one in tokens) // (1 << 16))


def test_where_a_detector_leaves_something_out_only_the_names_it_is_about_are_not_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(_: object, image: Image, __: KnownKeys) -> Findings:
        findings = Findings("token", image)
        if b"odd" in image.data:
            findings.gap("too many", 0)
        return findings

    monkeypatch.setattr(ServiceTokens, "find", fail)
    called = [b"a/name/in/a/folder/%d" % number for number in range(20)]
    called[7] = b"an/odd/name/in/a/folder"
    told = [*names.Names(lambda _: ()).shown(called)]
    assert told == [None if b"odd" in one else one for one in called]


def test_no_name_is_shown_where_the_search_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ValueError

    monkeypatch.setattr(ServiceTokens, "find", fail)
    called = [b"one/name/in/a/folder", b"another/name/in/a/folder", b"it is cut off in the middle"]
    assert [*names.Names(lambda _: ()).shown(called)] == [None, None, called[2]]


def test_a_member_that_is_called_by_what_a_rule_of_the_user_matches(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text("[[rules]]\nid = 'ours'\nregex = 'ours-[0-9]{12}'\n")
    known = KnownKeys(rules=read_rules(tmp_path / "rules.toml"))
    (tmp_path / "dump").write_bytes(zipped({"dl?t=ours-314159265358": b"hello", "dl?t=ours-not": b"hello"}))
    report = scan_dump(str(tmp_path / "dump"), ScanRequest(MatcherSet(thorough=True), known))
    assert "dl?t=ours-not" in as_json(report)
    assert "dl?t=<key>" in as_json(report)
    assert "ours-314159265358" not in as_json(report)


@pytest.mark.parametrize("name", [gitlab(1), TOKEN.text, base64.b64encode(TOKEN.bytes).decode()])
def test_a_terminal_shows_no_name_that_holds_a_secret_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    said: list[str] = []

    def reading(shown: str, *_: object) -> contextlib.nullcontext[object]:
        said.append(shown)
        return contextlib.nullcontext(lambda _: None)

    scan_module = importlib.import_module("redactfuzz.cli.scan")
    monkeypatch.setattr(scan_module, "reading", reading)
    monkeypatch.setattr("sys.stderr", types.SimpleNamespace(isatty=lambda: True))
    matcher_set = MatcherSet(thorough=True)
    matcher_set.plant([TOKEN], [])
    wanted = ScanRequest(matcher_set, KnownKeys(), canaries=(TOKEN,))
    for each in (name, "app.log"):
        scan_module._scanned(str(tmp_path / each), wanted)
    assert name not in said[0]
    assert said[1] == str(tmp_path / "app.log")
