"""Random characters: API keys, session tokens, passwords."""

from __future__ import annotations

import functools
import math
import string
from typing import Any

import attrs

from redactfuzz.model.canary.secret import LARGEST, THRESHOLD_BITS, Masked, Place, Shape, Source, derive, masked_choice

LETTERS_AND_DIGITS = string.ascii_letters + string.digits


@attrs.frozen
class Token:
    """`n` characters drawn from `alphabet`."""

    n: int
    alphabet: str
    label = "token"
    repeats = False
    any_byte = False

    @property
    def bits(self) -> float:
        return self.n * _bits_per_character(self.alphabet)

    def mint(self, seed: int, name: str, number: int) -> Masked:
        return masked_choice(derive(seed, name, f"token {self.n} {self.alphabet}", number, self.n), self.alphabet)

    def text(self, secret: Masked) -> str:
        return secret.clear().decode("ascii")

    def integer(self, secret: Masked) -> int:
        return int.from_bytes(secret.clear(), "big")

    def value(self, secret: Masked) -> str:
        return self.text(secret)

    def sources(self, secret: Masked) -> tuple[Source, ...]:
        return (Source(Shape.TEXT, secret, self.bits), Source(Shape.NUMBER, secret, self.bits))

    def places(self, secret: Masked) -> tuple[Place, ...]:
        return tuple(Place(at, self.alphabet.encode()) for at in range(self.n))

    def parameters(self) -> dict[str, Any]:
        return {"n": self.n, "alphabet": self.alphabet}


def token(n: int = 32, alphabet: str = LETTERS_AND_DIGITS) -> Token:
    """`n` random characters of `alphabet` (printable ASCII).

    Raises ValueError when the token would be too short or too guessable to be told from chance in a dump.
    """
    if len(set(alphabet)) != len(alphabet) or not all(" " <= letter <= "~" for letter in alphabet):
        raise ValueError(
            "token: the alphabet must be distinct printable ASCII characters. Else use probe() or literal()."
        )
    if len(alphabet) < 2 or n < 8 or n * _bits_per_character(alphabet) < THRESHOLD_BITS:
        raise ValueError(
            f"token: {n} characters out of {len(alphabet)} cannot be told from chance in a dump."
            f" At least 8 characters and {THRESHOLD_BITS:.0f} bits are needed."
        )
    if n > LARGEST:
        raise ValueError(f"token: {n:,} characters are more than the {LARGEST:,} of the largest canary.")
    return Token(n, alphabet)


@functools.lru_cache
def _bits_per_character(alphabet: str) -> float:
    """Entropy of ``alphabet[byte % len(alphabet)]`` for a uniform byte: 5.95 for letters and digits."""
    whole, more = divmod(256, len(alphabet))
    counts = [whole + 1] * more + [whole] * (len(alphabet) - more)
    return -sum(count / 256 * math.log2(count / 256) for count in counts if count)
