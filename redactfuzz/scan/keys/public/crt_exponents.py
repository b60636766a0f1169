"""The CRT exponents dp and dq of known moduli, in memory: limbs, bytes and digits."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Sequence

import attrs

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys.detector import Findings
from redactfuzz.scan.keys.known import KnownKeys, Modulus
from redactfuzz.scan.keys.machine import aligned
from redactfuzz.scan.keys.public.dense import Stretches, dense
from redactfuzz.scan.keys.public.digits import Digits, Row
from redactfuzz.scan.keys.public.parts import CRT_EXPONENT, crt_exponent, shares_prime
from redactfuzz.scan.keys.public.powers import LARGEST, Powers
from redactfuzz.scan.keys.public.primes import sizes_of

_MOST = 1 << 34
"""Products of two limbs for one form in a window of an image, for keys in equal parts: 2 million windows of RSA-2048,
which take half a minute."""
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
_TOO_MANY = "not all bytes that look random were tried as dp or dq of each public key: they, or the keys, are too many"


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
        searches = _searches(moduli)
        left = {(modulus, form): _MOST // len(moduli) for modulus in moduli for form in FORMS}
        shortest = min(modulus.prime_bits for modulus in moduli) // 8
        for forms, drawn in ((BYTES, shortest), (FORMS[len(BYTES) :], None)):  # of digits some bytes are few
            for stretches in dense(image, shortest, drawn=drawn):
                rows = {form: list(_rows(image, stretches, form, searches)) for form in forms}
                met: set[tuple[_Key, int]] = set()
                for search in searches:  # one after the other, so that tables are made once
                    if search.form in forms:
                        left[search.key] = search.look(image, rows[search.form], left[search.key], findings, met)
        return findings


_Key = tuple[Modulus, Digits]


def _rows(image: Image, stretches: Stretches, form: Digits, searches: Sequence[_Search]) -> Iterator[Row]:
    """The shortest stretches come first: it is there that keys lie."""
    least = min(search.powers.count for search in searches if search.form == form)
    for offset, length in sorted(stretches, key=lambda stretch: stretch[1]):
        yield from form.rows(image, offset, offset + length, least, aligned(image, form.step))


@attrs.frozen
class _Search:
    """For the CRT exponents of primes of one size, in one form."""

    modulus: Modulus
    form: Digits
    powers: Powers

    @property
    def key(self) -> _Key:
        """What it shares with searches for primes of other sizes."""
        return self.modulus, self.form

    @property
    def size(self) -> int:
        """Bytes of a number."""
        return self.powers.count * self.form.width

    def look(self, image: Image, rows: Sequence[Row], left: int, findings: Findings, met: set[tuple[_Key, int]]) -> int:
        """Adds what lies in these rows, and was not met in another size. Returns what is left of the work."""
        what = f"{CRT_EXPONENT} of {self.modulus.name} (RSA-{self.modulus.bits}), {self.form.name}"
        powers = self.powers.suited(sum(row.count for row in rows))
        for part in itertools.chain.from_iterable(self.parts(row, powers) for row in rows):
            left -= powers.cost(part.count)
            if left < 0:
                findings.gap(_TOO_MANY, part.offset)
                break
            for offset in self.hits(image, part, powers):
                if (self.key, offset) in met:  # zeros behind it make a longer number of it
                    continue
                met.add((self.key, offset))
                findings.add(what, self.modulus.identity, Severity.TOTAL, _REASON, offset, self.size)
        return left

    def parts(self, row: Row, powers: Powers) -> Iterator[Row]:
        """Of a row those that have each window once, and are no longer than a table has places for."""
        count, places = powers.count, powers.places
        for start in range(0, row.count - count + 1, places - count + 1):
            yield Row(row.offset + start * self.form.width, min(places, row.count - start))

    def hits(self, image: Image, row: Row, powers: Powers) -> Iterator[int]:
        """Where in such a part the number lies."""
        ends, count = powers.ends(image, row, down=self.form.down), powers.count
        for last in range(count, len(ends)):
            if not shares_prime(ends[last] - ends[last - count], self.modulus.n):
                continue
            offset = row.offset + (last - count if self.form.down else row.count - last) * self.form.width
            if crt_exponent(self.modulus, self.form.number(image.data[offset : offset + self.size])):
                yield offset


@functools.lru_cache(1)
def _searches(moduli: tuple[Modulus, ...]) -> tuple[_Search, ...]:
    """Those that have a table in common beside one another.

    Primes of unequal size are python-rsa's, which has digits of CPython: in digits they cost next to nothing.
    """
    found: dict[_Search, None] = {}
    for modulus in moduli:
        for form in FORMS:
            for sizes in sizes_of(modulus):
                if form not in BYTES or sizes.prime == sizes.other:
                    count = -(-sizes.prime // form.bits)
                    found[_Search(modulus, form, Powers(modulus.n, modulus.e, count, form.bits, form.width))] = None
    return tuple(found)
