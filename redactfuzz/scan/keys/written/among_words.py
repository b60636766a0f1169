"""Numbers of a JSON Web Key among words of base64url, whatever names them: in tables, in XML, in formats of databases.

Nothing is read of the carrier. That numbers are those of one key they prove themselves: a prime divides its modulus, a
point is a multiple of the base point. What proves nothing, a symmetric key, is not told here.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

import attrs

from redactfuzz.scan.keys import elliptic, rsa_numbers
from redactfuzz.scan.keys.public.curves import CURVES, Curve

Members = dict[str, str]

_WORD = re.compile(rb"[A-Za-z0-9_-]{16,12000}")
_KIND = re.compile(rb"RSA|EC|OKP")
_KIND_BEFORE, _KIND_BEHIND = 8, 48
"""Characters around the letters ``kty`` in which a kind stands: in the midst of base64 they are none."""
_ALONE = re.compile(rb"(?<![A-Za-z0-9_+/-])(?:RSA|EC|OKP)(?![A-Za-z0-9_+/-])")
_UNDERNEATH = 1 << 12
"""Characters behind the letters in which a kind stands by itself: in a table its row is below the one of names."""
_APART = 256
"""Characters between two words of a key at most, without blanks: names, brackets, and members that are no numbers."""
_WORDS = 24
"""Words on either side of the place that are looked at."""
_LEAST, _SLACK = 86, 8
"""Letters of a modulus at least, and how many fewer a private exponent may have."""
_EXPONENTS = (65537, 3, 17)
_PREFIX = 8
"""Letters before a value at most that are its name and its length."""
_ONE_BYTE = (b"x", b"\xd9")
"""What says in CBOR and MessagePack that a length of one byte follows."""
_SHORTEST = 16
_CONTROL = 0x20
"""The first byte of a length of two is smaller: no value has 8,192 letters."""
ON_CURVES = {43: ("P-256", "secp256k1"), 64: ("P-384",), 88: ("P-521",)}
"""By the letters of a coordinate."""
_EDWARDS = {43: ("Ed25519", "X25519"), 76: ("Ed448",), 75: ("X448",)}


@attrs.define
class Tries:
    """Numbers that may still be multiplied by a base point, which takes a ten-thousandth of a second and more."""

    left: int = 1 << 12

    def one(self) -> bool:
        """Whether another one may be."""
        self.left -= 1
        return self.left >= 0

    @property
    def exhausted(self) -> bool:
        """Whether some were not."""
        return self.left < 0


def keys_among(text: bytes, at: int, tries: Tries) -> Iterator[tuple[int, int, Members]]:
    """(where they begin, length, members) of keys that the words around a place may be. Only their proof is left."""
    kind = _KIND.search(text, max(0, at - _KIND_BEFORE), at + _KIND_BEHIND)
    kind = kind or _ALONE.search(text, at, at + _UNDERNEATH)
    if kind is None:
        return
    places = _words(text, at)
    words = list(places)
    found = {b"RSA": _rsa(words), b"EC": _elliptic(words, tries), b"OKP": _edwards(words, text, tries)}
    for members in found[kind[0]]:
        spans = [(places[word], places[word] + len(word)) for word in members.values() if word in places]
        low, high = min(start for start, _ in spans), max(end for _, end in spans)
        yield low, high - low, members


def _words(text: bytes, at: int) -> dict[str, int]:
    """Those near the place and where each is, once, and the parts of them that a length before says they are."""
    before, behind = list(_WORD.finditer(text, 0, at)), list(_WORD.finditer(text, at))
    near: list[re.Match[bytes]] = []
    end = at
    for match in behind[:_WORDS]:
        if _between(text, end, match.start()) > _APART:
            break
        near.append(match)
        end = match.end()
    end = at
    for match in before[: -_WORDS - 1 : -1]:
        if _between(text, match.end(), end) > _APART:
            break
        near.append(match)
        end = match.start()
    found: dict[str, int] = {}
    for match in near:
        for start, stop in (match.span(), *_declared(text, *match.span())):
            found.setdefault(text[start:stop].decode(), start)
    return found


def _between(text: bytes, start: int, end: int) -> int:
    """Characters between two words, without what pads a column."""
    return len(text[start:end].translate(None, b" "))


def _declared(text: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Texts with their length before them in one byte or in two, as CBOR, MessagePack and others have them.

    A length may be a letter as well, and so may be the name before it and that behind the value. A ``V`` begins a text
    of pickle.
    """
    if text[max(0, start - 1) : start + 1] == b"\nV":
        yield start + 1, end
    at, last = start, start + _PREFIX
    while at < min(last, end):
        one, two = text[max(0, at - 1) : at], text[max(0, at - 2) : at]
        fitting = [
            size
            for before in ((one, two) if two and two[0] < _CONTROL else (one,))
            if _SHORTEST <= (size := int.from_bytes(before, "big")) <= end - at
        ]
        for size in fitting:
            yield at, at + size
        if fitting and two[:1] in _ONE_BYTE:
            at, last = at + fitting[0], at + fitting[0] + _PREFIX
        else:
            at += 1


