"""Views that are derived from the texts of an image, and from one another: what escapes, base64 and numbers stand for.

Their bytes are as many as the texts' own, times a constant: a block of an image is given an allowance, and what it
leaves out is told.
"""

from __future__ import annotations

import bisect
import functools
import itertools
import re
from collections.abc import Callable, Iterator
from typing import Any

import attrs

from redactfuzz._core._engine import ffi, lib
from redactfuzz.dumps.readers.image import Place
from redactfuzz.scan.views.already import Already
from redactfuzz.scan.views.hex_records import records
from redactfuzz.scan.views.kerned import kerned
from redactfuzz.scan.views.narrow_lines import unfolded_blocks
from redactfuzz.scan.views.parts import Parts
from redactfuzz.scan.views.patches import unpatched
from redactfuzz.scan.views.row_tails import Tails, tails
from redactfuzz.scan.views.spellings import Spelling, origins, spelled, stretches
from redactfuzz.scan.views.split_lines import joined
from redactfuzz.scan.views.traced_calls import traced
from redactfuzz.scan.views.upside_down import UpsideDown, upside_down

_WIDE = {2: "utf-16 text", 4: "ucs4 text"}
_ESCAPED = 4
"""How often escapes are taken back."""
_NESTED = 3
"""Spellings inside of what is spelled, beside escapes: base64 of base64 of base64."""
_TIMES, _SPARE = 16, 1 << 20
"""Bytes of all views of a block: so many times its own, and a few more."""
_AGAIN = 1 << 16
"""Bytes with which a view is looked at before its first difference from another one: what is looked for is shorter."""
_DEEPER = re.compile(rb"(?<!\\)\\{%d,}+[\"'nrtu/]" % ((1 << _ESCAPED) - 1))
"""Written in a text that was escaped once more than that."""
_FORM = re.compile(rb"%0[AaDd]")
"""A break of a line as a form on the web writes it (application/x-www-form-urlencoded), in which ``+`` is a space."""
_ZEROS = (b"x00", b"u0000", b"%00", b"\\0", b"=00", b"&#0;")
"""How zeros are escaped: in utf-16 there are some between letters."""
_TOO_DEEP = "text is encoded in text more often than is followed: the innermost was not looked at"
_TOO_MUCH = "texts of this image stand for more than is looked at: not all that they spell was searched"
_room = ffi.new_allocator(should_clear_after_alloc=False)


@attrs.frozen(repr=False, eq=False)
class Derived:
    """Bytes that the image holds in another form. ``what`` names it: ``base64 in utf-16 text``; nothing for its own."""

    what: str
    data: bytes
    place: Place
    cut: bool = False
    """Whether it begins where something was cut off, so that nothing says with which letter a byte begins."""

    def within(self, what: str) -> str:
        """The name of what is derived from this."""
        return f"{what} in {self.what}" if self.what else what

    def __repr__(self) -> str:
        return f"<Derived {self.what or 'text'}: {len(self.data)} bytes>"


@attrs.define
class Allowance:
    """Bytes that may still be derived, and why something was left out: (reason, offset in the image)."""

    left: int
    left_out: dict[str, int] = attrs.field(factory=dict)

    @classmethod
    def of(cls, size: int) -> Allowance:
        """That of a block of so many bytes."""
        return cls(_TIMES * size + _SPARE)

    def take(self, one: Derived) -> bool:
        """Whether there is room for this one, too."""
        self.left -= len(one.data)
        if self.left < 0:
            self.miss(_TOO_MUCH, one)
        return self.left >= 0

    def miss(self, reason: str, one: Derived) -> None:
        """Something in this one is not looked at."""
        if reason not in self.left_out:
            self.left_out[reason] = one.place(0, len(one.data))[0]


