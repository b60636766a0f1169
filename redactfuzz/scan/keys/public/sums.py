"""Private scalars among windows that overlap, by running sums of points: ``curves/sums.h`` says how."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from typing import Any

from redactfuzz._core._engine import ffi, lib
from redactfuzz._core.owning import owning
from redactfuzz.dumps.readers.image import Image
from redactfuzz.scan.keys.public.curves import CURVES, Curve, Point
from redactfuzz.scan.keys.public.dense import Stretches

_PLACES = (64, 128, int(lib.RF_SUMS_PLACES))
"""Bytes of a row, at most: the longest that is of use. The more, the longer takes the table, and the fewer bytes are
gone through twice."""
WORD = 4
_INVERSION = 60
"""Sums of points that it costs: each doubling of public points has one."""
_FOLLOWED = 32
"""Sets of public points whose multiples are kept."""
DIGITS = (lib.RF_DIGITS_30, lib.RF_DIGITS_60)
"""Forms in which sums do not find them."""
MODES = (lib.RF_SCALAR_PLAIN, lib.RF_SCALAR_CLAMPED)


@functools.cache
def prepared(name: str, places: int = 0) -> Any:
    """``rf_curve`` in memory of C, with a table of so many powers of 256, which takes up to a quarter of a second."""
    curve = CURVES[name]
    places = max(places, curve.scalar_bytes)
    table = ffi.new("uint64_t[]", places * lib.RF_CURVE_DIGITS * 2 * curve.limbs)
    sizes = {"limbs": curve.limbs, "scalar_bytes": curve.scalar_bytes, "places": places}
    core = owning(ffi.new("rf_curve *", {**sizes, "table": table}), table)
    for field, number in (("p", curve.p), ("a", curve.a), ("x", curve.x), ("y", curve.y)):
        getattr(core, field)[0 : curve.limbs] = limbs_of(number, curve.limbs)
    if not lib.rf_curve_prepare(core):
        raise ValueError(f"{curve.name}: a field of {curve.limbs} limbs has no room")
    return core


def limbs_of(number: int, count: int) -> list[int]:
    """A number in words of 64 bits, from the lowest."""
    return [number >> 64 * index & (1 << 64) - 1 for index in range(count)]


def suits(curve: Curve, mode: int, form: int) -> bool:
    """Whether sums find its scalars, and cost less than each window for itself.

    Of windows of P-521 hardly one of a hundred may be a scalar.
    """
    return mode in MODES and form not in DIGITS and curve.scalar_bytes % WORD == 0


def in_sums(
    image: Image, stretches: Stretches, points: Sequence[Point], mode: int, form: int, step: int, budget: Any
) -> Iterator[tuple[int, Point]]:
    """(offset, public key) of each private one in some stretches, at multiples of ``step``.

    The budget, sums of points, is used up by and by.
    """
    curve, longest = points[0].curve, max((length for _, length in stretches), default=0)
    places = next((one for one in _PLACES if one >= longest), _PLACES[-1])
    core, (targets, followed) = prepared(curve.name, places), _followed(curve.name, places, tuple(points))
    budget[0] -= min(budget[0], 8 * places * (_INVERSION + len(points)))
    if not followed:
        return
    room, ring = ffi.new("rf_sums_room *"), ffi.new("uint64_t[]", lib.rf_sums_ring(core))
    kinds = {"count": len(followed), "mode": mode, "form": form}
    sums = ffi.new("rf_sums *", {"curve": core, "targets": targets, "ring": ring, "room": room, **kinds})
    hits = ffi.new("rf_prime_hit[]", lib.RF_SUMS_ROWS * lib.RF_SUMS_PLACES)
    # What lies in words is read as words: at other places they are others.
    every = max(step, int(lib.rf_form_word(form)))
    for phase in range(0, every, step):
        cursor = ffi.new("rf_cursor *")
        while cursor.stretch < stretches.count and budget[0]:
            with ffi.from_buffer("uint8_t[]", image.data) as data:
                found = lib.rf_find_in_sums(
                    *(sums, data, stretches.places, stretches.count, every, phase, cursor, budget, hits)
                )
            yield from [(int(hits[at].offset), followed[hits[at].index]) for at in range(found)]


@functools.lru_cache(_FOLLOWED)
def _followed(name: str, places: int, points: tuple[Point, ...]) -> tuple[Any, tuple[Point, ...]]:
    """The multiples of public points by powers of 256. A number that is the x of no point has no scalar."""
    curve = CURVES[name]
    followed = tuple(point for point in points if curve.y_of(point.x) is not None)
    numbers = [number for point in followed for number in (point.x, curve.y_of(point.x) or 0)]
    words = ffi.new("uint64_t[]", [limb for number in numbers for limb in limbs_of(number, curve.limbs)])
    targets = ffi.new("uint64_t[]", places * len(followed) * curve.limbs)
    lib.rf_follow_points(prepared(name, places), words, len(followed), targets)
    return targets, followed
