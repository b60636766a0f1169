"""A real RSA private key."""

from __future__ import annotations

import base64
import functools
import itertools
from collections.abc import Mapping
from typing import Any

import attrs

from redactfuzz.model.canary.apart import apart
from redactfuzz.model.canary.forms import base64_text
from redactfuzz.model.canary.rsa_key import RsaNumbers, encode, layout, make_key
from redactfuzz.model.canary.rsa_public import public_forms
from redactfuzz.model.canary.secret import Masked, Place, Shape, Source, mask_bytes

_HEADER, _FOOTER = "-----BEGIN PRIVATE KEY-----\n", "\n-----END PRIVATE KEY-----\n"
_LINE = 64
_SECRET = ("d", "p", "q", "dp", "dq", "qinv")


@attrs.frozen
class Rsa:
    """An RSA key of `width` bits. Making one takes long, so two for each name take turns by the execution's number."""

    width: int
    label = "rsa"
    repeats = True
    any_byte = False

    @property
    def bits(self) -> float:
        return float(self.width)

    def mint(self, seed: int, name: str, number: int) -> Masked:
        return _make(seed, name, self.width, number % 2)

    def text(self, secret: Masked) -> str:
        return _pem(secret.clear())

    def integer(self, secret: Masked) -> int:
        return self._number(secret, "d")

    def value(self, secret: Masked) -> RsaNumbers:
        return RsaNumbers(**{name: self._number(secret, name) for name in layout(self.width).parts})

    def public(self, secret: Masked) -> list[bytes]:
        """The public key, in every form in which it may be in a dump."""
        return public_forms(self.value(secret))

    def sources(self, secret: Masked) -> tuple[Source, ...]:
        return _sources(secret, self.width)

    def places(self, secret: Masked) -> tuple[Place, ...]:
        return ()

    def parameters(self) -> dict[str, Any]:
        return {"bits": self.width}

    def _number(self, secret: Masked, name: str) -> int:
        return int.from_bytes(secret[layout(self.width).parts[name]].clear(), "big")


def rsa(bits: int = 2048) -> Rsa:
    """A real RSA key: `.text` PEM, `.bytes` DER (both PKCS#8), `.int` the private exponent, `.value` all its numbers.

    Raises ValueError for a size below 512 bits, above 8,192, or no multiple of 128.
    """
    if not 512 <= bits <= 8192 or bits % 128:
        raise ValueError(f"rsa: {bits} bits. The size must be a multiple of 128 from 512 to 8192.")
    return Rsa(bits)


@functools.lru_cache(maxsize=64)
def _make(seed: int, name: str, bits: int, index: int) -> Masked:
    return apart(lambda: mask_bytes(encode(make_key(seed, name, bits, index))))


def _pem(der: bytes) -> str:
    body = base64.b64encode(der).decode()
    return _HEADER + "\n".join(body[at : at + _LINE] for at in range(0, len(body), _LINE)) + _FOOTER


@functools.lru_cache(maxsize=64)
def _sources(secret: Masked, bits: int) -> tuple[Source, ...]:
    """The secret parts only: a header that every PEM file has, or the public modulus, is no leak."""
    parts = layout(bits).parts
    start = parts["d"].start
    letters = -(-start * 8 // 6)  # before the first character that no public byte has a part in
    body = base64_text(secret, _LINE)[letters + letters // _LINE :]
    numbers = (Source(Shape.NUMBER, secret[parts[name]], 8.0 * len(secret[parts[name]]), name) for name in _SECRET)
    der = secret[start : len(secret)]
    frames = _frames(parts, start)
    says = 8.0 * (len(der) - sum(last - first for first, last in frames))
    return (
        Source(Shape.TEXT, body, says, "PEM", fixed=tuple(_in_base64(frame, start, letters) for frame in frames)),
        Source(Shape.BYTES, der, says, "DER", fixed=frames),
        *numbers,
    )


def _frames(parts: Mapping[str, slice], start: int) -> tuple[tuple[int, int], ...]:
    """Between the secret numbers: tags and lengths, which any key of this size has. From the beginning of the first."""
    inner = sorted((part.start, part.stop) for part in parts.values() if part.start >= start)
    return tuple((one[1] - start, other[0] - start) for one, other in itertools.pairwise(inner))


def _in_base64(frame: tuple[int, int], start: int, letters: int) -> tuple[int, int]:
    """The characters of the body from so many letters on that are a frame's alone, with breaks of lines among them."""
    first, last = -(-(frame[0] + start) * 8 // 6), (frame[1] + start) * 8 // 6
    return _without(first, letters), _without(last, letters)


def _without(letter: int, letters: int) -> int:
    return letter + letter // _LINE - (letters + letters // _LINE)
