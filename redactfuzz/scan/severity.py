"""How much of a secret the fragments in a dump give away, taken together.

RSA: one whole private number, or half of a prime in one piece (Coppersmith, Small Solutions to Polynomial Equations,
1997), or the low quarter of d (Boneh, Durfee, Frankel 1998, for a small e), give all of the key. So do scattered bits
of enough of the numbers together (Heninger and Shacham, Reconstructing RSA Private Keys from Random Key Bits, 2009).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import attrs

from redactfuzz.model.exposure import Severity

_TOTAL, _HIGH, _MEDIUM = 64.0, 80.0, 112.0
"""Bits left to guess: in reach of one machine, of an organisation, below every current recommendation (SP 800-57)."""

_RSA_PARTS = ("p", "q", "d", "dp", "dq")
_SCATTERED = ((("p", "q", "d", "dp", "dq"), 0.27), (("p", "q", "d"), 0.42), (("p", "q"), 0.57))
"""Heninger and Shacham: the share of the bits of these numbers that suffices."""


@attrs.frozen
class KnownPart:
    """A stretch of one part of a secret, most significant byte first: from ``start`` to before ``end`` of ``size``."""

    part: str
    start: float
    end: float
    size: float


@attrs.frozen
class Judgement:
    """Severity, why, and the bits that are known by the union of all fragments."""

    severity: Severity
    reason: str
    known: float


def union(stretches: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Stretches that touch or overlap made one, in order."""
    merged: list[tuple[float, float]] = []
    for start, end in sorted(stretches):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def judge(known: Sequence[KnownPart], entropy: float, most: float) -> Judgement:
    """A secret without parts: by what is left to guess. ``most`` are the bits of the largest single fragment."""
    # As shares of each form: a stretch of hexadecimal counts twice the bytes of the secret.
    share = sum(end - start for start, end in union((one.start / one.size, one.end / one.size) for one in known))
    bits = min(entropy, max(share * entropy, most))
    left = entropy - bits
    if left <= 0.5:
        return Judgement(Severity.TOTAL, "the whole secret is there", bits)
    why = f"{left:.0f} of {entropy:.0f} bits are left to guess"
    return Judgement(by_remaining(left), why, bits)


def by_remaining(bits: float) -> Severity:
    """Severity by the bits that are left to guess."""
    if bits <= _TOTAL:
        return Severity.TOTAL
    if bits <= _HIGH:
        return Severity.HIGH
    return Severity.MEDIUM if bits <= _MEDIUM else Severity.LOW


def judge_rsa(known: Sequence[KnownPart], entropy: float) -> Judgement:
    """An RSA private key, by its parts (``p q d dp dq``); what is known of ``qinv`` adds nothing."""
    pieces = {
        part: union((one.start / one.size, one.end / one.size) for one in known if one.part == part)
        for part in _RSA_PARTS
    }
    shares = {part: sum(end - start for start, end in merged) for part, merged in pieces.items()}
    bits = min(entropy, max((shares[part] * _weight(part) for part in _RSA_PARTS), default=0.0) * entropy)
    for part, merged in pieces.items():
        if any(end - start > 0.999 for start, end in merged):
            return Judgement(Severity.TOTAL, f"all of {part} is there, from which the rest of the key follows", entropy)
        if part in "pq" and any(end - start >= 0.5 and (start < 0.001 or end > 0.999) for start, end in merged):
            return Judgement(Severity.TOTAL, f"half of {part} is there in one piece (Coppersmith)", entropy)
        if part == "d" and any(end > 0.999 and end - start >= 0.25 for start, end in merged):
            return Judgement(Severity.TOTAL, "the low quarter of d is there (Boneh, Durfee, Frankel)", entropy)
    for parts, needed in _SCATTERED:
        # The tree of candidates grows by the product of 2 - share (their section 4): with equal shares, by the share.
        if math.prod(2 - shares[part] for part in parts) <= (2 - needed) ** len(parts):
            share = sum(shares[part] * _weight(part) for part in parts) / sum(_weight(part) for part in parts)
            why = f"{share:.0%} of the bits of {', '.join(parts)} are there (Heninger, Shacham)"
            return Judgement(Severity.TOTAL, why, entropy)
    return Judgement(Severity.LOW, "a part of the key is there, of which no attack on the rest is known", bits)


def _weight(part: str) -> float:
    """Length in modulus lengths."""
    return 1.0 if part == "d" else 0.5
