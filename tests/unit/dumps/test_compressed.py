"""Compressed dumps: read to where they are whole, and what is missing is said."""

from __future__ import annotations

import bz2
import gzip
import lzma
import random
import re
import struct
import zlib
from collections.abc import Callable

import lz4.frame  # type: ignore[import-untyped]
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from redactfuzz.dumps.readers.image import Image
from redactfuzz.dumps.readers.opening import UnpackLimits, images_of
from redactfuzz.model.exposure import Gap

HOWS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "zstd": zstandard.ZstdCompressor(write_checksum=True).compress,
    "lz4": lambda data: bytes(lz4.frame.compress(data, content_checksum=True)),
    "xz": lzma.compress,
    "bzip2": lambda data: bz2.compress(data, 1),
}
PLAIN = random.Random(1).randbytes(150_000) + b"0123456789" * 20_000
each = pytest.mark.parametrize("how", HOWS)


def opened(data: bytes, limits: UnpackLimits | None = None) -> tuple[list[tuple[str, bytes]], list[Gap]]:
    """What lies inside, and the gaps. The outer image itself is left out."""
    inner, gaps = [], []
    for one in images_of(Image("d", data), limits):
        if isinstance(one, Gap):
            gaps.append(one)
        else:
            inner.append((one.name, bytes(one.data)))
    assert inner[0] == ("d", data)
    return inner[1:], gaps


@each
def test_a_whole_one_is_read_whole(how: str) -> None:
    assert opened(HOWS[how](PLAIN)) == ([(f"d!{how}", PLAIN)], [])


@each
def test_an_empty_one_holds_an_empty_file(how: str) -> None:
    assert opened(HOWS[how](b"")) == ([(f"d!{how}", b"")], [])


@each
def test_several_frames_are_one_file_and_padding_is_none(how: str) -> None:
    data = HOWS[how](b"one " * 500) + HOWS[how](b"two") + bytes(2048)
    assert opened(data) == ([(f"d!{how}", b"one " * 500 + b"two")], [])


@each
def test_cut_off_anywhere_it_gives_what_comes_before_and_says_so(how: str) -> None:
    data = HOWS[how](PLAIN)
    lengths = []
    for cut in range(10, len(data), len(data) // 23):
        ((name, plain),), gaps = opened(data[:cut])
        assert name == f"d!{how}"
        assert PLAIN.startswith(plain)
        (gap,) = gaps
        assert gap.reason == f"the {how} data ends at byte {cut}, in the middle of a frame"
        assert (gap.image, gap.offset, gap.harmless) == (name, len(plain), False)
        lengths.append(len(plain))
    assert lengths == sorted(lengths)
    assert lengths[-1] > 90_000


@each
def test_without_its_last_byte_it_is_not_whole(how: str) -> None:
    _, gaps = opened(HOWS[how](b"short")[:-1])
    assert len(gaps) == 1


@each
def test_trailing_garbage_is_said_and_costs_nothing(how: str) -> None:
    data = HOWS[how](PLAIN)
    inner, (gap,) = opened(data + b"garbage, or a log that went on")
    assert inner == [(f"d!{how}", PLAIN)]
    assert gap.reason.startswith(f"what follows byte {len(data)} is no {how}")


@each
def test_of_a_damaged_one_everything_before_the_damage_is_read(how: str) -> None:
    data = bytearray(HOWS[how](PLAIN))
    data[len(data) * 3 // 4] ^= 0xFF
    data[len(data) * 3 // 4 + 1] ^= 0xFF
    ((_, plain),), gaps = opened(bytes(data))
    assert len(gaps) == 1
    same = next((at for at, (a, b) in enumerate(zip(plain, PLAIN, strict=False)) if a != b), len(plain))
    assert same > 50_000


@pytest.mark.parametrize("how", ["gzip", "zstd", "lz4"])
def test_of_a_small_one_with_a_wrong_checksum_all_is_read(how: str) -> None:
    data = bytearray(HOWS[how](b"a line of a log\n" * 8))
    data[-5 if how == "gzip" else -1] ^= 1
    ((_, plain),), (gap,) = opened(bytes(data))
    assert plain == b"a line of a log\n" * 8
    assert f"is no {how}" in gap.reason


@each
def test_a_bomb_ends_at_the_limit_with_advice(how: str) -> None:
    inner, gaps = opened(HOWS[how](bytes(5_000_000)), UnpackLimits(unpacked=1_000_000))
    ((_, plain),) = inner
    assert len(plain) == 1_000_000
    (gap,) = gaps
    assert "1,000,000 bytes" in gap.reason
    assert "--max-unpacked" in gap.reason


def test_an_xz_file_that_asks_for_a_gigabyte_of_memory_is_refused() -> None:
    # Written by hand, because making one needs ten times the memory: the size is a byte of the block header.
    data = bytearray(lzma.compress(b"x" * 100, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 20}]))
    at = 12 + 4  # stream header of 12 bytes; size, flags, filter, size of properties
    assert data[12 + 2 : at] == b"\x21\x01"
    data[at] = 36  # 2^30
    size = (data[12] + 1) * 4
    data[12 + size - 4 : 12 + size] = struct.pack("<I", zlib.crc32(data[12 : 12 + size - 4]))
    _, (gap,) = opened(bytes(data))
    assert re.search("memory", gap.reason, re.IGNORECASE)


def test_containers_inside_one_another_are_opened_to_the_limit() -> None:
    data = b"the core"
    for how in ("gzip", "xz", "bzip2", "zstd", "lz4"):
        data = HOWS[how](data)
    inner, gaps = opened(data)
    assert inner[-1] == ("d!lz4!zstd!bzip2!xz!gzip", b"the core")
    assert not gaps
    inner, gaps = opened(HOWS["gzip"](data))
    assert inner[-1][1] != b"the core"
    assert [gap.reason for gap in gaps] == ["5 containers lie inside one another: the next one is not opened"]


@pytest.mark.parametrize("magic", [b"PK\x03\x04", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"\x02\x21\x4c\x18"])
def test_a_container_that_is_not_opened_is_never_taken_for_read(magic: bytes) -> None:
    inner, (gap,) = opened(magic + bytes(100))
    assert not inner
    assert "not opened" in gap.reason
    assert not gap.harmless


@given(st.sampled_from(list(HOWS)), st.data())
@settings(max_examples=150, deadline=None)
def test_whatever_happens_to_the_bytes_nothing_is_raised(how: str, draw: st.DataObject) -> None:
    data = bytearray(HOWS[how](b"0123456789" * 300))
    for _ in range(draw.draw(st.integers(1, 5))):
        data[draw.draw(st.integers(6, len(data) - 1))] = draw.draw(st.integers(0, 255))
    inner, gaps = opened(bytes(data), UnpackLimits(unpacked=1 << 20))
    assert gaps or inner[0][1]
