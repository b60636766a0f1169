"""Sparse files: what is a hole is not read, and everything beside it is."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redactfuzz.dumps.readers import mapped
from redactfuzz.dumps.readers.holes import filled
from redactfuzz.dumps.readers.image import Image
from redactfuzz.dumps.readers.mapped import ranges
from redactfuzz.dumps.readers.opening import images
from redactfuzz.model.canary import Canary, mint, token
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.matcher_set import MatcherSet

MEG = 1 << 20
MARKER = "redactfuzz-of-this-test"


def canary(number: int = 1) -> Canary:
    return mint(11, "key", token(), number)


def wanted(*canaries: Canary) -> ScanRequest:
    matcher_set = MatcherSet(thorough=True)
    matcher_set.plant(canaries, [])
    return ScanRequest(matcher_set, KnownKeys(), marker=MARKER, canaries=canaries)


def sparse(path: Path, size: int, *pieces: tuple[int, bytes]) -> Path:
    with path.open("wb") as file:
        for at, data in pieces:
            os.pwrite(file.fileno(), data, at)
        os.truncate(file.fileno(), size)
    return path


def stretches(path: Path) -> tuple[tuple[int, int], ...]:
    with path.open("rb") as file:
        return filled(file.fileno(), path.stat().st_size)


def test_this_file_system_has_holes(tmp_path: Path) -> None:
    """Else the tests below show nothing."""
    path = sparse(tmp_path / "x", 64 * MEG, (32 * MEG, b"x"))
    ((start, end),) = stretches(path)
    assert start <= 32 * MEG < end
    assert end - start < MEG


def test_a_file_of_zeros_alone_has_nothing_to_read_and_is_read_wholly(tmp_path: Path) -> None:
    path = sparse(tmp_path / "x", 64 * MEG)
    assert stretches(path) == ()
    report = scan_dump(path, wanted(canary()))
    assert (report.images[0].size, report.images[0].read) == (64 * MEG, 64 * MEG)
    assert report.complete
    assert report.marked is False


def test_a_file_without_holes_is_one_stretch(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"x" * (2 * MEG + 5))
    assert stretches(path) == ((0, 2 * MEG + 5),)


def test_where_holes_are_not_told_all_is_read() -> None:
    reading, writing = os.pipe()
    try:
        assert filled(reading, 1000) == ((0, 1000),)
    finally:
        os.close(reading)
        os.close(writing)


pieces = st.lists(st.tuples(st.integers(0, 16 * MEG), st.integers(1, 9000)), max_size=6)


@given(pieces=pieces, size=st.integers(1, 20 * MEG))
@settings(max_examples=100)
def test_every_byte_outside_of_the_stretches_is_zero(
    pieces: list[tuple[int, int]], size: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = sparse(tmp_path_factory.mktemp("holes") / "x", size, *((at, b"x" * length) for at, length in pieces))
    data, end = path.read_bytes(), 0
    for first, last in (*stretches(path), (size, size)):
        assert end <= first <= last <= size
        assert not data[end:first].strip(b"\0")
        end = last
    path.unlink()


@pytest.mark.parametrize("at", [MEG, MEG - 32, MEG - 31, MEG - 7, 4096 + MEG, 9 * MEG + 3, 0])
@pytest.mark.parametrize("zeros", [0, 1, 8, 20])
def test_a_secret_beside_a_hole_is_found_whole(tmp_path: Path, at: int, zeros: int) -> None:
    """A form may begin with zeros that lie in the hole before it: utf-16 and ucs4, or a key that happens to."""
    key = canary()
    for text in (key.bytes, key.text.encode("utf-16-be"), key.text.encode("utf-32-be")):
        path = sparse(tmp_path / "x", 32 * MEG, (at + zeros, text), (30 * MEG, MARKER.encode()))
        (exposure,) = scan_dump(path, wanted(key)).exposures
        assert exposure.fragments[0].whole
        # Beside zeros the big-endian form is the little-endian one as well, a byte or three later.
        assert exposure.fragments[0].where.offset - at - zeros in (0, 1, 3)


def test_a_secret_at_the_end_of_a_file_larger_than_any_disk_is_found(tmp_path: Path) -> None:
    key, size = canary(), 4 << 40
    path = sparse(tmp_path / "x", size, (size - 32, key.bytes), (size >> 1, MARKER.encode()))
    report = scan_dump(path, wanted(key))
    assert report.exposures[0].fragments[0].where.offset == size - 32
    assert report.images[0].read == size
    assert report.marked
    assert report.complete


def test_windows_of_zeros_alone_are_left_out_and_no_other(tmp_path: Path) -> None:
    path = sparse(tmp_path / "x", 1 << 30, (700 * MEG, b"x"))
    with path.open("rb") as file:
        image = mapped.mapped("x", file.fileno())
        spans = [(start, end) for _, _, start, end in ranges(image)]
    assert any(start <= 700 * MEG < end for start, end in spans)
    assert len(spans) <= 2


def resident(name: str) -> int:
    """Bytes of the maps of a file that are in memory."""
    found, ours = 0, False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
            ours = line.endswith(name)
        elif ours and line.startswith("Rss:"):
            found += int(line.split()[1]) << 10
    return found


def test_of_a_sparse_file_the_holes_beside_what_was_read_are_given_back_too(tmp_path: Path) -> None:
    """The kernel maps pages of them with one that is read, where it has them in memory."""
    path, size = tmp_path / "sparse", 96 << 20
    with path.open("wb") as file:
        file.truncate(size)
        for at in range(0, size, 1 << 18):
            file.seek(at)
            file.write(b"x")
    path.read_bytes()
    (image,) = (one for one in images(path) if isinstance(one, Image))
    assert len(image.filled) > 300
    image.find(b"nothing")
    before = resident(path.name)
    assert before < 4 << 20
    bytes(image.data[:: 1 << 12])
    assert resident(path.name) > 40 << 20
    for start, end in image.steps(1 << 20):
        image.release(start, end)
    assert resident(path.name) < 1 << 20
