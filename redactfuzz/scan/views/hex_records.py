"""Memory of small machines as their tools write it: Intel's hexadecimal format, and Motorola's S-records.

Each line is a record with its length, its address and a sum, by which it is known: Intel, "Hexadecimal Object File
Format Specification" (1988); Motorola, "M68000 Family Programmer's Reference Manual", appendix C.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from redactfuzz.scan.views.parts import Parts

_INTEL = re.compile(rb"^:(?P<record>[0-9A-Fa-f]{12,522})(?=\r?$)", re.MULTILINE)
_MOTOROLA = re.compile(rb"^S(?P<kind>[123])(?P<record>[0-9A-Fa-f]{10,512})(?=\r?$)", re.MULTILINE)
_COLON, _LETTERS = (b"\n:",), (b"\nS1", b"\nS2", b"\nS3")
"""With which lines of them begin."""
_INTEL_HEAD, _DATA = 4, 0
"""Bytes before the data: its length, two of an address, and its kind."""


def records(text: bytes) -> Parts | None:
    """The data of all records, one after the other. None where there is none."""
    found = sorted((*_intel(text), *_motorola(text)))
    return Parts.of(((data, (at, at + 2 * len(data))) for at, data in found), width=2) if found else None


def _intel(text: bytes) -> Iterator[tuple[int, bytes]]:
    for match in _INTEL.finditer(text) if _has(text, _COLON) else ():
        record = _bytes(match["record"])
        if len(record) == record[0] + _INTEL_HEAD + 1 and record[3] == _DATA and sum(record) % 256 == 0:
            yield match.start("record") + 2 * _INTEL_HEAD, record[_INTEL_HEAD:-1]


def _motorola(text: bytes) -> Iterator[tuple[int, bytes]]:
    for match in _MOTOROLA.finditer(text) if _has(text, _LETTERS) else ():
        record, head = _bytes(match["record"]), 2 + int(match["kind"])
        if len(record) == record[0] + 1 and len(record) > head + 1 and sum(record) % 256 == 255:
            yield match.start("record") + 2 * head, record[head:-1]


def _has(text: bytes, signs: tuple[bytes, ...]) -> bool:
    return any(text.startswith(sign[1:]) or sign in text for sign in signs)


def _bytes(digits: bytes) -> bytes:
    return bytes.fromhex(digits[: len(digits) // 2 * 2].decode())
