"""Which bytes of two dumps of one program stand for the same: by segment, wherever the kernel has put it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence

import attrs

from redactfuzz.dumps.readers.image import Image, Layout, Span

_POINTERS = re.compile(r"register (?:rsp|esp|sp) of thread")
_REGISTER = re.compile(r"register (\S+) of thread (\d+)")
_WORD = 8
_NOTE, _RANDOM = 20, 25
"""Bytes of a note's head with its owner's name; AT_RANDOM."""


@attrs.frozen
class Pair:
    """A stretch of one image, and as many bytes of the other that stand for the same. No address: registers, text."""

    start: int
    other: int
    size: int
    address: int | None = None
    other_address: int | None = None
    or_else: int | None = None
    """Where the other's bytes begin that may stand for the same as well."""
    dead: int = 0
    """Bytes at its beginning of frames that have ended: how deep they lay depends on where the stack was."""

    @property
    def moved(self) -> tuple[int, ...]:
        """How far it lies from what stands for the same."""
        if self.address is None or self.other_address is None:
            return ()
        far = self.address - self.other_address
        return (far,) if self.or_else is None else (far, far + self.other - self.or_else)


class Aligned:
    """Two images, pair by pair, and what a pointer into the one is in the other."""

    def __init__(self, pairs: Sequence[Pair], guards: tuple[tuple[int, int], ...] = ()) -> None:
        """``guards``: words that the C library drew, in the one and in the other; the second of them hides pointers."""
        self.pairs = tuple(pairs)
        self._guards = guards
        self._moved = {moved for pair in pairs for moved in pair.moved}

    @property
    def in_place(self) -> bool:
        """Whether everything lies at the same addresses in both."""
        return self._moved <= {0}

    def same_word(self, one: int, others: frozenset[int]) -> bool:
        """Whether one of the other's words is the same, or points to what stands for the same."""
        return one in others or any(one - moved in others for moved in self._moved)

    def same_pointer(self, one: int, other: int) -> bool:
        """Whether both point to what stands for the same: they lie as far apart as some segment was moved.

        That segment need not be in the dumps, as code is not. The C library's guards count as pointers.
        """
        if one - other in self._moved or (one, other) in self._guards:
            return True
        hidden = (_unmangled(one, mine) - _unmangled(other, its) for mine, its in self._guards[1:])
        return any(far == 0 or far in self._moved for far in hidden)


def aligned(one: tuple[Image, Layout], other: tuple[Image, Layout]) -> Aligned:
    """Segments of the same file, rights and order; stacks from their stack pointers on; registers by thread."""
    first, second = _memory(one[1]), _memory(other[1])
    if not (first and second):
        size = min(one[0].size, other[0].size)
        return Aligned([Pair(0, 0, size)])
    pairs = list(_stacks(one, other, first, second))
    taken = {pair.start for pair in pairs}
    here, there = ([_key(span) for span in spans] for spans in (first, second))
    matcher = difflib.SequenceMatcher(None, here, there, autojunk=False)
    for block in matcher.get_matching_blocks():
        for index in range(block.size):
            mine, its = first[block.a + index], second[block.b + index]
            if not any(mine.start <= start < mine.end for start in taken):
                size = min(mine.end - mine.start, its.end - its.start)
                pairs.append(Pair(mine.start, its.start, size, mine.address, its.address))
    drawn = [_guards(*each) for each in (one, other)]
    return Aligned([*pairs, *_registers(one[1], other[1])], tuple(zip(*drawn, strict=False)))


def _unmangled(word: int, guard: int) -> int:
    """What glibc's PTR_MANGLE made a word of, on x86-64; elsewhere it is an XOR alone, which no two values share."""
    return ((word >> 17 | word << 47) & (1 << 64) - 1) ^ guard


def _guards(image: Image, layout: Layout) -> list[int]:
    """The stack guard and the pointer guard, of the random bytes that the kernel gave to the process (AT_RANDOM)."""
    note = next((span for span in layout.spans if span.what.startswith("note NT_AUXV")), None)
    if note is None:
        return []
    words = [int.from_bytes(image.data[at : at + _WORD], "little") for at in range(note.start + _NOTE, note.end, _WORD)]
    at = next((value for kind, value in zip(words[::2], words[1::2], strict=False) if kind == _RANDOM), 0)
    around = _holding(_memory(layout), at)
    if around is None or around.address is None:
        return []
    start = around.start + at - around.address
    first, second = (int.from_bytes(image.data[start + k : start + k + _WORD], "little") for k in (0, _WORD))
    return [first & ~0xFF, second]


def program_of(layout: Layout) -> str:
    """The file that a dump's program is: the first that is mapped; empty where nobody knows."""
    mapped = (span.mapping for span in _memory(layout) if span.mapping and not span.mapping.startswith("["))
    return next(mapped, "").rpartition("/")[2]


def _memory(layout: Layout) -> list[Span]:
    """Spans with an address that lie in no other one, by address."""
    outer: list[Span] = []
    for span in sorted(layout.spans, key=lambda span: (span.start, -span.end)):
        if span.address is not None and not (outer and span.end <= outer[-1].end):
            outer.append(span)
    return sorted(outer, key=lambda span: span.address or 0)


def _key(span: Span) -> tuple[str, str]:
    """File, and rights where the name of a segment says them."""
    return span.mapping.rpartition("/")[2], span.what.rpartition(" ")[2]


def _stacks(
    one: tuple[Image, Layout], other: tuple[Image, Layout], first: Sequence[Span], second: Sequence[Span]
) -> Iterator[Pair]:
    """The kernel moves a stack by any multiple of 16, so that its segment says nothing of what lies where in it."""
    for mine, its in zip(_tops(*one), _tops(*other), strict=False):
        here, there = _holding(first, mine), _holding(second, its)
        if here is None or there is None or here.address is None or there.address is None:
            continue
        below = min(mine - here.address, its - there.address)
        above = min(here.end - here.start - (mine - here.address), there.end - there.start - (its - there.address))
        start, begins = here.start + mine - here.address - below, there.start + its - there.address - below
        # Between the frames and the strings at the upper end the kernel leaves another gap each time.
        at_end = there.end - (here.end - start)
        instead = at_end if at_end >= there.start else None
        yield Pair(start, begins, below + above, mine - below, its - below, instead, below)


def _tops(image: Image, layout: Layout) -> list[int]:
    """The stack pointer of each thread."""
    found = (span for span in layout.spans if _POINTERS.match(span.what))
    return [int.from_bytes(image.data[span.start : span.end], "little") for span in found]


def _holding(spans: Sequence[Span], address: int) -> Span | None:
    around = ((span, address - span.address) for span in spans if span.address is not None)
    return next((span for span, inside in around if 0 <= inside < span.end - span.start), None)


def _registers(one: Layout, other: Layout) -> Iterator[Pair]:
    """Registers of the same name, of the threads in their order."""
    for mine, its in zip(_by_thread(one), _by_thread(other), strict=False):
        for name in mine.keys() & its.keys():
            size = min(mine[name].end - mine[name].start, its[name].end - its[name].start)
            yield Pair(mine[name].start, its[name].start, size)


def _by_thread(layout: Layout) -> list[dict[str, Span]]:
    threads: dict[str, dict[str, Span]] = {}
    for span in layout.spans:
        named = _REGISTER.match(span.what)
        if named:
            threads.setdefault(named[2], {})[named[1]] = span
    return list(threads.values())
