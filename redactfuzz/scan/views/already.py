"""What was looked at already: two spellings of a text often give the same bytes, up to a place near the end."""

from __future__ import annotations

import hashlib

import attrs

_STEP = 1 << 16
"""Bytes that are compared at once."""


@attrs.define
class Already:
    """The views of one text, by what they begin with."""

    _beginnings: set[bytes] = attrs.field(factory=set)

    def same(self, data: bytes) -> int:
        """How many of the first bytes one view before had too, in whole steps, or all of them; and notes this one."""
        digest, same, going_on = hashlib.blake2b(digest_size=16), 0, True
        for start in range(0, len(data), _STEP):
            end = min(start + _STEP, len(data))
            digest.update(data[start:end])
            beginning = digest.digest() + (b"" if end - start == _STEP else b"whole")
            going_on = going_on and beginning in self._beginnings
            same = end if going_on else same
            self._beginnings.add(beginning)
        return same
