"""The CRT exponents dp and dq of known moduli, in memory: limbs, bytes and digits."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Sequence

import attrs

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys.detector import Findings, aligned
from redactfuzz.scan.keys.known import KnownKeys, Modulus
from redactfuzz.scan.keys.primes import sizes_of
from redactfuzz.scan.keys.public.dense import dense
from redactfuzz.scan.keys.public.digits import Digits, Row
from redactfuzz.scan.keys.public.parts import CRT_EXPONENT, crt_exponent
from redactfuzz.scan.keys.public.powers import LARGEST, Powers

_MOST = 1 << 34
"""Products of two limbs for one form in a window of an image: 2 million windows of RSA-2048, half a minute."""
BYTES = (Digits("little-endian limbs", 8, 1), Digits("big-endian bytes", 8, 1, down=True))
FORMS = (
    *BYTES,
    Digits("26-bit digits", 26, 4),
    Digits("28-bit digits", 28, 4),
    Digits("CPython's 30-bit digits", 30, 4),
    Digits("51-bit digits", 51, 8),
    Digits("52-bit digits", 52, 8),
    Digits("60-bit digits", 60, 8),
)
_REASON = "with the public key, the primes follow from it: that was computed"
_TOO_MANY = "not all bytes that look random were tried as dp or dq of a public key: they are too many"


@attrs.frozen
class CrtExponents:
    """Windows as long as a prime that give a factor of a modulus: no false reports. Only for keys that were given."""

    name: str = "rsa-crt"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each modulus and form."""
        findings = Findings(self.name, image)
        moduli = tuple(modulus for modulus in known.asked if modulus.bits <= LARGEST)
        if not moduli:
            return findings
        left = dict.fromkeys(FORMS, _MOST)
        for stretches in dense(image, min(modulus.prime_bits for modulus in moduli) // 8):
            # The shortest come first: it is there that keys lie.
            for offset, length in sorted(stretches, key=lambda stretch: stretch[1]):
                for form, searches in _by_form(moduli):
                    least, step = searches[0].powers.count, aligned(image, form.step)
                    for row in form.rows(image, offset, offset + length, least, step):
                        left[form] = _look(image, row, searches, left[form], findings)
        return findings


@attrs.frozen
class _Search:
    """For the CRT exponents of primes of one size, in one form."""

    modulus: Modulus
    form: Digits
    powers: Powers

    @property
    def size(self) -> int:
        """Bytes of a number."""
        return self.powers.count * self.form.width

    def parts(self, row: Row) -> Iterator[Row]:
        """Of a row those that have each window once, and are no longer than a table has places for."""
        count, places = self.powers.count, self.powers.places
        for start in range(0, row.count - count + 1, places - count + 1):
            yield Row(row.offset + start * self.form.width, min(places, row.count - start))

    def hits(self, image: Image, row: Row) -> Iterator[int]:
        """Where in such a part the number lies."""
        ends, count = self.powers.ends(image, row, down=self.form.down), self.powers.count
        for last in range(count, len(ends)):
            if math.gcd(ends[last] - ends[last - count], self.modulus.n) == 1:
                continue
            offset = row.offset + (last - count if self.form.down else row.count - last) * self.form.width
            if crt_exponent(self.modulus, self.form.number(image.data[offset : offset + self.size])):
                yield offset


@functools.lru_cache(1)
def _by_form(moduli: tuple[Modulus, ...]) -> tuple[tuple[Digits, list[_Search]], ...]:
    """For the shortest numbers first."""
    every = {form: [one for modulus in moduli for one in _searches(modulus, form)] for form in FORMS}
    return tuple((form, sorted(searches, key=lambda one: one.powers.count)) for form, searches in every.items())


def _searches(modulus: Modulus, form: Digits) -> Iterator[_Search]:
    """Primes of unequal size are python-rsa's, which has digits of CPython: in digits they cost next to nothing."""
    sizes = [its.prime for its in sizes_of(modulus) if form not in BYTES or its.prime == its.other]
    for count in dict.fromkeys(-(-bits // form.bits) for bits in sizes):
        yield _Search(modulus, form, Powers(modulus.n, modulus.e, count, form.bits, form.width))


def _look(image: Image, row: Row, searches: Sequence[_Search], left: int, findings: Findings) -> int:
    """Adds what lies in a row. Returns what is left of the products that may be made."""
    met: dict[tuple[int, Modulus], _Search] = {}
    for search in searches:
        for part in search.parts(row):
            left -= search.powers.cost(part.count)
            if left < 0:
                findings.gap(_TOO_MANY, part.offset)
                break
            for offset in search.hits(image, part):
                met.setdefault((offset, search.modulus), search)  # with zeros behind it, it is met in two sizes
    for (offset, modulus), search in met.items():
        what = f"{CRT_EXPONENT} of {modulus.name} (RSA-{modulus.bits}), {search.form.name}"
        findings.add(what, modulus.identity, Severity.TOTAL, _REASON, offset, search.size)
    return left
