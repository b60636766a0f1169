"""Private scalars of known public points: what of an elliptic-curve key lies in memory in no format."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import attrs

from redactfuzz._core._engine import ffi, lib
from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys.detector import Findings
from redactfuzz.scan.keys.known import KnownKeys
from redactfuzz.scan.keys.machine import aligned, coarsely, machine_of
from redactfuzz.scan.keys.public.curves import Point
from redactfuzz.scan.keys.public.dense import Stretches, dense
from redactfuzz.scan.keys.public.sums import WORD, in_sums, limbs_of, prepared, suits

_CAPACITY = 1024
_MOST, _UNASKED = 1 << 26, 1 << 23
"""Sums of points in a window of an image for one kind and form, where each of its windows is multiplied by itself, and
where nobody has given a key: a quarter of a minute, or two seconds."""
_TOGETHER = 1 << 29
"""The same where windows are looked at together: more than there are."""
_ALONE, _FINER = 128, 1 << 22
"""Bytes of a stretch in which a key lies by itself, and sums at each offset of such stretches, where windows are not
looked at together: beyond what is promised, so that they cost no more than a second, and are no gap when they are
over."""
_FEW = 1 << 11
"""Windows for which the multiples of a public key, which sums need, cost more than sums save."""
_NOT_DRAWN = 4
"""Bytes of a scalar of P-521 that may be few: the highest two, and two of zeros where it lies in words."""
REASON = "the base point times it is the public key"
_TOO_MANY = "not all bytes that look random were tried as the private scalar of a public key: they are too many"


@attrs.frozen
class Shape:
    """How a private key lies in memory: the numbers of ``rf_scalar_mode`` and ``rf_number_form``, and its alignment."""

    mode: int
    form: int
    name: str
    step: int = 4
    finest: int = 8
    """Bytes: at multiples of them they may lie in what is read wholly."""
    orders: tuple[str, ...] = ("", "little", "big")
    """Of which files: ``Machine.order`` of them."""

    def drawn(self, size: int) -> int | None:
        """How many of the bytes of a scalar of so many are as good as random: see ``dense``."""
        if self.form in (lib.RF_DIGITS_30, lib.RF_DIGITS_60):
            return None
        return size - _NOT_DRAWN if size % WORD else size


_NOT_BIG, _LITTLE, _BIG = ("", "little"), ("little",), ("big",)
_HIGH_64 = Shape(lib.RF_SCALAR_PLAIN, lib.RF_HIGH_WORDS_64, "64-bit words, highest first", 8, orders=_LITTLE)
_SWAPPED_64 = Shape(lib.RF_SCALAR_PLAIN, lib.RF_SWAPPED_WORDS_64, "big-endian limbs, lowest first", 8, orders=_BIG)
_WORDS = (
    Shape(lib.RF_SCALAR_PLAIN, lib.RF_LITTLE_ENDIAN, "little-endian limbs", 8, orders=_NOT_BIG),
    _SWAPPED_64,
    Shape(lib.RF_SCALAR_PLAIN, lib.RF_BIG_ENDIAN, "big-endian bytes", finest=1),
    Shape(lib.RF_SCALAR_PLAIN, lib.RF_HIGH_WORDS_32, "32-bit words, highest first", orders=_NOT_BIG),
    _HIGH_64,
    Shape(lib.RF_SCALAR_PLAIN, lib.RF_SWAPPED_WORDS_32, "big-endian 32-bit words, lowest first", orders=_BIG),
    Shape(lib.RF_SCALAR_PLAIN, lib.RF_DIGITS_30, "CPython's 30-bit digits", orders=_NOT_BIG),
    Shape(lib.RF_SCALAR_PLAIN, lib.RF_DIGITS_60, "60-bit digits", 8, orders=_NOT_BIG),
)
_BYTES, _REVERSED = "little-endian bytes", "big-endian bytes"
_CLAMPED = Shape(lib.RF_SCALAR_CLAMPED, lib.RF_LITTLE_ENDIAN, _BYTES, finest=1)
_SEED = Shape(lib.RF_SCALAR_SEED, lib.RF_LITTLE_ENDIAN, "seed", finest=1)
SHAPES = {
    **dict.fromkeys(("P-256", "P-384"), _WORDS),
    # It fills no words of 64 bits: the highest has 55 zeros.
    "P-521": tuple(shape for shape in _WORDS if shape not in {_HIGH_64, _SWAPPED_64}),
    "secp256k1": _WORDS,
    # OpenPGP has it from the highest byte (RFC 9580 section 5.5.5.6.1.1).
    "X25519": (_CLAMPED, Shape(lib.RF_SCALAR_CLAMPED, lib.RF_BIG_ENDIAN, _REVERSED, finest=1)),
    # Libraries keep what was hashed modulo the order of the base point as well.
    "Ed25519": (_SEED, _CLAMPED, Shape(lib.RF_SCALAR_PLAIN, lib.RF_LITTLE_ENDIAN, f"{_BYTES}, reduced", finest=1)),
}
"""In which shapes the private key of each kind is looked for."""


@attrs.frozen
class Scalars:
    """Windows of bytes that look random whose multiple of the base point is a known point: no false reports.

    All points of a curve are looked for at once, for little more than the cost of one. Those of public keys that lie in
    the dump are looked for in the commonest shape, at multiples of 8 bytes, in short stretches that look random.
    """

    name: str = "ec-scalar"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each public key and shape."""
        findings = Findings(self.name, image)
        order = machine_of(image).order
        for kind, every in SHAPES.items():
            points = [point for point in known.points if point.kind == kind]
            shapes = [shape for shape in every if order in shape.orders]
            asked = any(point.asked for point in points)
            known_at: set[tuple[int, Point]] = set()
            for shape in (shapes if asked else shapes[:1]) if points else ():
                for offset, point in _found(image, points, shape, findings):
                    if (offset, point) in known_at:  # what was clamped is reduced as well, and some are both ways round
                        continue
                    known_at.add((offset, point))
                    what = f"private key of {point.name} ({kind}), {shape.name}"
                    size = point.curve.scalar_bytes
                    findings.add(what, point.identity, Severity.TOTAL, REASON, offset, size)
        return findings


