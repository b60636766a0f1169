"""Other values of a planted secret, as long in every notation: what changes in a dump then depends on it."""

from __future__ import annotations

import math
from collections.abc import Iterable

import attrs

from redactfuzz.model.canary.canary import Canary, Kind
from redactfuzz.model.canary.secret import Masked, Place, derive

_DRAWS = 64
"""Values that are drawn until one is as long as the secret itself,"""
_FREELY = 16
"""the first so many of them freely; then with the first two bytes as they are, which nearly settle the length."""


@attrs.frozen
class Variant:
    """Which value: the ``draw``-th other one, or the secret with one position changed for the ``draw``-th time.

    ``together``: several positions, each changed as it is alone.
    """

    draw: int
    position: int | None = None
    together: tuple[int, ...] = ()


def positions(canary: Canary) -> int:
    """Characters or bits that can be changed one at a time; 0 for a kind whose parts hang together."""
    return len(canary.kind.places(canary._secret))


def unit(canary: Canary) -> str:
    """What its positions are."""
    return "bits" if any(place.bit for place in canary.kind.places(canary._secret)[:1]) else "characters"


def varied(canary: Canary, seed: int, variant: Variant) -> Canary:
    """The same canary with another secret: always the same one for the same canary, seed and variant."""
    kind: Kind = canary.kind
    secret = canary._secret
    places = kind.places(secret)
    if not places:
        other = kind.mint(seed, canary.name, canary.number + 1 + variant.draw)
    elif variant.together:
        other = _all_changed(secret, [places[at] for at in variant.together], canary, seed, variant.draw)
    elif variant.position is None:
        other = _another(secret, places, canary, seed, variant.draw)
    else:
        other = _changed(secret, places[variant.position], canary, seed, variant.draw)
    return Canary(canary.name, kind, canary.number, other)


def _another(secret: Masked, places: tuple[Place, ...], canary: Canary, seed: int, draw: int) -> Masked:
    drawn: Masked = secret
    for attempt in range(_DRAWS):
        stream = derive(seed, canary.name, f"variant {draw} {attempt}", canary.number, len(places)).data
        data = bytearray(secret.data)
        for place, chance in zip(places, stream, strict=True):
            if attempt >= _FREELY and place.byte < 2:
                continue
            if place.bit:
                data[place.byte] ^= place.bit * (chance & 1)
            else:
                data[place.byte] = place.alphabet[chance % len(place.alphabet)] ^ secret.mask
        drawn = Masked(bytes(data), secret.mask)
        if _length(drawn) == _length(secret) and drawn.data != secret.data:
            break
    return drawn


def _changed(secret: Masked, place: Place, canary: Canary, seed: int, draw: int) -> Masked:
    now = secret.data[place.byte]
    if place.bit:
        return _with(secret, place, now ^ place.bit)
    others = [_with(secret, place, byte ^ secret.mask) for byte in place.alphabet if byte ^ secret.mask != now]
    if not others:
        return secret
    as_long = [other for other in others if _length(other) == _length(secret)] or others
    start = derive(seed, canary.name, f"variant {place.byte}", canary.number, 1).data[0]
    return as_long[(start + draw * _stride(len(as_long))) % len(as_long)]


def _all_changed(secret: Masked, places: Iterable[Place], canary: Canary, seed: int, draw: int) -> Masked:
    data = bytearray(secret.data)
    for place in places:
        data[place.byte] ^= secret.data[place.byte] ^ _changed(secret, place, canary, seed, draw).data[place.byte]
    return Masked(bytes(data), secret.mask)


def _with(secret: Masked, place: Place, masked: int) -> Masked:
    return Masked(secret.data[: place.byte] + bytes((masked,)) + secret.data[place.byte + 1 :], secret.mask)


def _stride(size: int) -> int:
    """So that a few draws lie apart, and all are different."""
    return next((step for step in range(max(1, size // 3), size) if math.gcd(step, size) == 1), 1)


def _length(secret: Masked) -> tuple[int, int]:
    """Bits, and decimal digits, of the number that the bytes are. The first eight of them decide that."""
    first = _number(byte ^ secret.mask for byte in secret.data[:8])
    rest = 8 * (len(secret) - 8)
    return first.bit_length(), int(math.log10(first) + rest * math.log10(2)) if first else 0


def _number(data: Iterable[int]) -> int:
    return int.from_bytes(bytes(data), "big")
