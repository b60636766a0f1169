"""Public keys that the user names, so that private parts of theirs are looked for: ``public/given.py`` reads them."""

from __future__ import annotations

import hashlib
from typing import Any

import attrs

from redactfuzz.scan.keys.macs.pair import MacPair
from redactfuzz.scan.keys.public.curves import Point

SMALLEST, LARGEST = 512, 16384
"""Bits of a modulus. The largest is what OpenSSL allows, and what ``rf_find_primes`` has room for."""


class UnusableKey(ValueError):
    """A file or number that names no key to look for. The message says which and why."""


@attrs.frozen
class Modulus:
    """An RSA public key. Raises ``UnusableKey`` for numbers that are none."""

    n: int
    e: int = 65537
    name: str = "RSA key"
    asked: bool = True
    """False of one that was met in the dump itself: it is looked for in fewer ways."""
    e_is_told: bool = True
    """False where it is only what nearly all keys have."""

    def __attrs_post_init__(self) -> None:
        if not SMALLEST <= self.bits <= LARGEST:
            raise UnusableKey(f"{self.name}: a modulus of {self.bits} bits; give one of {SMALLEST} to {LARGEST}.")
        if self.n % 2 == 0:
            raise UnusableKey(f"{self.name}: the modulus is even, so it is none. Was the number cut or reversed?")

    @property
    def bits(self) -> int:
        """Of the modulus."""
        return self.n.bit_length()

    @property
    def prime_bits(self) -> int:
        """Of each of two primes of equal size."""
        return (self.bits + 1) // 2

    @property
    def identity(self) -> str:
        """A hash prefix of public numbers."""
        return hashlib.sha256(self.n.to_bytes((self.bits + 7) // 8, "big")).hexdigest()[:8]


@attrs.frozen
class FileRule:
    """A rule of the user's own (``tokens/custom.py``): ``pattern`` is one of RE2, ``group`` the secret's, or 0."""

    what: str
    pattern: Any
    groups: int
    group: int
    entropy: float
    keywords: tuple[bytes, ...]
    allowed: tuple[Any, ...]
    far: bool = True
    """Whether its matches may be long, or nobody knows how long."""


@attrs.frozen
class KnownKeys:
    """What the user has given about keys that a dump must not hold."""

    moduli: tuple[Modulus, ...] = ()

    points: tuple[Point, ...] = ()
    rules: tuple[FileRule, ...] = ()
    macs: tuple[MacPair, ...] = ()
    """Messages and their MACs, whose keys are looked for."""
    passed: tuple[str, ...] = ()
    """Names of public keys that lay beside those, and are of a kind that is not looked for."""

    def __add__(self, other: KnownKeys) -> KnownKeys:
        moduli: dict[int, Modulus] = {}
        for each in (*self.moduli, *other.moduli):
            before = moduli.setdefault(each.n, each)
            if each.e_is_told and not before.e_is_told:
                moduli[each.n] = attrs.evolve(before, e=each.e, e_is_told=True)
        met = {(point.kind, point.x) for point in self.points}
        pairs = {pair.public for pair in self.macs}
        return KnownKeys(
            tuple(moduli.values()),
            self.points + tuple(point for point in other.points if (point.kind, point.x) not in met),
            self.rules + other.rules,
            self.macs + tuple(pair for pair in other.macs if pair.public not in pairs),
            (*self.passed, *other.passed),
        )

    @property
    def asked(self) -> tuple[Modulus, ...]:
        """The moduli that the user has given."""
        return tuple(modulus for modulus in self.moduli if modulus.asked)