def _found(image: Image, points: Sequence[Point], shape: Shape, findings: Findings) -> Iterator[tuple[int, Point]]:
    curve = points[0].curve
    asked, together = any(point.asked for point in points), suits(curve, shape.mode, shape.form)
    most = _UNASKED if not asked else _TOGETHER if together else _MOST
    budget, step = ffi.new("uint64_t *", most), aligned(image, shape.step) if asked else coarsely(image)
    spare, finest = ffi.new("uint64_t *", _FINER), min(step, shape.finest)
    if asked and together:  # at each offset they cost little more
        step = finest
    for stretches in dense(image, curve.scalar_bytes, drawn=shape.drawn(curve.scalar_bytes)):
        met = set(multiples(image, stretches if asked else stretches.islands(), points, shape, step, budget))
        if asked and finest < step and spare[0]:
            # An S-expression of Libgcrypt has a number wherever its text ends.
            met |= set(multiples(image, stretches.islands(_ALONE), points, shape, finest, spare))
        yield from sorted(met, key=lambda place: place[0])
        if not budget[0]:
            findings.gap(_TOO_MANY, next(iter(stretches))[0])
            return


def multiples(
    image: Image, stretches: Stretches, points: Sequence[Point], shape: Shape, step: int, budget: Any
) -> Iterator[tuple[int, Point]]:
    """(offset, public key) of each private one in some stretches. The budget, sums of points, is used up by and by."""
    curve = points[0].curve
    overlap = step < curve.scalar_bytes and suits(curve, shape.mode, shape.form)
    if not overlap or stretches.size < _FEW * step:
        yield from _one_by_one(image, stretches, points, shape, step, budget)
        return
    # Sums find a public key as well that differs from a multiple of the base point by what is of small order.
    found = [offset for offset, _ in in_sums(image, stretches, points, shape.mode, shape.form, step, budget)]
    alone = Stretches(ffi.new("rf_place[]", [(offset, curve.scalar_bytes) for offset in found]), len(found))
    yield from _one_by_one(image, alone, points, shape, 1, ffi.new("uint64_t *", curve.scalar_bytes * len(found)))


def _one_by_one(
    image: Image, stretches: Stretches, points: Sequence[Point], shape: Shape, step: int, budget: Any
) -> Iterator[tuple[int, Point]]:
    curve = points[0].curve
    wanted = ffi.new("uint64_t[]", [limb for point in points for limb in limbs_of(point.x, curve.limbs)])
    hits, cursor = ffi.new("rf_prime_hit[]", _CAPACITY), ffi.new("rf_cursor *")
    places = (stretches.places, stretches.count)
    while cursor.stretch < stretches.count and budget[0]:
        with ffi.from_buffer("uint8_t[]", image.data) as data:
            found = lib.rf_find_scalars(
                *(prepared(curve.name), shape.mode, shape.form, wanted, len(points), data),
                *(*places, step, cursor, budget, hits, _CAPACITY),
            )
        yield from [(int(hits[at].offset), points[hits[at].index]) for at in range(found)]
