"""Which private number of an RSA key a number is, by its public key alone."""

from __future__ import annotations

import math

from redactfuzz.scan.keys.known import Modulus

_MOST_COMMON = 1 << 16
"""What p - 1 and q - 1 have in common, at most: more has hardly any key."""
_SHORTER = 16 + 32
"""Bits that a number may be shorter than its modulus: by what they have in common, and by chance."""
CRT_EXPONENT = "CRT exponent (dp or dq)"
"""Which of the two it is depends on which prime is called p."""


def part_of(modulus: Modulus, number: int) -> str | None:
    """``prime factor``, ``private exponent d``, ``phi``; None when it is none of them."""
    n, e = modulus.n, modulus.e
    if not 1 < number < n:
        return None
    if n % number == 0:
        return "prime factor"
    if number.bit_length() < modulus.bits - _SHORTER:
        return None
    if totient(n, number) is not None:
        return "phi"
    return "private exponent d" if _is_exponent(modulus, e * number - 1) else None


def crt_exponent(modulus: Modulus, number: int) -> bool:
    """Whether it is dp or dq: a^(e dp - 1) is 1 modulo p, and not modulo q (Fermat). Takes hundredths of a second."""
    power = pow(2, modulus.e * number - 1, modulus.n) - 1
    return power % modulus.n != 0 and shares_prime(power, modulus.n)


def shares_prime(number: int, n: int) -> bool:
    """Whether it is divisible by a prime of the key, and not just by a small one of an n that is nobody's."""
    return math.gcd(number, n) >> n.bit_length() // 4 > 0


def totient(n: int, number: int) -> int | None:
    """p + q, where a number is (p - 1)(q - 1) or a small part of it."""
    times, rest = divmod(n, number)
    total = rest + 1
    if times > _MOST_COMMON or total >> n.bit_length() // 2 + 16:
        return None
    return total if _is_square(total * total - 4 * n) else None


def _is_exponent(modulus: Modulus, multiple: int) -> bool:
    """Whether e d - 1 is phi times k, or that by what p - 1 and q - 1 have in common."""
    n = modulus.n
    times = _nearest(multiple % n, n, 1 << modulus.prime_bits + 64)
    phi, rest = divmod(times * multiple, times * multiple // n + 1)
    return times > 0 and not rest and totient(n, phi) is not None


def _nearest(number: int, n: int, bound: int) -> int:
    """The small multiple of ``number`` that is a multiple of n but for less than ``bound``; 0 where there is none.

    phi is nearly n, so that e d - 1 is nearly a fraction of it. One so near is met by Euclid's algorithm (Hardy and
    Wright, theorem 184).
    """
    larger, smaller, before, times = n, number, 0, 1
    while times <= _MOST_COMMON:
        if smaller < bound:
            return times
        quotient, rest = divmod(larger, smaller)
        larger, smaller = smaller, rest
        before, times = times, quotient * times + before
    return 0


def _is_square(number: int) -> bool:
    return number >= 0 and math.isqrt(number) ** 2 == number
