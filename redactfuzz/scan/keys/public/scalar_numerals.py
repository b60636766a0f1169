"""Private scalars of known public points as numbers in text: hexadecimal without its leading zeros, and decimal.

Hexadecimal of full length is bytes in a view; what drops zeros (``%x``, ``hex``, ``BigInteger.toString``) is no
bytes where its digits are odd in number.
"""

from __future__ import annotations

import string
from collections.abc import Iterator, Sequence

import attrs

from redactfuzz._core._engine import ffi
from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys import candidates
from redactfuzz.scan.keys.detector import Findings
from redactfuzz.scan.keys.known import KnownKeys
from redactfuzz.scan.keys.public import scalars
from redactfuzz.scan.keys.public.curves import CURVES, Curve, Point
from redactfuzz.scan.keys.public.dense import Stretches

_ZEROS = 32
"""Bits that a scalar is shorter than its field, at most: one in 2^32 has more."""
_DECIMAL = 3.3219280948873626
"""Bits of a decimal digit."""
_MOST = 1 << 20
"""Numbers that are tried for one curve: each takes some ten microseconds."""
_TOO_MANY = "not all numbers in text were tried as the private scalar of a public key: they are too many"


@attrs.frozen
class ScalarNumerals:
    """Numbers in text whose multiple of the base point is a known point: no false reports. For keys that were given."""

    name: str = "ec-text"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each public key and notation."""
        findings = Findings(self.name, image)
        for kind, curve in CURVES.items():
            points = [point for point in known.points if point.kind == kind and point.asked]
            numbers = list(_numbers(image, curve, findings)) if points else []
            for notation, offset, length, point in _matching(numbers, points, curve):
                what = f"private key of {point.name} ({kind}), {notation}"
                findings.add(what, point.identity, Severity.TOTAL, scalars.REASON, offset, length)
        return findings


_Number = tuple[str, int, int, int]
"""(notation, offset, length, value)."""


def _numbers(image: Image, curve: Curve, findings: Findings) -> Iterator[_Number]:
    """Of a length that a scalar of the curve may have."""
    bits = curve.p.bit_length()
    shortest, longest = (bits - _ZEROS) // 4, int(bits / _DECIMAL) + 1
    count = 0
    for offset, length in candidates.runs(image.data, string.hexdigits.encode(), shortest, longest):
        text = image.data[offset : offset + length]
        values = [("hexadecimal", int(text, 16))] if -(-bits // 4) >= length != 2 * curve.scalar_bytes else []
        values += [("decimal", int(text))] if text.isdigit() and length >= (bits - _ZEROS) / _DECIMAL else []
        for notation, value in values:
            if value.bit_length() <= 8 * curve.scalar_bytes:
                count += 1
                if count > _MOST:
                    findings.gap(_TOO_MANY, offset)
                    return
                yield notation, offset, length, value


def _matching(
    numbers: Sequence[_Number], points: Sequence[Point], curve: Curve
) -> Iterator[tuple[str, int, int, Point]]:
    """The numbers, written one after the other as bytes, among which the core looks for the points."""
    if not numbers:
        return
    size = curve.scalar_bytes
    image = Image("numbers", b"".join(value.to_bytes(size, "big") for *_, value in numbers))
    stretches = Stretches(ffi.new("rf_place[]", [(0, image.size)]), 1)
    for at, point in scalars.among(image, stretches, points, scalars.BYTES, size, len(numbers)):
        notation, offset, length, _ = numbers[at // size]
        yield notation, offset, length, point
