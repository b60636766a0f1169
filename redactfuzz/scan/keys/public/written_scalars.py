"""Private scalars of known points as text: what ``hex(d)``, ``%x`` and ``str(d)`` print, without the zeros before."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

import attrs

from redactfuzz._core._engine import ffi, lib
from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys.detector import Findings
from redactfuzz.scan.keys.known import KnownKeys
from redactfuzz.scan.keys.public.curves import Point
from redactfuzz.scan.keys.public.dense import Stretches
from redactfuzz.scan.keys.public.scalars import REASON, SHAPES, multiples
from redactfuzz.scan.keys.public.written_numbers import Written, numbers

_AT_ONCE = 4096
_DROPPED = 32
"""Bits at the head that may be zero: of 4 billion keys one has more."""
_MOST = 1 << 25
"""Sums of points in an image for one kind and shape: seven seconds."""
_TOO_MANY = "not all numbers in text were tried as the private scalar of a public key: they are too many"
_IN_ORDER: tuple[Any, ...] = ("big", "little")


@attrs.frozen
class WrittenScalars:
    """Numbers in text whose multiple of the base point is a known point: no false reports. For keys that were given."""

    name: str = "ec-text"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each public key and notation."""
        findings = Findings(self.name, image)
        kinds = {kind: [one for one in known.points if one.kind == kind and one.asked] for kind in SHAPES}
        searches = [_Search(kind, points) for kind, points in kinds.items() if points]
        if not searches:
            return findings
        least, most = min(one.bits for one in searches) - _DROPPED, max(one.bits for one in searches)
        rest = numbers(image.data, least, most)
        while written := list(islice(rest, _AT_ONCE)):
            for search in searches:
                search.look(written, findings)
        return findings


class _Search:
    """For all points of one kind."""

    def __init__(self, kind: str, points: Sequence[Point]) -> None:
        self.bits = 8 * points[0].curve.scalar_bytes
        self._kind = kind
        self._points = points
        # The number itself is tried; of the kinds that are bytes and no numbers, so are those bytes.
        self._orders = _IN_ORDER if kind.endswith("25519") else _IN_ORDER[1:]
        self._shapes = [
            (shape, ffi.new("uint64_t *", _MOST)) for shape in SHAPES[kind] if shape.form == lib.RF_LITTLE_ENDIAN
        ]

    def look(self, written: Sequence[Written], findings: Findings) -> None:
        """Adds those of the numbers that are private keys."""
        size = self.bits // 8
        fitting = [one for one in written if -_DROPPED <= one.number.bit_length() - self.bits <= 0]
        tried = Image("", b"".join(one.number.to_bytes(size, order) for one in fitting for order in self._orders))
        stretches = Stretches(ffi.new("rf_place[]", [(0, tried.size)]), 1)
        for shape, budget in self._shapes:
            for offset, point in multiples(tried, stretches, self._points, shape, size, budget):
                one = fitting[offset // size // len(self._orders)]
                what = f"private key of {point.name} ({self._kind}), {one.notation}"
                findings.add(what, point.identity, Severity.TOTAL, REASON, one.offset, one.length)
            if fitting and not budget[0]:
                findings.gap(_TOO_MANY, fitting[0].offset)
