"""A canary whose bytes lie apart in slots of memory: integers of several sizes and tags, 4 bytes in each register."""

from __future__ import annotations

import functools
import random
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from redactfuzz.dumps.readers.carving.slots import slots
from redactfuzz.dumps.readers.image import Image
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
    "an array of long, big-endian": lambda b: struct.pack(f">{len(b)}Q", *b),
    "integers with a tag in front": lambda b: struct.pack(f"<{len(b)}Q", *(0xFFFE << 48 | byte for byte in b)),
    "values of Lua": lambda b: b"".join(struct.pack("<QQ", byte, 3) for byte in b),
    "values of PHP": lambda b: b"".join(struct.pack("<QII", byte, 4, n) for n, byte in enumerate(b)),
    "a list of Erlang": lambda b: b"".join(
        struct.pack("<QQ", byte << 4 | 15, 0x3B if n + 1 == len(b) else 0x7F1234560001 + 16 * (n + 1))
        for n, byte in enumerate(b)
    ),
    "small integers of 31 bits": lambda b: struct.pack(f"<{len(b)}I", *(byte << 1 for byte in b)),
    "an array of double": lambda b: struct.pack(f"<{len(b)}d", *b),
    "an array of float": lambda b: struct.pack(f"<{len(b)}f", *b),
    "4 bytes in each register": lambda b: b"".join(b[at : at + 4] + bytes(12) for at in range(0, len(b), 4)),
}


@functools.cache
def planted() -> MatcherSet:
    matcher_set = MatcherSet()
    matcher_set.plant([TOKEN, RAW], [])
    return matcher_set


def scanned(tmp_path: Path, data: bytes) -> DumpReport:
    (tmp_path / "dump").write_bytes(data)
    return scan_dump(tmp_path / "dump", ScanRequest(planted(), KnownKeys(), canaries=(TOKEN, RAW)))


@pytest.mark.parametrize("name", LAID_OUT)
def test_it_is_found_in_memory_behind_a_long_text(tmp_path: Path, name: str) -> None:
    """The first 4,096 bytes say that it is text, and say nothing of what follows."""
    head = b"header of a form\r\n".ljust(32) * 250
    report = scanned(tmp_path, head + NOISE + LAID_OUT[name](TOKEN.bytes) + b"\xff" * 4 + NOISE)
    assert [(each.secret, each.severity) for each in report.exposures] == [(TOKEN.name, Severity.TOTAL)]


@pytest.mark.parametrize("canary", [TOKEN, RAW], ids=lambda canary: canary.name)
@pytest.mark.parametrize("name", LAID_OUT)
@pytest.mark.parametrize("before", [0, 4, 8, 12])
def test_it_is_found_where_it_lies(tmp_path: Path, name: str, canary: Canary, before: int) -> None:
    laid = LAID_OUT[name](canary.bytes)
    report = scanned(tmp_path, b"\xff" * 4 + NOISE + b"\xff" * before + laid + b"\xff" * 4 + NOISE)
    (exposure,) = report.exposures
    assert (exposure.secret, exposure.severity) == (canary.name, Severity.TOTAL)
    where = exposure.fragments[0].where
    # The slot before may look like one, as what is beside it is not known.
    assert 4 + len(NOISE) + before - 16 <= where.offset <= 4 + len(NOISE) + before + 8
    assert "bytes" in where.span


@pytest.mark.parametrize("name", LAID_OUT)
@pytest.mark.parametrize("before", [4096, 4100, 4096 + 56, (1 << 16) - 64, (1 << 16) - 20])
def test_it_is_found_amid_zeros(tmp_path: Path, name: str, before: int) -> None:
    """What is all zeros is passed over: no part of a run is."""
    laid = LAID_OUT[name](RAW.bytes)
    report = scanned(tmp_path, NOISE[:64] + bytes(before - 64) + laid + bytes(1 << 14) + NOISE)
    (exposure,) = report.exposures
    assert (exposure.secret, exposure.severity) == (RAW.name, Severity.TOTAL)


