"""Bytes that lie apart in slots of memory: an integer each in OCaml, V8, Lua, PHP, an array of long or
of floating point, a list of Erlang; four a vector register.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

import attrs

from redactfuzz._core._engine import ffi, lib
from redactfuzz.dumps.readers.image import Image, View

_STEP = 16 << 20
_AT_ONCE = 1024
_LONGEST = 1 << 14
"""Bytes of one view; a longer run is several, which overlap."""
_OVERLAP = 1 << 12
_HALF = 4
"""Bytes of a slot of 8."""


@attrs.frozen
class _Slots:
    """A kind of slot of the search in C; ``narrowed`` gives what slots one behind the other hold."""

    kind: int
    what: str
    width: int
    narrowed: Callable[[bytes], bytes]
    keep: int = 1
    """Bytes of each slot that count."""


def _tagged(data: bytes) -> bytes:
    """Of slots of 8 bytes that are twice the byte and one more; nothing where many are not. Zeros may stand behind."""
    pairs = [*zip(data[::8], data[1::8], strict=False)]
    odd = sum(low & 1 for low, _ in pairs)
    return bytes((low >> 1) | (high << 7) & 0x80 for low, high in pairs) if 4 * odd >= 3 * len(pairs) else b""


def _doubled(data: bytes) -> bytes:
    return bytes((low >> 1) | (high << 7) & 0x80 for low, high in zip(data[::4], data[1::4], strict=False))


def _of_lists(data: bytes) -> bytes:
    return bytes((low >> 4) | (high << 4) & 0xF0 for low, high in zip(data[::16], data[1::16], strict=False))


def _floating(letter: str, width: int) -> Callable[[bytes], bytes]:
    """Of numbers without a fraction; 0 for others."""

    def narrowed(data: bytes) -> bytes:
        count = len(data) // width
        numbers = struct.unpack(f"<{count}{letter}", data[: count * width])
        return bytes(int(one) if one.is_integer() and 0 <= one < 256 else 0 for one in numbers)

    return narrowed


_KINDS = (
    _Slots(lib.RF_SLOT_8, "slots of 8 bytes", 8, lambda data: data[::8]),
    _Slots(lib.RF_SLOT_8, "slots of 8 bytes, tagged", 8, _tagged),
    _Slots(lib.RF_SLOT_8_BIG, "slots of 8 bytes, big-endian", 8, lambda data: data[7::8]),
    _Slots(lib.RF_SLOT_16, "slots of 16 bytes", 16, lambda data: data[::16]),
    _Slots(lib.RF_SLOT_CONS, "cells of 16 bytes, of a list of Erlang", 16, _of_lists),
    _Slots(lib.RF_SLOT_4, "slots of 4 bytes, doubled", 4, _doubled),
    _Slots(lib.RF_SLOT_F64, "floating point of 8 bytes", 8, _floating("d", 8)),
    _Slots(lib.RF_SLOT_F32, "floating point of 4 bytes", 4, _floating("f", 4)),
    _Slots(
        lib.RF_SLOT_VECTOR,
        "4 bytes in each 16",
        16,
        lambda data: b"".join(data[at : at + 4] for at in range(0, len(data), 16)),
        keep=4,
    ),
)


def slots(image: Image) -> Iterator[View]:
    """Each run of slots that hold little, narrowed to what they hold."""
    passed, runs = ffi.new("rf_slots *"), ffi.new("rf_slot_run[]", _AT_ONCE)
    data = ffi.from_buffer("uint8_t[]", image.data)
    for start, stop in image.steps(_STEP):
        while passed.at < stop:
            count = lib.rf_slots_find(passed, data, image.size, start, stop, runs, _AT_ONCE)
            for kind, first, last in [(one.kind, one.start, one.end) for one in runs[0:count]]:
                yield from _views(image, kind, first, last)
        image.release(start, stop)


def _views(image: Image, kind: int, first: int, last: int) -> Iterator[View]:
    for each in _KINDS:
        if each.kind != kind:
            continue
        size = _LONGEST // each.keep * each.width
        for start in range(first, last, size):
            piece = (start, min(last + _beyond(image, kind, last), start + size + _OVERLAP // each.keep * each.width))
            if narrowed := each.narrowed(image.data[piece[0] : piece[1]]):
                yield View(each.what, (piece,), narrowed)


def _beyond(image: Image, kind: int, last: int) -> int:
    """Half of one more slot, behind the last: small integers in the upper half of 8 bytes begin in the midst."""
    if kind != lib.RF_SLOT_8:
        return 0
    around = image.data[last - _HALF : last + _HALF]
    return _HALF if around.count(0) == 2 * _HALF - 1 and around[_HALF] else 0
