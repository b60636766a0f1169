"""Places in an image at which a written key may begin, by its form. The passes are in C; memory is bounded."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from typing import Any

from redactfuzz._core._engine import ffi, lib

_AT_ONCE = 1024


def runs(data: bytes | mmap.mmap, alphabet: bytes, shortest: int, longest: int) -> Iterator[tuple[int, int]]:
    """(offset, length) of each maximal run of `shortest` to `longest` characters of an alphabet."""
    flags = bytes(byte in alphabet for byte in range(256))
    size = len(data)
    yield from _places(data, lambda view, _, *rest: lib.rf_find_runs(flags, view, size, shortest, longest, *rest))


def between_zeros(data: bytes | mmap.mmap, shortest: int) -> Iterator[tuple[int, int]]:
    """(offset, length) of each stretch of so many bytes and more, between which a view has zeros."""
    size = len(data)
    yield from _places(data, lambda view, _, *rest: lib.rf_find_stretches(view, size, shortest, *rest))


def headers(data: bytes | mmap.mmap) -> Iterator[tuple[int, int]]:
    """(offset, length) of what begins like the DER of a private key."""
    yield from _places(data, lib.rf_find_der)


def _places(data: bytes | mmap.mmap, search: Any) -> Iterator[tuple[int, int]]:
    places = ffi.new("rf_place[]", _AT_ONCE)
    start = ffi.new("size_t *", 0)
    while start[0] < len(data):
        with ffi.from_buffer("uint8_t[]", data) as view:
            count = search(view, len(data), start, places, _AT_ONCE)
        yield from [(places[index].offset, places[index].length) for index in range(count)]
