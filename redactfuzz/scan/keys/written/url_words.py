"""Words of base64url that lie by themselves in memory and may be numbers of a JSON Web Key which a program parsed."""

from __future__ import annotations

import bisect
import re
from collections.abc import Sequence

import attrs

from redactfuzz.dumps.readers.image import Image
from redactfuzz.scan.keys import candidates

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
_LEAST, _LONGEST = 43, 2731
"""Letters of 32 bytes, and of 16,384 bits."""
_CLASSES = tuple(re.compile(one) for one in (rb"[a-z]", rb"[A-Z]", rb"[0-9]"))
_SPARE = {2: re.compile(rb"[AQgw]\Z"), 3: re.compile(rb"[AEIMQUYcgkosw048]\Z"), 0: re.compile(rb"")}
"""By the letters of the last group, how a number ends: the bits that are left over are zeros."""
_AROUND, _MOST = 1 << 12, 1 << 12
"""Words of one length that are looked at; where there are more, those that have the fewest within so many bytes."""


@attrs.frozen(repr=False)
class Word:
    """Letters, and where they are."""

    text: str
    offset: int


class Words:
    """Those of an image, by the number of their letters, in the order in which they lie there."""

    def __init__(self, image: Image) -> None:
        self._by_length: dict[int, list[Word]] = {}
        for offset, length in candidates.runs(image.data, _ALPHABET, _LEAST, _LONGEST):
            end = _SPARE.get(length % 4)
            text = image.data[offset : offset + length]
            if end and end.search(text) and all(one.search(text) for one in _CLASSES):
                self._by_length.setdefault(length, []).append(Word(text.decode(), offset))

    @property
    def lengths(self) -> Sequence[int]:
        """Of which there are any."""
        return sorted(self._by_length)

    def of(self, length: int) -> list[Word]:
        """Those with so many letters, or the ones among them that are by themselves."""
        words = self._by_length.get(length, [])
        if len(words) <= _MOST:
            return words
        offsets = [word.offset for word in words]

        def beside(word: Word) -> int:
            return bisect.bisect(offsets, word.offset + _AROUND) - bisect.bisect(offsets, word.offset - _AROUND)

        return sorted(sorted(words, key=beside)[:_MOST], key=lambda word: word.offset)


def nearest(words: Sequence[Word], offset: int, count: int) -> list[Word]:
    """So many of them, which are in order, on either side of a place."""
    at = bisect.bisect(words, offset, key=lambda word: word.offset)
    return list(words[max(0, at - count) : at + count])
