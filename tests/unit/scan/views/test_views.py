"""Views that are derived from texts: where their bytes come from, what bounds them, and how a report names them."""

from __future__ import annotations

import base64
import json
import quopri
import random
import urllib.parse
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from key_writers import pgp, ppk

from redactfuzz.model.canary import mint, token
from redactfuzz.model.exposure import DumpReport
from redactfuzz.report.dump_lines import verdict
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.matcher_set import MatcherSet
from redactfuzz.scan.views import Allowance, Derived, Spelling, derived, texts_of
from redactfuzz.scan.views.spellings import origins, spelled

CANARY = mint(31, "canary", token(32), 1)
KEY = rsa.generate_private_key(65537, 2048)
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
ENCRYPTED = KEY.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, BestAvailableEncryption(b"a passphrase"))
MARK = b"thirty-two letters and more, to be seen as a text"


def source(data: bytes) -> Derived:
    return Derived("", data, lambda start, end: (start, end))


def views(data: bytes) -> list[Derived]:
    found = []
    for text in texts_of(source(data)):
        found += [text, *derived(text, Allowance.of(len(data)))]
    return found


def scanned(folder: Path, data: bytes, context: int = 0) -> DumpReport:
    matcher_set = MatcherSet()
    matcher_set.plant([CANARY], [])
    path = folder / "dump"
    path.write_bytes(data)
    return scan_dump(path, ScanRequest(matcher_set, KnownKeys(), canaries=(CANARY,), context=context))


def nested(data: bytes, times: int) -> bytes:
    for _ in range(times):
        data = base64.b64encode(data)
    return data


FORMS = {"PGP": pgp(), "PuTTY": ppk(3), "an encrypted PEM": ENCRYPTED}


@pytest.mark.parametrize("kind", FORMS)
def test_a_key_in_a_form_of_the_web_is_found_with_spaces_as_plus(kind: str, tmp_path: Path) -> None:
    def posted(key: bytes) -> bytes:
        return b"POST /keys HTTP/1.1\r\n\r\n" + urllib.parse.urlencode({"a": "1", "key": key.decode()}).encode()

    (found,) = scanned(tmp_path, posted(FORMS[kind])).keys
    (alone,) = scanned(tmp_path, FORMS[kind]).keys
    assert (found.what, found.identity) == (alone.what, alone.identity)
    twin = scanned(tmp_path, posted(FORMS[kind].replace(b"PRIVATE", b"PUBLIC").replace(b"Private", b"Public")))
    assert not twin.keys


def test_plus_is_a_space_where_lines_are_escaped_as_in_a_form_alone() -> None:
    spaced = [view.data for view in views(b"text=a+b%0D%0Asome+words+in+a+form+of+several+lines")]
    assert any(b"some words in a form" in data for data in spaced)
    plain = [view.data for view in views(b"text=a%2Cb%20and+some+words+that+are+in+no+form+of+lines")]
    assert plain
    assert not any(b"some words" in data for data in plain)


@pytest.mark.parametrize(
    ("codec", "what", "shift"),
    [
        ("ascii", "", 0),
        ("utf-16-le", "utf-16 text", 0),
        ("utf-16-be", "utf-16 text", 1),
        ("utf-32-le", "ucs4 text", 0),
        ("utf-32-be", "ucs4 text", 3),
    ],
)
@pytest.mark.parametrize("before", range(5))
def test_a_text_is_found_at_each_offset_and_in_each_order(codec: str, what: str, shift: int, before: int) -> None:
    memory = bytes((1, 2, 3, 4, 255))[:before] + bytes(8)
    data = memory + MARK.decode().encode(codec) + bytes(8) + b"\xfe\xff\x01"
    (text,) = texts_of(source(data))
    assert (text.what, text.data) == (what, MARK)
    assert text.place(0, 1)[0] == len(memory) + shift