@pytest.mark.parametrize("name", LAID_OUT)
@pytest.mark.parametrize("beside", ["grey pixels", "pairs", "ones and zeros"])
def test_it_is_found_beside_slots_that_vary_less(tmp_path: Path, name: str, beside: str) -> None:
    grey = bytes(byte for pixel in range(70, 90) for byte in [pixel] * 3)
    pairs = bytes(byte for value in range(40, 60) for byte in [value] * 2)
    filler = {"grey pixels": grey, "pairs": pairs, "ones and zeros": b"\1\1\0\0" * 15}[beside]
    if name == "4 bytes in each register":  # there it is four that are alike
        filler = bytes(byte for one in filler for byte in [one] * 4)
    for secret in (filler + RAW.bytes, RAW.bytes + filler, filler + RAW.bytes + filler):
        report = scanned(tmp_path, NOISE + LAID_OUT[name](secret) + NOISE)
        (exposure,) = report.exposures
        assert (exposure.secret, exposure.severity) == (RAW.name, Severity.TOTAL)


@pytest.mark.parametrize("name", LAID_OUT)
def test_another_secret_so_is_none(tmp_path: Path, name: str) -> None:
    report = scanned(tmp_path, NOISE + LAID_OUT[name](OTHER.bytes) + NOISE)
    assert verdict(report) == "CLEAN"


def test_pointers_and_repeated_values_are_no_run() -> None:
    pointers = struct.pack("<4096Q", *(0x7F0000001000 + 16 * n for n in range(4096)))
    filled = struct.pack("<4096Q", *(n // 40 % 2 for n in range(4096)))
    assert not [*slots(Image("dump", pointers + filled + NOISE + bytes(1 << 17)))]


@pytest.mark.parametrize("before", [(1 << 16) - 40, (16 << 20) - 40, (1 << 16) + 100])
def test_a_run_across_two_blocks_is_found_once(before: int) -> None:
    laid = LAID_OUT["values of Lua"](RAW.bytes)
    found = [
        view
        for view in slots(Image("dump", bytes([255]) * before + laid + NOISE))
        if RAW.bytes in (view.decoded or b"")
    ]
    assert [view.what for view in found] == ["slots of 16 bytes"]


@pytest.mark.parametrize("name", ["an array of long, big-endian", "an array of double"])
def test_the_head_of_the_first_slot_may_lie_in_a_block_of_zeros(name: str) -> None:
    secret = bytes(range(65, 77))
    laid = LAID_OUT[name](secret)
    for before in ((1 << 16) - 4, 1 << 16, (16 << 20) - 4):
        found = [view.decoded for view in slots(Image("dump", bytes(before) + laid + NOISE))]
        assert any(secret in (decoded or b"") for decoded in found)


@pytest.mark.parametrize("size", [16, 32])
@pytest.mark.parametrize("zeros", [16, 40, 64, 100, 1000, 5000, 1 << 16])
@pytest.mark.parametrize("name", LAID_OUT)
def test_zeros_on_both_sides_hide_none(name: str, zeros: int, size: int) -> None:
    secret = bytes(range(65, 65 + size))
    dump = NOISE + bytes(zeros) + LAID_OUT[name](secret) + bytes(zeros) + NOISE
    assert any(secret in (view.decoded or b"") for view in slots(Image("dump", dump)))


def test_a_byte_of_zero_does_not_end_it(tmp_path: Path) -> None:
    number = next(n for n in range(1, 500) if 0 in mint(41, "raw", raw(32), n).bytes[8:24])
    canary = mint(41, "raw", raw(32), number)
    matcher_set = MatcherSet(thorough=True)
    matcher_set.plant([canary], [])
    (tmp_path / "dump").write_bytes(NOISE + LAID_OUT["an array of long"](canary.bytes) + NOISE)
    report = scan_dump(tmp_path / "dump", ScanRequest(matcher_set, KnownKeys(), canaries=(canary,)))
    assert report.exposures[0].severity == Severity.TOTAL
