"""What is spelled over more than one block of an image: the next one begins in the midst of it."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from redactfuzz.scan import texts
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.matcher_set import MatcherSet
from redactfuzz.scan.views.spellings import Spelling, spelled

BLOCK, OVERLAP = 1 << 14, 1 << 12
DER = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
NOISE = random.Random(4).randbytes(3 * BLOCK)
DATA = {
    "in the second block": NOISE[: BLOCK + OVERLAP] + DER + NOISE[:99],
    "in the third block": NOISE[: 2 * BLOCK] + DER + NOISE[:BLOCK],
}


def lines(letters: bytes, width: int, before: bytes = b"") -> bytes:
    return b"".join(before + letters[at : at + width] + b"\n" for at in range(0, len(letters), width))


WRITTEN: dict[str, Callable[[bytes], bytes]] = {
    "base64": base64.b64encode,
    "hexadecimal": lambda d: d.hex().encode(),
    "base64 in utf-16": lambda d: base64.b64encode(d).decode().encode("utf-16-le"),
    "base64 in utf-16, big-endian": lambda d: base64.b64encode(d).decode().encode("utf-16-be"),
    "base64 of base64": lambda d: base64.b64encode(base64.b64encode(d)),
    "base64 in JSON in base64": lambda d: base64.b64encode(json.dumps({"d": base64.b64encode(d).decode()}).encode()),
    "base64 in lines of 76": lambda d: lines(base64.b64encode(d), 76),
    "base64 in lines of 70": lambda d: lines(base64.b64encode(d), 70),
    "base64 in lines of 70 of a log": lambda d: lines(base64.b64encode(d), 70, b"2026-11-29 12:00 INFO "),
    "hexadecimal in lines of 75": lambda d: lines(d.hex().encode(), 75),
}


@pytest.mark.parametrize("where", DATA)
@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("before", range(4))
def test_a_key_is_found_whatever_letter_a_block_begins_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: int, written: str, where: str
) -> None:
    monkeypatch.setattr(texts, "_BLOCK", BLOCK)
    monkeypatch.setattr(texts, "_OVERLAP", OVERLAP)
    (tmp_path / "dump").write_bytes(b" " * before + b"a: \n" + WRITTEN[written](DATA[where]) + b"\n")
    matcher_set = MatcherSet(thorough=True)
    matcher_set.plant([], [])
    report = scan_dump(tmp_path / "dump", ScanRequest(matcher_set, KnownKeys()))
    assert [key.what.split()[0] for key in report.keys] == ["EC"]
    at, size = report.keys[0].where[0].offset, (tmp_path / "dump").stat().st_size
    assert 0.4 * size < at < size


@pytest.mark.parametrize("skip", range(1, 4))
def test_a_run_that_goes_on_from_before_is_read_from_each_letter_on(skip: int) -> None:
    letters, digits = base64.b64encode(NOISE[:3000]), NOISE[:3000].hex().encode()
    assert NOISE[3:3000] in spelled(Spelling.FOLDED_BASE64, letters[skip:], cut=True)
    assert NOISE[2:3000] in spelled(Spelling.FOLDED_HEX, digits[skip + skip % 2 - 1 :], cut=True)


def test_a_short_run_that_begins_with_the_text_is_read_in_one_way() -> None:
    assert spelled(Spelling.FOLDED_BASE64, base64.b64encode(NOISE[:750])) == b""
    assert spelled(Spelling.FOLDED_HEX, NOISE[:500].hex().encode()) == b""


@pytest.mark.parametrize("glued", range(4))
def test_a_long_run_is_read_whatever_letters_are_glued_before_it(glued: int) -> None:
    """A path, a name of a field: nothing says where the groups of what is no text begin."""
    letters, digits = base64.b64encode(NOISE[:3000]), NOISE[:3000].hex().encode()
    ways = ((Spelling.BASE64, Spelling.FOLDED_BASE64, letters), (Spelling.HEX, Spelling.FOLDED_HEX, digits))
    for plain, folded, written in ways:
        text = b"/abc"[:glued].replace(b"/", b"/" if plain is Spelling.BASE64 else b"d") + written
        assert NOISE[3:2997] in spelled(plain, text) + spelled(folded, text)
