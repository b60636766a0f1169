"""Which numbers of an RSA key agree, also where some of them are missing or damaged: any relation proves the key.

No relation holds by chance: each is a division of numbers of hundreds of bits without a rest.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from redactfuzz.scan.keys.effort import affords, left_out

_LEAST, _MOST = 256, 16384
"""Bits of a modulus."""
_LEAST_PRIME = 64
_SMALL = 1 << 12
"""Divisors are looked for up to here; each has a cofactor, which is a divisor as well."""
_MULTIPLES, _COMMON = 1 << 16, 64
"""So many multiples of an exponent are tried; and what two primes less one may have in common."""
_SHORTER, _DAMAGED = 32, 4
"""Bits by which one prime may be shorter than the other; and a part of the bits of a modulus that may be damaged."""
_TRIES = 1 << 35
"""What they may cost of one key: so many for a modulus of 2,048 bits, of which each has; fewer for a longer one."""


def proved(n: int, e: int, d: int, p: int = 0, q: int = 0) -> int:
    """The modulus of which some of these numbers are the private ones; 0 where none is shown to be. 0: is missing."""
    for prime in (p, q):
        if _LEAST <= n.bit_length() <= _MOST and _LEAST_PRIME < prime.bit_length() < n.bit_length() and n % prime == 0:
            return n
    if not 1 < e < d or e >> 64 or d.bit_length() > _MOST:
        return 0
    primes = [one for one in (p, q) if one.bit_length() >= _LEAST // 2 and e * d % (one - 1) == 1]
    if primes:
        return math.prod(primes) if len(primes) > 1 else primes[0] * (_other(primes[0], e, d, n) or 1)
    return n if _LEAST <= n.bit_length() <= _MOST and factored(n, e, d) else 0


def _other(p: int, e: int, d: int, n: int) -> int:
    """The other prime of which e and d are as well; 0 where none is told, as in a key of three primes.

    e and d fit several numbers. It is the one that has a product like the damaged modulus, or is as long as p.
    """
    for near in (n, 0) if n else (0,):
        for q in _multiples(p, e, d, near):
            if n and (p * q ^ n).bit_count() <= n.bit_length() // _DAMAGED:
                return q
            if not n and q.bit_length() == p.bit_length() and pow(2, q - 1, q) == 1:
                return q
    return 0


def _multiples(p: int, e: int, d: int, near: int) -> Iterator[int]:
    """Numbers q with (q-1) k = (e d - 1) g / (p-1): k is less than e, and g is what p-1 and q-1 have in common.

    ``near`` is about p q, of which the first bits tell k; 0 where it is not known.
    """
    multiple = (e * d - 1) // (p - 1)
    for times in (1, *range(2, _COMMON if near else max(3, min(_COMMON, _MULTIPLES // e)), 2)):
        about = times * e * d // near if near else 0
        tried = (about, about + 1) if near else range(1, min(e, _MULTIPLES) + 1)
        if not affords(len(tried) * multiple.bit_length() << 6):
            return
        for k in tried:
            before, rest = divmod(times * multiple, k or 1)
            if not rest and abs(before.bit_length() - p.bit_length()) <= _SHORTER:
                yield before + 1


def factored(n: int, e: int, d: int) -> bool:
    """Whether e and d give the primes of n: e d - 1 is a multiple of (p-1)(q-1), or of a part of it.

    What is left out of it divides what p-1 and q-1 have in common, and that divides n - 1 and e d - 1.
    """
    multiple = e * d - 1
    both = math.gcd(n - 1, multiple)
    small = [one for one in range(1, min(both, _SMALL) + 1) if both % one == 0]
    cost = n.bit_length() ** 2
    for tried, times in enumerate(dict.fromkeys((*small, *(both // one for one in small))), 1):
        if tried * cost > _TRIES:
            left_out()
            return False
        if not affords(cost):
            return False
        phi, rest = divmod(times * multiple, times * multiple // n + 1)
        total = n + 1 - phi  # p + q
        square = total * total - 4 * n
        if not rest and square >= 0 and math.isqrt(square) ** 2 == square:
            p = (total + math.isqrt(square)) // 2
            return bool(1 < p < n and n % p == 0)
    return False
