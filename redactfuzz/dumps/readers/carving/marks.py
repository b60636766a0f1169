"""Where anything begins that has a mark: the table is in ``_core/carve/carve.c``."""

from __future__ import annotations

import array
import bisect
import functools
import mmap
from collections.abc import Callable, Sequence
from typing import Any

import attrs

from redactfuzz._core._engine import ffi, lib


@functools.cache
def _marks() -> Any:
    """What begins something, in the form in which it is searched for."""
    made = ffi.new("rf_carve *")
    lib.rf_carve_prepare(made)
    return made


def next_mark(data: bytes | mmap.mmap, at: int, stop: int) -> int:
    """Where one of the magic numbers begins, from ``at`` to before ``stop``, or ``stop``."""
    return int(lib.rf_carve_next(_marks(), ffi.from_buffer("uint8_t[]", data), len(data), at, stop))


def next_deflated_word(data: bytes | mmap.mmap, at: int, stop: int) -> int:
    """The same of a word of base64 that may be deflated."""
    return int(lib.rf_deflated_word(ffi.from_buffer("uint8_t[]", data), len(data), at, stop))


_ROOM = 1 << 12
"""Places of a stretch of each kind that are found in advance: four times as many as 16 MB of noise have."""
_room = ffi.new_allocator(should_clear_after_alloc=False)


@attrs.frozen(repr=False)
class Places:
    """Where something may begin in a stretch that ends at ``stop``, as far as it was searched in advance."""

    data: bytes | mmap.mmap
    stop: int
    _marks: Sequence[int] = ()
    _marked: int = 0
    _words: Sequence[int] = ()
    _worded: int = 0

    @classmethod
    def of(cls, data: bytes | mmap.mmap, start: int, stop: int) -> Places:
        """All of one pass, which gives up the interpreter's lock."""
        marks, words = _room("size_t[]", _ROOM), _room("size_t[]", _ROOM)
        to = ffi.new("rf_places *", {"marks": marks, "words": words, "room": _ROOM})
        lib.rf_carve_places(_marks(), ffi.from_buffer("uint8_t[]", data), len(data), start, stop, to)
        return cls(data, stop, _numbers(marks, to.mark_count), to.marked, _numbers(words, to.word_count), to.worded)

    def next_mark(self, at: int) -> int:
        """Where one of the magic numbers begins, from ``at`` on, or ``stop``."""
        return self._next(self._marks, self._marked, next_mark, at)

    def next_deflated_word(self, at: int) -> int:
        """The same of a word of base64 that may be deflated."""
        return self._next(self._words, self._worded, next_deflated_word, at)

    def _next(
        self, known: Sequence[int], searched: int, search: Callable[[bytes | mmap.mmap, int, int], int], at: int
    ) -> int:
        index = bisect.bisect_left(known, at)
        return known[index] if index < len(known) else search(self.data, max(at, searched), self.stop)


def _numbers(places: Any, count: int) -> Sequence[int]:
    """As many as there are, in little room: those of each stretch of an image may wait for those before it."""
    return array.array("Q", ffi.unpack(places, count))
