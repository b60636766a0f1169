"""The matcher of `_core`, with the memory that it works in."""

from __future__ import annotations

import functools
import itertools
import mmap
from collections.abc import Sequence
from typing import Any

import attrs

from redactfuzz._core._engine import ffi, lib
from redactfuzz.model.canary.secret import THRESHOLD_BITS, Source


@attrs.frozen
class Planted:
    """One source to look for.

    Of one `group` no two sources yield the same form. `plain`: only unencoded forms. `common`: none that
    few programs write.
    """

    source: Source
    group: int
    plain: bool = False
    common: bool = False


@attrs.frozen
class Hit:
    """A maximal fragment of a source in data, in bytes of that data."""

    offset: int
    length: int
    planted: int
    """Index of the source among those given."""
    encoding: int
    bits: float
    first: int
    """Where the fragment begins in the encoded form, which has ``size`` bytes."""
    size: int

    @property
    def whole(self) -> bool:
        """Whether it is all of the form."""
        return self.length == self.size


_EVERY_OFFSET = 256 << 20
"""Bytes of data that are read at every offset, in a fraction of a second: each fragment that counts is found."""
_WINDOW = 8
"""Bytes that are looked up at once; see ``_core/match/match.h``."""


def stride(size: int, shortest: int) -> int:
    """At which offsets data of ``size`` bytes are read, where the shortest secret has ``shortest`` bytes.

    A fragment of 7 more bytes than this is found for sure; that a whole secret always is.
    """
    if size <= _EVERY_OFFSET:
        return 1
    return next((step for step in (8, 4) if shortest >= _WINDOW - 1 + step), 1)


_ROOM = 64
"""Hits that are fetched at once; more take a second scan."""


class Matcher:
    """Finds sources in data. What it holds in clear lies in memory that core dumps leave out, until `clear`.

    A ``dense`` one indexes every window of every form: it takes longer to plant, and may read at a stride. Without
    ``vectors`` it does so as on a processor that lacks their instructions: slower, with the same hits.
    """

    def __init__(self, dense: bool = False, vectors: bool = True) -> None:
        windows = 1 << 13 if dense else 2048
        self._limits: Any = ffi.new(
            "rf_match_limits *",
            {
                "secret": 256,
                "bytes": 1 << 15,
                "forms": 256,
                "windows": windows,
                "dense": dense,
                "scalar": not vectors,
            },
        )
        self._source: Any = ffi.new("rf_source *")
        self._block: Any = None
        self._core: Any = None
        self._allocate()

    def plant(self, planted: Sequence[Planted]) -> None:
        """Look for these sources and no others."""
        lib.rf_match_clear(self._core)
        while not self._try_to_plant(planted):
            self._grow(max(len(one.source.secret) for one in planted))

    def clear(self) -> None:
        """Forget all sources and wipe what was derived from them."""
        lib.rf_match_clear(self._core)

    def scan(self, data: bytes | mmap.mmap, start: int = 0, stop: int | None = None, stride: int = 1) -> list[Hit]:
        """Every maximal fragment that gives away enough and has its first window from ``start`` to before ``stop``.

        A fragment is followed beyond both. Gives up the interpreter lock; several threads may scan at once, but none
        while sources are planted.
        """
        view = ffi.from_buffer("uint8_t[]", data)
        part = ffi.new("rf_data *", (view, len(data), start, len(data) if stop is None else stop))
        hits, room = ffi.new("rf_hit[]", _ROOM), _ROOM
        count = lib.rf_match_scan(self._core, part, stride, THRESHOLD_BITS, hits, room)
        if count > room:
            hits, room = ffi.new("rf_hit[]", count), count
            lib.rf_match_scan(self._core, part, stride, THRESHOLD_BITS, hits, room)
        return [
            Hit(hit.offset, hit.length, hit.source, hit.encoding, hit.bits, hit.form_offset, hit.form_length)
            for hit in itertools.islice(hits, count)
        ]

    def memory(self) -> bytes:
        """A copy of the memory it works in, for tests of what it holds."""
        return bytes(self._block)

    def _try_to_plant(self, planted: Sequence[Planted]) -> bool:
        source = self._source
        for index, one in enumerate(planted):
            secret = one.source.secret
            masked = ffi.from_buffer("uint8_t[]", secret.data)
            source.masked, source.size, source.mask = masked, len(masked), secret.mask
            source.id, source.group, source.plain, source.common = index, one.group, one.plain, one.common
            source.shape, source.bits, source.letters = one.source.shape, one.source.bits, one.source.letters_only
            fixed = ffi.new("uint32_t[]", [place for stretch in one.source.fixed for place in stretch])
            source.fixed, source.fixed_count = fixed, len(one.source.fixed)
            if lib.rf_match_plant(self._core, source) < 0:
                lib.rf_match_clear(self._core)
                return False
        return True

    def _grow(self, longest: int) -> None:
        limits = self._limits
        limits.secret = max(limits.secret, longest)
        limits.bytes, limits.forms, limits.windows = limits.bytes * 2, limits.forms * 2, limits.windows * 2
        self._allocate()

    def _allocate(self) -> None:
        size = lib.rf_match_size(self._limits)
        # Private, so that a forked child has its own; never in a core, so that our own copy is not found there.
        self._block = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self._block.madvise(mmap.MADV_DONTDUMP)
        self._core = lib.rf_match_init(ffi.from_buffer(self._block), self._limits)


def unescape(text: bytes | mmap.mmap) -> bytes:
    """`text` with its backslash escapes (JSON, Python, C) taken back once."""
    out = ffi.new("uint8_t[]", len(text))
    size = lib.rf_unescape(ffi.from_buffer("uint8_t[]", text), len(text), out)
    return bytes(ffi.buffer(out, size))


def densify(text: bytes | mmap.mmap) -> bytes:
    """`text` without white space, punctuation and the marks of escapes; see ``_core/match/match_dense.h``."""
    out = ffi.new("uint8_t[]", len(text))
    size = lib.rf_densify(ffi.from_buffer("uint8_t[]", text), len(text), out)
    return bytes(ffi.buffer(out, size))


class Origins:
    """The offset in `text` from which the byte at a position of ``unescape(text)`` comes, or of ``densify(text)``.

    A walk through the text is made once; each place costs a bisection and a short one more.
    """

    def __init__(self, text: bytes | mmap.mmap, *, dense: bool = False) -> None:
        self._text = text
        self._of = lib.rf_densify_origin if dense else lib.rf_unescape_origin
        self._make = lib.rf_densify_marks if dense else lib.rf_unescape_marks
        self._marks: Any = None
        self._count = 0

    def at(self, position: int) -> int:
        """The length of the text where `position` is behind the last byte."""
        text = ffi.from_buffer("uint8_t[]", self._text)
        if self._marks is None:
            self._marks = ffi.new("rf_mark[]", len(self._text) // lib.RF_MARKED + 1)
            self._count = self._make(text, len(self._text), self._marks)
        return int(self._of(text, len(self._text), self._marks, self._count, position))


@functools.cache
def encodings() -> tuple[str, ...]:
    """The names of all encodings, the plainest first. The table itself is in ``_core/match/match_forms.c``."""
    names: list[str] = []
    while (name := lib.rf_encoding_name(len(names))) != ffi.NULL:
        names.append(ffi.string(name).decode())
    return tuple(names)
