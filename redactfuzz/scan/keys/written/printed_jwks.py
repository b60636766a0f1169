"""Members of a JSON Web Key that a program prints otherwise than as JSON: Python's and Node's, Go's, Java's, YAML."""

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

_WORDS = Literals(b"kty", b"Kty")
_REACH = 1 << 14
"""Characters before and behind the word that belong to a key at most."""
_LETTERS = 3
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

_JSON = re.compile(rb"\"kty\\*\"\s*:")

Members = dict[str, str]


@attrs.frozen
class PrintedJwks:
    """Members of one key near one another, whose numbers agree. What is JSON is left to the detector of that."""

    name: str = "jwk"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each key."""
        findings, powers = Findings(self.name, image), 0
        known_key, by_powers = Memo(jwk.key_of), Memo(jwk.checked_by_powers)
        for begin, length, members in _keys(image):
            text = json.dumps(members, sort_keys=True).encode()
            key = known_key(text)
            if key is jwk.BY_POWERS:
                powers += 1
                if powers > jwk.POWERS:
                    findings.gap(key.reason, begin)
                    continue
                key = by_powers(text)
            if key is not None:
                findings.add(key.what, key.identity, key.severity, key.reason, begin, length)
        return findings


def _keys(image: Image) -> Iterator[tuple[int, int, Members]]:
    """(offset, length, members) of what is around each word that names a kind of key. Each text is read once."""
    for low, offset, high, width in _between(image):
        before = (offset - max(low, offset - _REACH * width)) // width
        start = offset - before * width
        text = text_at(image.data, start, width, before + min(_REACH, (high - offset) // width))
        if not _JSON.match(text, before - 1) and len(text) > before:
            yield from _around(text, before, start, width)


def _between(image: Image) -> Iterator[tuple[int, int, int, int]]:
    """Each word with the ones before and behind it that are as wide, whatever lies between them, and how wide it is.

    In the middle of a number in base64 the same letters are no word.
    """
    last: dict[int, tuple[int, int]] = {}
    for offset, _, width in _WORDS.places(image):
        end = offset + _LETTERS * width
        beside = image.data[max(0, offset - width) : offset][:1] + image.data[end : end + 1]
        if beside.translate(None, _NO_WORD) != beside:
            continue
        low, before = last.get(width, (0, -1))
        if before >= 0:
            yield low, before, offset, width
        last[width] = (max(0, before), offset)
    for width, (low, before) in last.items():
        yield low, before, image.size, width


def _around(text: bytes, at: int, start: int, width: int) -> Iterator[tuple[int, int, Members]]:
    """The nearest of each name, before and behind the word."""
    first = _PAIR.match(text, at)
    if first is None:
        return
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
    yield start + low * width, (high - low) * width, {name: value.decode() for name, value in found.items()}
