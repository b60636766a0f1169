"""What was looked at already: two spellings of a text often give the same bytes, up to a place near the end."""

from __future__ import annotations

import hashlib

import attrs

from redactfuzz.dumps.readers.image import Place
from redactfuzz.scan.views.spellings import Spelling

_STEP = 1 << 16
"""Bytes that are compared at once."""
_NEAR = 16
"""Characters between the places at which two spellings say that the same byte is written."""


@attrs.frozen
class _Beginning:
    """Of a view: how it is spelled, and where."""

    spelling: Spelling
    place: Place

    def again(self, other: _Beginning) -> bool:
        """Whether the same bytes are those of the same place.

        In one spelling they are: a text was looked at, and then what its escapes stand for. Of another the place is
        worked out, which takes as long as to read it.
        """
        same = self.spelling is other.spelling
        return same or abs(self.place(0, 1)[0] - other.place(0, 1)[0]) <= _NEAR


@attrs.define
class Already:
    """The views of one text, by what they begin with, and where they do: one key may be written at two places.

    What is as long as a step is taken for the same wherever it lies.
    """

    _beginnings: dict[bytes, _Beginning] = attrs.field(factory=dict)

    def same(self, data: bytes, spelling: Spelling, place: Place) -> int:
        """How many of the first bytes one view before had too, in whole steps, or all of them; and notes this one."""
        digest, same, going_on, here = hashlib.blake2b(digest_size=16), 0, True, _Beginning(spelling, place)
        for start in range(0, len(data), _STEP):
            end = min(start + _STEP, len(data))
            digest.update(data[start:end])
            beginning = digest.digest() + (b"" if end - start == _STEP else b"whole")
            known = self._beginnings.setdefault(beginning, here)
            going_on = going_on and known is not here and (end >= _STEP or known.again(here))
            same = end if going_on else same
        return same