def number_of(word: str) -> int:
    """What a word is in base64url, the highest byte first; 0 of what is none."""
    data = base64.urlsafe_b64decode(word + "=" * (-len(word) % 4)) if len(word) % 4 != 1 else b""
    return int.from_bytes(data, "big")


def _rsa(words: list[str]) -> Iterator[Members]:
    numbers = {word: number_of(word) for word in words}
    for word in sorted((word for word in words if len(word) >= _LEAST), key=len, reverse=True):
        for other in words:
            if other != word and _agree(numbers[word], numbers[other], len(word) - len(other)):
                yield {"kty": "RSA", "n": word, "e": "AQAB", "p" if len(word) - len(other) > _SLACK else "d": other}


def _agree(n: int, other: int, shorter: int) -> bool:
    """Whether another number is a prime of the modulus, or where it is about as long its private exponent."""
    if shorter > _SLACK:
        return rsa_numbers.proved(n, 0, 0, other) == n
    return shorter >= 0 and other < n and any(rsa_numbers.proved(n, e, other) == n for e in _EXPONENTS)


def _elliptic(words: list[str], tries: Tries) -> Iterator[Members]:
    for size, names in ON_CURVES.items():
        numbers = {word: number_of(word) for word in words if len(word) == size}
        for curve in (CURVES[name] for name in names):
            for x, y in points(numbers, curve):
                for d in numbers:
                    if d not in (x, y) and tries.one():
                        yield {"kty": "EC", "crv": curve.name, "x": x, "y": y, "d": d}


def points(numbers: dict[str, int], curve: Curve) -> Iterator[tuple[str, str]]:
    """Two of them that are the coordinates of a point: nearly none that are not would fit."""
    b = curve.y**2 - curve.x**3 - curve.a * curve.x
    squares = {(x**3 + curve.a * x + b) % curve.p: word for word, x in numbers.items()}
    for word, y in numbers.items():
        other = squares.get(y * y % curve.p)
        if other is not None and other != word:
            yield other, word


def _edwards(words: list[str], text: bytes, tries: Tries) -> Iterator[Members]:
    for size, kinds in _EDWARDS.items():
        fitting = {word: base64.urlsafe_b64decode(word + "=" * (-size % 4)) for word in words if len(word) == size}
        publics = {secret: word for word, secret in fitting.items()}
        for kind in (kind for kind in kinds if len(fitting) > 1 and kind.encode() in text):
            for d, secret in fitting.items():
                x = publics.get(elliptic.public_of(kind, secret)) if tries.one() else None
                if x is not None:
                    yield {"kty": "OKP", "crv": kind, "x": x, "d": d}
