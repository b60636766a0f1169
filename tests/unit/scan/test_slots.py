"""A canary whose bytes lie apart in slots of memory: integers of 8 bytes, and 4 bytes in each vector register."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from redactfuzz.model.canary import Canary, mint, raw, token
from redactfuzz.model.exposure import DumpReport, Severity
from redactfuzz.report.dump_lines import verdict
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.matcher_set import MatcherSet

TOKEN, RAW = mint(41, "token", token(32), 1), mint(41, "raw", raw(32), 1)
OTHER = mint(41, "other", raw(32), 1)
NOISE = random.Random(5).randbytes(4096)
LAID_OUT: dict[str, Callable[[bytes], bytes]] = {
    "an array of long": lambda b: struct.pack(f"<{len(b)}Q", *b),
    "small integers of V8": lambda b: struct.pack(f"<{len(b)}Q", *(byte << 32 for byte in b)),
    "integers of OCaml": lambda b: struct.pack(f"<{len(b)}Q", *(byte << 1 | 1 for byte in b)),
    "4 bytes in each register": lambda b: b"".join(b[at : at + 4] + bytes(12) for at in range(0, len(b), 4)),
}


def scanned(tmp_path: Path, data: bytes) -> DumpReport:
    matcher_set = MatcherSet(thorough=True)
    matcher_set.plant([TOKEN, RAW], [])
    (tmp_path / "dump").write_bytes(data)
    return scan_dump(tmp_path / "dump", ScanRequest(matcher_set, KnownKeys(), canaries=(TOKEN, RAW)))


@pytest.mark.parametrize("canary", [TOKEN, RAW], ids=lambda canary: canary.name)
@pytest.mark.parametrize("name", LAID_OUT)
@pytest.mark.parametrize("before", [0, 4, 8, 12])
def test_it_is_found_where_it_lies(tmp_path: Path, name: str, canary: Canary, before: int) -> None:
    laid = LAID_OUT[name](canary.bytes)
    report = scanned(tmp_path, b"\xff" * 4 + NOISE + b"\xff" * before + laid + b"\xff" * 4 + NOISE)
    (exposure,) = report.exposures
    assert (exposure.secret, exposure.severity) == (canary.name, Severity.TOTAL)
    where = exposure.fragments[0].where
    assert 4 + len(NOISE) + before <= where.offset <= 4 + len(NOISE) + before + 8
    assert "8 bytes" in where.span or "each 16" in where.span


@pytest.mark.parametrize("name", LAID_OUT)
def test_another_secret_so_is_none(tmp_path: Path, name: str) -> None:
    report = scanned(tmp_path, NOISE + LAID_OUT[name](OTHER.bytes) + NOISE)
    assert verdict(report) == "CLEAN"


def test_a_byte_of_zero_does_not_end_it(tmp_path: Path) -> None:
    number = next(n for n in range(1, 500) if 0 in mint(41, "raw", raw(32), n).bytes[8:24])
    canary = mint(41, "raw", raw(32), number)
    matcher_set = MatcherSet(thorough=True)
    matcher_set.plant([canary], [])
    (tmp_path / "dump").write_bytes(NOISE + LAID_OUT["an array of long"](canary.bytes) + NOISE)
    report = scan_dump(tmp_path / "dump", ScanRequest(matcher_set, KnownKeys(), canaries=(canary,)))
    assert report.exposures[0].severity == Severity.TOTAL
