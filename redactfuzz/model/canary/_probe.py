"""A text that every escaping routine has to touch: quotes, backslash, markup, shell and non-ASCII characters.

Runs of random characters lie between the special ones, long enough to be found alone when an escape is unknown.
"""

from __future__ import annotations

from typing import Any

import attrs

from redactfuzz.model.canary._token import LETTERS_AND_DIGITS, token
from redactfuzz.model.canary.secret import Masked, Place, Shape, Source, derive, mask_bytes, masked_choice

_SPECIAL = ('"', "\\", "é", "'<", "&$", "%`", "😀")
_RUN = 9
_RANDOM = token(_RUN * (len(_SPECIAL) + 1))


@attrs.frozen
class Probe:
    """Random letters and digits with special characters between them."""

    label = "probe"
    repeats = False
    any_byte = False

    @property
    def bits(self) -> float:
        return _RANDOM.bits

    def mint(self, seed: int, name: str, number: int) -> Masked:
        letters = masked_choice(derive(seed, name, "probe", number, _RANDOM.n), LETTERS_AND_DIGITS)
        parts = [letters.data[:_RUN]]
        for index, special in enumerate(_SPECIAL, 1):
            parts += mask_bytes(special.encode(), letters.mask).data, letters.data[index * _RUN : (index + 1) * _RUN]
        return Masked(b"".join(parts), letters.mask)

    def text(self, secret: Masked) -> str:
        return secret.clear().decode()

    def integer(self, secret: Masked) -> int:
        return int.from_bytes(secret.clear(), "big")

    def value(self, secret: Masked) -> str:
        return self.text(secret)

    def sources(self, secret: Masked) -> tuple[Source, ...]:
        return (Source(Shape.TEXT, secret, self.bits, letters_only=True), Source(Shape.NUMBER, secret, self.bits))

    def places(self, secret: Masked) -> tuple[Place, ...]:
        at, found = 0, []
        for special in ("", *_SPECIAL):
            at += len(special.encode())
            found += [Place(at + index, LETTERS_AND_DIGITS.encode()) for index in range(_RUN)]
            at += _RUN
        return tuple(found)

    def parameters(self) -> dict[str, Any]:
        return {}


def probe() -> Probe:
    """A text with quotes, a backslash, markup, shell and non-ASCII characters; no control characters."""
    return Probe()
