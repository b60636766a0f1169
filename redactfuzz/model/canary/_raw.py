"""Random bytes: symmetric keys, HMAC secrets, salts."""

from __future__ import annotations

from typing import Any

import attrs

from redactfuzz.model.canary.forms import hexadecimal
from redactfuzz.model.canary.secret import LARGEST, Masked, Place, Shape, Source, bits_of, derive
from redactfuzz.model.canary.stops import stopping


@attrs.frozen
class Raw:
    """`n` random bytes."""

    n: int
    label = "raw"
    repeats = False
    any_byte = True

    @property
    def bits(self) -> float:
        return 8.0 * self.n

    def mint(self, seed: int, name: str, number: int) -> Masked:
        return stopping(derive(seed, name, f"raw {self.n}", number, self.n), number)

    def text(self, secret: Masked) -> str:
        return secret.clear().hex()

    def integer(self, secret: Masked) -> int:
        return int.from_bytes(secret.clear(), "big")

    def value(self, secret: Masked) -> bytes:
        return secret.clear()

    def sources(self, secret: Masked) -> tuple[Source, ...]:
        return (
            Source(Shape.BYTES, secret, self.bits),
            Source(Shape.NUMBER, secret, self.bits),
            Source(Shape.TEXT, hexadecimal(secret), self.bits),  # what `text` gives, which programs encode again
        )

    def places(self, secret: Masked) -> tuple[Place, ...]:
        return bits_of(0, 8 * self.n)

    def parameters(self) -> dict[str, Any]:
        return {"n": self.n}


def raw(n: int) -> Raw:
    """`n` random bytes. Raises ValueError for fewer than 8, which could be in a dump by chance, and for too many."""
    if n < 8:
        raise ValueError(f"raw: {n} bytes cannot be told from chance in a dump. At least 8 are needed.")
    if n > LARGEST:
        raise ValueError(f"raw: {n:,} bytes are more than the {LARGEST:,} of the largest canary.")
    return Raw(n)