def texts_of(source: Derived, before: int | None = None) -> list[Derived]:
    """The texts of 32 bytes and more in it, put together: those of ASCII, of utf-16 and of ucs4, the latter narrowed.

    Only those that begin before an offset, if one is given.
    """
    data = source.data
    stop = len(data) if before is None else min(before, len(data))
    most = 2 * (len(data) // (lib.RF_TEXT_BYTES - 1) + 2)  # each may be told twice
    texts, start = _room("rf_text[]", most), ffi.new("size_t *", 0)
    view = ffi.from_buffer("uint8_t[]", data)
    count = lib.rf_find_texts(view, len(data), start, texts, most)
    if start[0] < len(data):  # what is left would be missing unsaid
        raise RuntimeError("more texts than there is room for")
    if count and texts[0].width == 1 and texts[0].length == len(data):
        return [source]
    found = []
    for width in (1, *_WIDE) if count else ():
        size = lib.rf_join_texts(view, stop, texts, count, width, ffi.NULL)
        if size:
            joined = _room("uint8_t[]", size)
            lib.rf_join_texts(view, stop, texts, count, width, joined)
            what = source.within(_WIDE[width]) if width > 1 else source.what
            pieces = _Pieces(source, width, texts, count, stop)
            found.append(Derived(what, bytes(ffi.buffer(joined, size)), pieces.place, source.cut))
    return found


def derived(text: Derived, allowance: Allowance, depth: int = 0) -> Iterator[Derived]:
    """All that a text stands for, the plainest first."""
    levels = [text]
    for again in range(_ESCAPED):
        level = _unescaped(levels[-1], text, again)
        if level is None or not allowance.take(level):
            break
        yield level
        if depth < _NESTED and any(zero in levels[-1].data for zero in _ZEROS):
            yield from _wide(level, allowance, depth)
        levels.append(level)
    for level in levels:
        for whole in _put_together(level):
            if whole.data and allowance.take(whole):
                yield whole
    for level in levels if depth < _NESTED else ():
        for what, whole in _without_marks(level):
            if allowance.take(whole):
                yield whole
                for inner in texts_of(whole) if what == _TAILS else (whole,):
                    yield from derived(inner, allowance, depth + 1)
    if len(levels) > _ESCAPED and _DEEPER.search(levels[0].data):
        allowance.miss(_TOO_DEEP, text)
    already = Already()
    for level in levels:
        for spelling, data in stretches(level.data, cut=level.cut):
            if data:  # most give nothing
                one = Derived(level.within(spelling.value), data, _Origins(level, spelling).place, level.cut)
                yield from _spelled(one, spelling, allowance, depth, already)


def _spelled(one: Derived, spelling: Spelling, allowance: Allowance, depth: int, already: Already) -> Iterator[Derived]:
    same = already.same(one.data, spelling, one.place)
    if same == len(one.data):
        return
    if same > _AGAIN:
        one = _behind(one, same - _AGAIN)
    if not allowance.take(one):
        return
    yield one
    for inner in texts_of(one):
        if depth < _NESTED:
            yield from _inner(inner, one, allowance, depth)
        elif any(texts_of(Derived("", data, inner.place)) for _, data in stretches(inner.data)):
            allowance.miss(_TOO_DEEP, inner)


def _behind(one: Derived, start: int) -> Derived:
    """What stands in it from an offset on."""

    def place(first: int, last: int) -> tuple[int, int]:
        return one.place(start + first, start + last)

    return Derived(one.what, one.data[start:], place, cut=True)


def _inner(inner: Derived, outer: Derived, allowance: Allowance, depth: int) -> Iterator[Derived]:
    if inner.what != outer.what:  # narrowed
        if not allowance.take(inner):
            return
        yield inner
    yield from derived(inner, allowance, depth + 1)


def _wide(level: Derived, allowance: Allowance, depth: int) -> Iterator[Derived]:
    """Texts of utf-16 of which the zeros were escaped."""
    for inner in texts_of(level):
        if inner.what != level.what:
            yield from _inner(inner, level, allowance, depth)


def _unescaped(level: Derived, text: Derived, again: int) -> Derived | None:
    what = f"text escaped {again + 1} times" if again else Spelling.ESCAPES.value
    one = _view(level, Spelling.ESCAPES, text.within(what))
    return one if one.data else None


def _view(text: Derived, spelling: Spelling, what: str) -> Derived:
    return Derived(what, spelled(spelling, text.data), _Origins(text, spelling).place, text.cut)


def _put_together(level: Derived) -> Iterator[Derived]:
    """The same text as a form on the web, unfolded, as a page shows it, and with the lines of a block turned round."""
    if b"+" in level.data and _FORM.search(level.data):  # what is a plus in it stands there as ``%2B``
        spaced = attrs.evolve(level, data=level.data.replace(b"+", b" "))
        yield _view(spaced, Spelling.ESCAPES, level.within("form"))
    yield _view(level, Spelling.UNFOLDED, level.within(Spelling.UNFOLDED.value))
    if (memory := records(level.data)) is not None:
        yield Derived(level.within("records in hexadecimal"), memory.data, _Elsewhere(level, memory).place)
    if (page := kerned(level.data)) is not None:
        yield Derived(level.within("text of a page"), page.data, _Elsewhere(level, page).place)
    for narrow in unfolded_blocks(level.data):
        yield Derived(level.within("a block of narrow lines"), narrow.data, _Elsewhere(level, narrow).place)
    for block in upside_down(level.data):
        yield Derived(level.within("lines in reverse order"), block.data, _Elsewhere(level, block).place)


_TAILS = "rows without what is around them"
"""Of base64 they are bytes, in which what looks like an escape is none: only what is text in them is read as such."""
_MARKED: dict[str, Callable[[bytes], Parts | Tails | None]] = {
    "lines that were split": joined,
    "calls that were traced": traced,
    "files in a patch": unpatched,
    _TAILS: tails,
}


def _without_marks(level: Derived) -> Iterator[tuple[str, Derived]]:
    """Lines, or what they stand for, without what marks each of them, and in which way."""
    for what, taken in _MARKED.items():
        if (lines := taken(level.data)) is not None:
            yield what, Derived(level.within(what), lines.data, _Elsewhere(level, lines).place)


@attrs.frozen
class _Elsewhere:
    """Where in the image the lines lie of which those of another text are made."""

    text: Derived
    lines: UpsideDown | Parts | Tails

    def place(self, start: int, end: int) -> tuple[int, int]:
        return self.text.place(*self.lines.place(start, end))


class _Origins:
    """Where in the image the bytes of a view are written. Worked out when something was found in it."""

    def __init__(self, text: Derived, spelling: Spelling) -> None:
        self._text = text
        self._spelling = spelling

    @functools.cached_property
    def _at(self) -> Any:
        return origins(self._spelling, self._text.data, cut=self._text.cut)

    def place(self, start: int, end: int) -> tuple[int, int]:
        return self._text.place(self._at[start], self._at[max(start, end - 1)] + 1)


class _Pieces:
    """Where in the image the texts lie that were put together. Worked out when something was found in them."""

    def __init__(self, source: Derived, width: int, texts: Any, count: int, stop: int) -> None:
        self._source, self._width = source, width
        self._texts, self._count, self._stop = texts, count, stop

    @functools.cached_property
    def _found(self) -> list[tuple[int, int]]:
        """(offset, length) of each."""
        found = [(one.offset, one.length) for one in self._texts[0 : self._count] if one.width == self._width]
        return [text for text in found if text[0] < self._stop]

    @functools.cached_property
    def _starts(self) -> list[int]:
        """Where each begins among the characters."""
        sizes = (-(-length // self._width) + lib.RF_TEXTS_APART for _, length in self._found[:-1])
        return list(itertools.accumulate(sizes, initial=0))

    def place(self, start: int, end: int) -> tuple[int, int]:
        first, last = self._at(start, 0), self._at(max(start, end - 1), 1)
        return self._source.place(first, max(first + 1, last))

    def _at(self, offset: int, behind: int) -> int:
        """Where a character is, or what is ``behind`` it; between two texts: where the one before ends."""
        index = bisect.bisect_right(self._starts, offset) - 1
        start, length = self._found[index]
        return start + min((offset - self._starts[index] + behind) * self._width, length - 1 + behind)