def test_wide_text_between_lines_of_a_log_loses_no_letter() -> None:
    for codec in ("utf-16-le", "utf-16-be"):
        data = b"a line of a log, as long as that is\n" + MARK.decode().encode(codec) + b"\nand another one of them"
        assert any(MARK in text.data for text in texts_of(source(data)))


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("beside", "\u4e2d\u554a\u4e41\u4e20\u5934\u4e0a")
def test_wide_text_between_other_letters_is_read_without_what_is_a_part_of_those(codec: str, beside: str) -> None:
    """Its low byte is `-`, a letter, a digit, a blank or the end of a line, and the order is not known."""
    data = f"\ufeff{beside}{MARK.decode()}{beside}".encode(codec)
    (text,) = [text for text in texts_of(source(data)) if MARK in text.data]
    at = text.data.index(MARK)
    start, end = text.place(at, at + len(MARK))
    assert data[start : end : 2 if "16" in codec else 4] == MARK
    apart = text.data.split(bytes(8))
    assert any(part.startswith(MARK) for part in apart)
    assert any(part.endswith(MARK) for part in apart)


WAYS = {
    "a repr of Python": lambda data: repr(data)[2:-1].encode(),
    "the same in JSON": lambda data: json.dumps(repr(data)).encode(),
    "octal": lambda data: "".join(chr(c) if 32 <= c < 127 and c != 92 else f"\\{c:03o}" for c in data).encode(),
    "percent": lambda data: urllib.parse.quote_from_bytes(data, safe="=#&;\\").encode(),
    "quoted-printable": lambda data: quopri.encodestring(data),
}


@pytest.mark.parametrize("way", WAYS)
def test_bytes_are_written_in_one_way_and_what_looks_like_another_stands_for_itself(way: str) -> None:
    """One key in sixty has such letters by chance, and was lost."""
    data = random.Random(5).randbytes(40) + b"%33 =41 &amp; #010 %41" + random.Random(6).randbytes(40)
    assert any(data in view.data for view in views(b"memory: " + WAYS[way](data) + b" and so on\n"))


def test_a_byte_beside_text_that_is_written_in_another_way_hides_nothing() -> None:
    assert any(MARK in view.data for view in views(b"\\xff name=" + urllib.parse.quote(MARK).encode() + b"\n"))


def test_random_bytes_and_zeros_hold_no_text() -> None:
    assert not texts_of(source(random.Random(3).randbytes(1 << 20)))
    assert not texts_of(source(bytes(1 << 20)))
    assert not texts_of(source(b"\0too short to count\0" * 99))


@pytest.mark.parametrize(
    ("written", "what"),
    [
        (json.dumps("a\nb " + MARK.decode()).encode(), "escaped text"),
        (base64.b64encode(MARK), "base64"),
        (MARK.hex(":").encode(), "hexadecimal"),
        (base64.b64encode(MARK).decode().encode("utf-16-le"), "base64 in utf-16 text"),
        (nested(MARK, 2), "base64 in base64"),
    ],
)
def test_each_byte_of_a_view_has_its_origin(written: bytes, what: str) -> None:
    data = b"\xff\0" * 20 + written + b"\0\xff" * 20
    view = next(one for one in views(data) if one.what == what and MARK in one.data)
    at = view.data.index(MARK)
    start, end = view.place(at, at + len(MARK))
    assert 40 <= start < end <= 40 + len(written)
    assert start - 40 <= len(written) - (end - start) <= 12


def test_a_letter_that_is_wrong_costs_what_it_stands_for_and_no_more() -> None:
    lines = base64.encodebytes(random.Random(5).randbytes(300)).replace(b"\n", b"\n    ")
    spoiled = lines.replace(lines[20:21], b"!", 1)
    assert not any(len(one.data) > 300 for one in views(spoiled) if one.what == "base64")
    assert any(len(one.data) >= 300 for one in views(lines) if one.what == "base64")


def test_a_find_is_placed_where_it_is_written_and_its_view_is_named(tmp_path: Path) -> None:
    memory = random.Random(1).randbytes(5000)
    report = scanned(tmp_path, memory + base64.b64encode(json.dumps({"k": PEM.decode()}).encode()) + bytes(99))
    (key,) = report.keys
    (where,) = key.where
    assert where.span == "base64"
    assert 5000 <= where.offset < 5100
    written = nested(CANARY.bytes, 3)
    (exposure,) = scanned(tmp_path, memory + written + bytes(99)).exposures
    (fragment,) = exposure.fragments
    assert fragment.encoding.endswith("in base64")
    assert 5000 <= fragment.where.offset < fragment.where.offset + fragment.where.length <= 5000 + len(written)


