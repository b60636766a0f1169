"""A secret that the scenario brings itself, because the code under test accepts no other."""

from __future__ import annotations

import collections
import math
import re
import string
from typing import Any

import attrs

from redactfuzz.model.canary.secret import THRESHOLD_BITS, Masked, Place, Shape, Source, bits_of, mask_bytes

_CLASSES = (string.ascii_lowercase.encode(), string.ascii_uppercase.encode(), string.digits.encode())
_WORDS = re.compile(rb"(?:[a-z]+[_.:-])+")
_LARGEST = 8192
"""Bits of a number: what ``str`` of an int still converts."""
_planted: set[str] = set()
"""Names of canaries that are literals, of this process."""


@attrs.frozen
class Literal:
    """A given secret. Its value is held masked and never written, nor is a hash, which would confirm a guess."""

    secret: Masked | None = attrs.field(repr=False)
    is_text: bool
    bits: float
    is_number: bool = False
    label = "literal"
    repeats = True
    any_byte = False

    def mint(self, seed: int, name: str, number: int) -> Masked:
        if self.secret is None:
            raise ValueError(
                f"canary {name!r} is a literal, and its value is never stored: the scenario brings it by literal(...)."
            )
        _planted.add(name)
        return self.secret

    def text(self, secret: Masked) -> str:
        if self.is_number:
            return str(self.integer(secret))
        return secret.clear().decode("utf-8" if self.is_text else "latin-1")

    def integer(self, secret: Masked) -> int:
        return int.from_bytes(secret.clear(), "big")

    def value(self, secret: Masked) -> str | bytes | int:
        if self.is_number:
            return self.integer(secret)
        return self.text(secret) if self.is_text else secret.clear()

    def sources(self, secret: Masked) -> tuple[Source, ...]:
        shape = Shape.TEXT if self.is_text else Shape.BYTES
        return (Source(shape, secret, self.bits), Source(Shape.NUMBER, secret, self.bits))

    def places(self, secret: Masked) -> tuple[Place, ...]:
        """Letters stay letters of their case, digits digits, and the words in front (``sk_live_``) what they are.

        So the code under test takes the changed one as well.
        """
        size = 8 * len(secret)
        if self.is_number:
            first = next((at for at, place in enumerate(bits_of(0, size)) if _is_set(secret, place)), size)
            return bits_of(first + 1, size - 1)
        characters = [(at, byte ^ secret.mask) for at, byte in enumerate(secret.data)]
        if not self.is_text and any(not 0x20 <= byte < 0x7F for _, byte in characters):
            return bits_of(0, size)
        characters = characters[_words(bytes(byte for _, byte in characters)) :]
        return tuple(Place(at, alphabet) for at, byte in characters for alphabet in _CLASSES if byte in alphabet)

    def parameters(self) -> dict[str, Any]:
        stored = {"is_text": self.is_text, "bits": self.bits}
        return {**stored, "is_number": True} if self.is_number else stored


def _words(clear: bytes) -> int:
    """Bytes of the words in front, by which a kind of secret is known; what varies is most of it."""
    found = _WORDS.match(clear)
    return found.end() if found is not None and 2 * found.end() <= len(clear) else 0


def _is_set(secret: Masked, place: Place) -> bool:
    return bool((secret.data[place.byte] ^ secret.mask) & place.bit)


def any_planted() -> bool:
    """Whether a scenario of this process has planted one: wherever its code lies, a source may hold the secret."""
    return bool(_planted)


def literal(value: str | bytes | int) -> Literal:
    """The given secret itself: text, bytes, or a positive number.

    Raises ValueError when, by a conservative estimate, it holds fewer than 44 bits; TypeError for another type.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return _number(value)
    if not isinstance(value, (str, bytes, bytearray, memoryview)):
        raise TypeError(f"literal takes a str, bytes or an int, not {type(value).__name__}.")
    try:
        clear = value.encode() if isinstance(value, str) else bytes(value)
    except UnicodeEncodeError:
        raise ValueError(
            "literal: the text holds half of a surrogate pair, which no dump can hold. Give it as bytes."
        ) from None
    return _checked(clear, estimated_bits(value if isinstance(value, str) else clear), is_text=isinstance(value, str))


def _number(value: int) -> Literal:
    """At least the 8 bytes that a program keeps a number of this size in."""
    if not 0 < value.bit_length() <= _LARGEST or value < 0:
        raise ValueError(f"literal: a number is positive and has at most {_LARGEST} bits. Give it as text or bytes.")
    clear = value.to_bytes(max(8, (value.bit_length() + 7) // 8), "big")
    bits = min(float(value.bit_length()), estimated_bits(f"{value:x}"))
    return _checked(clear, bits, is_number=True)


def _checked(clear: bytes, bits: float, *, is_text: bool = False, is_number: bool = False) -> Literal:
    if bits < THRESHOLD_BITS or len(clear) < 8:
        raise ValueError(
            f"literal: about {bits:.0f} bits in {len(clear)} bytes cannot be told from chance in a dump."
            f" At least {THRESHOLD_BITS:.0f} bits are needed: use a longer, more random value, or token()."
        )
    return Literal(mask_bytes(clear), is_text, bits, is_number)


def stored_literal(is_text: bool, bits: float, is_number: bool = False, hash_prefix: str = "") -> Literal:
    """What a repro file knows about a literal: everything but the secret. ``hash_prefix``: of files of format 1."""
    return Literal(None, is_text, bits, is_number)


def estimated_bits(value: str | bytes) -> float:
    """The order-0 entropy of the characters, counted once for each different run of three (repeats add nothing)."""
    size = len(value)
    if size < 3:
        return 0.0
    counts = collections.Counter(value)
    per_character = -sum(count / size * math.log2(count / size) for count in counts.values())
    return per_character * (2 + len({value[index : index + 3] for index in range(size - 2)}))
