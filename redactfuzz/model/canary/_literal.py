"""A secret that the scenario brings itself, because the code under test accepts no other."""

from __future__ import annotations

import collections
import hashlib
import math
from typing import Any

import attrs

from redactfuzz.model.canary.secret import THRESHOLD_BITS, Masked, Shape, Source, mask_bytes


@attrs.frozen
class Literal:
    """A given secret. Its value is held masked and never written anywhere; a repro file gets the hash prefix."""

    secret: Masked | None = attrs.field(repr=False)
    is_text: bool
    bits: float
    hash_prefix: str
    label = "literal"
    repeats = True

    def mint(self, seed: int, name: str, number: int) -> Masked:
        if self.secret is None:
            raise ValueError(
                f"canary {name!r} is a literal, and its value is never stored: the scenario brings it by literal(...)."
            )
        return self.secret

    def text(self, secret: Masked) -> str:
        return secret.clear().decode("utf-8" if self.is_text else "latin-1")

    def integer(self, secret: Masked) -> int:
        return int.from_bytes(secret.clear(), "big")

    def value(self, secret: Masked) -> str | bytes:
        return self.text(secret) if self.is_text else secret.clear()

    def sources(self, secret: Masked) -> tuple[Source, ...]:
        shape = Shape.TEXT if self.is_text else Shape.BYTES
        return (Source(shape, secret, self.bits), Source(Shape.NUMBER, secret, self.bits))

    def parameters(self) -> dict[str, Any]:
        return {"hash_prefix": self.hash_prefix, "is_text": self.is_text, "bits": self.bits}


def literal(value: str | bytes) -> Literal:
    """The given secret itself. Raises ValueError when, by a conservative estimate, it holds fewer than 44 bits."""
    try:
        clear = value.encode() if isinstance(value, str) else bytes(value)
    except UnicodeEncodeError:
        raise ValueError(
            "literal: the text holds half of a surrogate pair, which no dump can hold. Give it as bytes."
        ) from None
    bits = estimated_bits(value)
    if bits < THRESHOLD_BITS or len(clear) < 8:
        raise ValueError(
            f"literal: about {bits:.0f} bits in {len(clear)} bytes cannot be told from chance in a dump."
            f" At least {THRESHOLD_BITS:.0f} bits are needed: use a longer, more random value, or token()."
        )
    return Literal(mask_bytes(clear), isinstance(value, str), bits, hashlib.sha256(clear).hexdigest()[:8])


def stored_literal(hash_prefix: str, is_text: bool, bits: float) -> Literal:
    """What a repro file knows about a literal: everything but the secret."""
    return Literal(None, is_text, bits, hash_prefix)


def estimated_bits(value: str | bytes) -> float:
    """The order-0 entropy of the characters, counted once for each different run of three (repeats add nothing)."""
    size = len(value)
    if size < 3:
        return 0.0
    counts = collections.Counter(value)
    per_character = -sum(count / size * math.log2(count / size) for count in counts.values())
    return per_character * (2 + len({value[index : index + 3] for index in range(size - 2)}))