def test_a_key_that_the_image_shows_itself_is_told_once(tmp_path: Path) -> None:
    (key,) = scanned(tmp_path, bytes(99) + PEM + bytes(99)).keys
    assert len(key.where) == 1
    (key,) = scanned(tmp_path, bytes(99) + PEM + bytes(99) + base64.b64encode(PEM) + bytes(9)).keys
    assert [where.span for where in key.where] == ["", "base64"]


def test_no_context_shows_what_is_written_in_another_form(tmp_path: Path) -> None:
    written = nested(CANARY.bytes, 3)
    report = scanned(tmp_path, bytes(99) + written + bytes(99) + CANARY.bytes + bytes(99), context=200)
    contexts = [one.where.context for one in report.exposures[0].fragments]
    assert any(contexts)
    assert not any(written[at : at + 4].hex(" ") in text for text in contexts for at in range(0, len(written), 4))


def test_what_is_nested_deeper_than_is_followed_is_a_gap(tmp_path: Path) -> None:
    assert verdict(scanned(tmp_path, bytes(99) + nested(MARK, 4) + bytes(99))) == "CLEAN"
    deep = scanned(tmp_path, bytes(99) + nested(PEM, 6) + bytes(99))
    assert verdict(deep) == "INCOMPLETE"
    assert "more often than is followed" in deep.skipped[0].reason
    text = MARK.decode() + '"\n'
    for _ in range(6):
        text = json.dumps(text)
    assert verdict(scanned(tmp_path, bytes(99) + text.encode() + bytes(99))) == "INCOMPLETE"


def test_what_is_derived_is_bounded_by_the_input_and_the_rest_is_told() -> None:
    data = base64.b64encode(base64.b64encode(random.Random(2).randbytes(30_000)))
    (text,) = texts_of(source(data))
    allowance = Allowance(left=len(data) // 2)
    assert sum(len(one.data) for one in derived(text, allowance)) <= len(data)
    assert [*allowance.left_out.values()] == [0]
    plain = Allowance.of(len(data))
    assert sum(len(one.data) for one in derived(text, plain)) < 4 * len(data)
    assert not plain.left_out


def test_ordinary_files_hold_nothing_that_is_left_out(tmp_path: Path) -> None:
    line = b'{"n": %d, "path": "C:\\\\users\\\\x", "q": "a%%20b&amp;c", "t": "\\u00e9"}\n'
    logs = b"".join(line % number for number in range(5000))
    art = (b"\\" * 40 + b"\n") * 50
    assert verdict(scanned(tmp_path, logs)) == "CLEAN"
    assert verdict(scanned(tmp_path, bytes(9) + logs + art)) == "CLEAN"


def test_lines_without_escapes_are_not_searched_again_and_those_beside_an_escape_are() -> None:
    lines = [b"line %d of a log" % number for number in range(9)]
    lines[5] = b"line 5 is \\u0061n escape"
    (view,) = [one for one in views(b"\n".join(lines)) if one.what == "escaped text"]
    assert view.data == b"\0\0\0\0line 4 of a log\nline 5 is an escape\nline 6 of a log\n"
    assert [view.place(view.data.index(each), 99)[0] for each in (b"line 4", b"line 5", b"line 6")] == [64, 80, 105]


def test_what_is_taken_back_is_never_longer_than_what_is_written() -> None:
    rng = random.Random(4)
    pieces = [b"\n", b"a\n", b"ab\n", b"abc\n", b"\\n", b"\n\\x41", b"=\n", b"&#10;", b"z" * 9 + b"\n", b"%41\n", b"\\"]
    for _ in range(2000):
        text = b"".join(rng.choices(pieces, k=rng.randint(1, 30)))
        for spelling in Spelling:
            out = spelled(spelling, text)
            owner = origins(spelling, text)
            places = [int(owner[index]) for index in range(len(out))]
            assert len(out) <= len(text)
            assert all(0 <= place < len(text) for place in places)
            assert places == sorted(places)
