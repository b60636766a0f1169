"""Places in an image at which a written key may begin. The passes over the bytes are in C; memory is bounded."""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Sequence
from typing import Any

from redactfuzz._core._engine import ffi, lib

_AT_ONCE = 1024


def literals(data: bytes | mmap.mmap, wanted: Sequence[bytes], wide: bool = True) -> Iterator[tuple[int, int, int]]:
    """(offset, index into `wanted`, bytes of a character) of each literal, in ASCII and, if `wide`, in UTF-16-LE.

    A literal has 3 to 12 bytes (24 if not `wide`); of two that begin alike, only the first in the list is reported.
    """
    forms = [(index, 1, literal) for index, literal in enumerate(wanted)]
    if wide:
        forms += [(index, 2, literal.decode("ascii").encode("utf-16-le")) for index, literal in enumerate(wanted)]
    core = ffi.new("rf_literals *")
    if len(forms) > lib.RF_LITERALS or not all(3 <= len(form[2]) <= lib.RF_LITERAL_BYTES for form in forms):
        raise ValueError(f"at most {lib.RF_LITERALS} literals of 3 to {lib.RF_LITERAL_BYTES} bytes")
    core.count = len(forms)
    for index, (_, _, literal) in enumerate(forms):
        core.sizes[index] = len(literal)
        core.bytes[index][0 : len(literal)] = list(literal)
    for offset, index in _places(data, lambda *rest: lib.rf_find_literals(core, *rest)):
        yield offset, forms[index][0], forms[index][1]


def runs(data: bytes | mmap.mmap, alphabet: bytes, shortest: int, longest: int) -> Iterator[tuple[int, int]]:
    """(offset, length) of each maximal run of `shortest` to `longest` characters of an alphabet."""
    flags = bytes(byte in alphabet for byte in range(256))
    size = len(data)
    yield from _places(data, lambda view, _, *rest: lib.rf_find_runs(flags, view, size, shortest, longest, *rest))


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
