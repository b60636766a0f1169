"""Private JSON Web Keys, in JSON and as programs print them otherwise: Python's and Node's, Go's, Java's, YAML.

What is no JSON as a whole is read by its members: a text that was cut off, with comments, or with a comma too many.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import attrs

from redactfuzz.dumps.readers.image import Image
from redactfuzz.scan.keys import jwk
from redactfuzz.scan.keys.detector import Findings, Memo, text_at
from redactfuzz.scan.keys.known import KnownKeys
from redactfuzz.scan.keys.literals import Literals
from redactfuzz.scan.keys.private_key import CHECKED, Described
from redactfuzz.scan.keys.written.among_words import Members, Tries, keys_among
from redactfuzz.scan.keys.written.scattered_jwk import add_scattered

_WORDS = Literals(b"kty", b"Kty", b"KTY")
_REACH = 1 << 14
"""Characters before and behind the word that belong to a key at most."""
_LETTERS = 3
_ENDS = set(b"\0\"'")
"""Bytes of which one stands before and one behind such a word in memory, and in JSON."""
_IN_NUMBER = 8
"""Letters of base64 on either side of a word that stands in the middle of a number, and names nothing."""
_NO_WORD = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+/-"
_QUOTE = rb"(?:\\*[\"'`])?"
_PAIR = re.compile(
    rb"(?<![A-Za-z0-9_+/-])(kty|crv|[nedpqxyk])"
    + _QUOTE
    + rb"\s*(?::|=>|=)\s*(?:b(?=[\"']))?"
    + _QUOTE
    + rb"([A-Za-z0-9_+/=-]{1,12000})",
    re.IGNORECASE,
)


@attrs.frozen
class JwkKeys:
    """Objects of JSON, and else members of one key near one another whose numbers agree, or among all words."""

    name: str = "jwk"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each key."""
        findings = Findings(self.name, image)
        parsed = jwk.in_json(image, findings)
        printed = _Printed(findings)
        for text, before, start, width in _texts(image, parsed):
            named = _around(text, before)
            if named is None or not printed.told(named, start, width):
                any(printed.told(one, start, width, proved=True) for one in keys_among(text, before, printed.tries))
        if _is_named(image):
            add_scattered(image, findings, printed.tries)
        if printed.tries.exhausted:
            findings.gap("not all words near the name of a kind of key were tried: they are too many", 0)
        return findings


@attrs.define
class _Printed:
    """Tells of those members that are a key."""

    findings: Findings
    tries: Tries = attrs.field(factory=Tries)
    _powers: int = 0
    _known_key: Memo[Described | None] = attrs.field(factory=lambda: Memo(jwk.key_of))
    _by_powers: Memo[Described | None] = attrs.field(factory=lambda: Memo(jwk.checked_by_powers))

    def told(self, one: tuple[int, int, Members], start: int, width: int, *, proved: bool = False) -> bool:
        """Whether they are one; ``proved`` asks for numbers that agree."""
        low, size, members = one
        offset, length = start + low * width, size * width
        text = json.dumps(members, sort_keys=True).encode()
        key = self._known_key(text)
        if key is jwk.BY_POWERS:
            self._powers += 1
            if self._powers > jwk.POWERS:
                self.findings.gap(jwk.BY_POWERS.reason, offset)
                return False
            key = self._by_powers(text)
        if key is None or (proved and key.reason != CHECKED):
            return False
        self.findings.add(key.what, key.identity, key.severity, key.reason, offset, length)
        return True


def _is_named(image: Image) -> bool:
    """Whether a word stands by itself, as what a program that parses keys has it. By chance its letters are in all."""
    for offset, _, width in _WORDS.places(image):
        behind = offset + _LETTERS * width
        if _ENDS.issuperset(image.data[max(0, offset - 1) : offset] + image.data[behind : behind + 1]):
            return True
    return False


def _texts(image: Image, parsed: set[int]) -> Iterator[tuple[bytes, int, int, int]]:
    """(text, where in it the word is, its offset, bytes of a character) around each word that names a kind of key.

    Each text is read once, and those of objects that were parsed are not.
    """
    for low, offset, high, width in _between(image):
        if offset in parsed:
            continue
        before = (offset - max(low, offset - _REACH * width)) // width
        start = offset - before * width
        text = text_at(image.data, start, width, before + min(_REACH, (high - offset) // width))
        if len(text) > before:
            yield text, before, start, width


def _between(image: Image) -> Iterator[tuple[int, int, int, int]]:
    """Each word with the ones before and behind it that are as wide, whatever lies between them, and how wide it is.

    In the middle of a number in base64 the same letters are no word.
    """
    last: dict[int, tuple[int, int]] = {}
    for offset, _, width in _WORDS.places(image):
        end = offset + _LETTERS * width
        beside = max(0, offset - _IN_NUMBER * width), end + _IN_NUMBER * width
        letters = image.data[beside[0] : offset : width] + image.data[end : beside[1] : width]
        if len(letters.translate(None, _NO_WORD)) == 0 and len(letters) == 2 * _IN_NUMBER:
            continue
        low, before = last.get(width, (0, -1))
        if before >= 0:
            yield low, before, offset, width
        last[width] = (max(0, before), offset)
    for width, (low, before) in last.items():
        yield low, before, image.size, width


def _around(text: bytes, at: int) -> tuple[int, int, Members] | None:
    """(where it begins, length, members): the nearest of each name, before and behind the word."""
    first = _PAIR.match(text, at)
    if first is None:
        return None
    found, low, high = {"kty": first[2]}, at, first.end()
    for match in reversed(list(_PAIR.finditer(text, text.rfind(b"{", 0, at) + 1, at))):
        name = match[1].decode().lower()
        if name in found:
            break
        found[name], low = match[2], match.start()
    for match in _PAIR.finditer(text, high):
        name = match[1].decode().lower()
        if name in found:
            break
        found[name], high = match[2], match.end()
    return low, high - low, {name: value.decode() for name, value in found.items()}
