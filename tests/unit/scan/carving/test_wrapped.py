"""A key in lines of base64 is found whatever stands before each line, behind it, and in the lines around them."""

from __future__ import annotations

import base64
import hashlib
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from redactfuzz.model.exposure import DumpReport
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.matcher_set import MatcherSet
from redactfuzz.scan.views.spellings import Spelling, spelled

DRAWN = random.Random(29)
HEX = DRAWN.randbytes(64).hex()
DASHED = f"{HEX[:8]}-{HEX[8:12]}-{HEX[12:16]}-{HEX[16:20]}-{HEX[20:32]}"
KEYS: dict[str, Any] = {"RSA": rsa.generate_private_key(65537, 1024), "EC": ec.generate_private_key(ec.SECP256R1())}
WHOLE = "parsed, and its numbers agree"
Event = Callable[[int, str], str]
AROUND: dict[str, Event] = {
    "nothing": lambda number, line: line,
    "a date": lambda number, line: f"2026-11-29 12:00:0{number % 10} INFO {line}",
    "a number of a request with dashes": lambda number, line: f"2026-11-29 {DASHED} INFO {line}",
    "a number of a trace": lambda number, line: f"t {HEX[:32]} {line}",
    "a digest as long as a line": lambda number, line: f"{HEX[:76]} {line}",
    "another digest in each line": lambda number, line: f"{hashlib.sha256(line.encode()).hexdigest()} {line}",
    "a path": lambda number, line: f"x /usr/lib/python3/dist-packages/app/thing:{number}: {line}",
    "a JSON event": lambda number, line: json.dumps({"ts": 1, "log": line}),
    "a JSON event that ends with a time": lambda number, line: json.dumps(
        {"log": f"{line}\n", "stream": "stdout", "time": f"2026-11-29T12:00:{number:02}.1Z"}
    ),
}
AHEAD = {
    "nothing": "",
    "a digest of 128 letters": f"{HEX}\n",
    "a digest of 96 letters": f"{HEX[:96]}\n",
    "a digest behind a word": f"digest {HEX}\n",
    "a digest in memory": f"\0\0\0\0{HEX}\n\0\1\2\3\0\0\0\0" + "\x48\x09\x05\x7f" * 200,
}


def text_of(kind: str, around: str, width: int = 76) -> str:
    pem = KEYS[kind].private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    letters = base64.b64encode(pem).decode()
    lines = (letters[at : at + width] for at in range(0, len(letters), width))
    return "".join(AROUND[around](number, line) + "\n" for number, line in enumerate(lines, 10))


def scanned(folder: Path, text: str) -> DumpReport:
    (folder / "dump").write_text(text, "latin-1")
    matcher_set = MatcherSet(thorough=True)
    matcher_set.plant([], [])
    return scan_dump(str(folder / "dump"), ScanRequest(matcher_set, KnownKeys()))


def is_whole(kind: str, report: DumpReport) -> bool:
    return any(key.what.startswith(kind) and key.reason == WHOLE for key in report.keys)


@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize("around", AROUND)
def test_it_is_found_with_this_in_each_line(tmp_path: Path, kind: str, around: str) -> None:
    assert is_whole(kind, scanned(tmp_path, text_of(kind, around)))


@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize("width", [60, 64, 72, 76])
@pytest.mark.parametrize("ahead", AHEAD)
def test_it_is_found_behind(tmp_path: Path, kind: str, width: int, ahead: str) -> None:
    assert is_whole(kind, scanned(tmp_path, AHEAD[ahead] + text_of(kind, "nothing", width)))


@pytest.mark.parametrize("around", AROUND)
def test_nothing_is_found_where_the_lines_are_in_another_order(tmp_path: Path, around: str) -> None:
    lines = text_of("EC", around).splitlines(keepends=True)
    assert len(lines) > 2
    assert not scanned(tmp_path, "".join(reversed(lines))).keys


def test_lines_that_become_shorter_are_each_read_as_the_last_and_as_the_first_of_others() -> None:
    """What is written then is more than what is read: the room for it is twice as large."""
    text = b"".join(base64.b64encode(DRAWN.randbytes(3 * size)) + b"\n" for size in range(400, 10, -1))
    said = spelled(Spelling.BASE64, text)
    assert len(text) < len(said) < 2 * len(text)
