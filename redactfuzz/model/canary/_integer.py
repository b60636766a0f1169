"""A random number, as bignum code holds it: limbs, digits, decimal text."""

from __future__ import annotations

from typing import Any

import attrs

from redactfuzz.model.canary.secret import Masked, Place, Shape, Source, bits_of, derive
from redactfuzz.model.canary.stops import stopping


@attrs.frozen
class Integer:
    """An odd number of exactly `width` bits."""

    width: int
    label = "integer"
    repeats = False
    any_byte = True

    @property
    def bits(self) -> float:
        return self.width - 2.0

    def mint(self, seed: int, name: str, number: int) -> Masked:
        size = (self.width + 7) // 8
        uniform = derive(seed, name, f"integer {self.width}", number, size)
        mask, top = uniform.mask, (self.width - 1) % 8
        first = (uniform.data[0] ^ mask) & ((1 << top) - 1) | 1 << top
        last = (uniform.data[-1] ^ mask) | 1
        drawn = Masked(bytes((first ^ mask,)) + uniform.data[1:-1] + bytes((last ^ mask,)), mask)
        return stopping(drawn, number, fixed=1)

    def text(self, secret: Masked) -> str:
        return str(self.integer(secret))

    def integer(self, secret: Masked) -> int:
        return int.from_bytes(secret.clear(), "big")

    def value(self, secret: Masked) -> int:
        return self.integer(secret)

    def sources(self, secret: Masked) -> tuple[Source, ...]:
        return (Source(Shape.NUMBER, secret, self.bits), Source(Shape.BYTES, secret, self.bits))

    def places(self, secret: Masked) -> tuple[Place, ...]:
        size = 8 * len(secret)
        return bits_of(size - self.width + 1, size - 1)  # the first and the last are always set

    def parameters(self) -> dict[str, Any]:
        return {"bits": self.width}


def integer(bits: int) -> Integer:
    """An odd random number with `bits` bits, the top one set. Raises ValueError for fewer than 64 or more than 8,192.

    (The longest is what ``str`` of an int still converts.)
    """
    if not 64 <= bits <= 8192:
        raise ValueError(f"integer: {bits} bits. 64 to 8192 bits can be told from chance in a dump, and printed.")
    return Integer(bits)
