"""Dump files: their bytes, what the format says about them, and what of them is missing.

An image is scanned twice: raw, whole, in one pass, so that nothing hides between what a format names; and by its views,
which put together what lies apart in the file (a vector register, memory across two segments) or decode what is written
otherwise (a value of a JSON event). A layout only names the bytes.
"""

from __future__ import annotations

import bisect
import functools
import itertools
import mmap
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Protocol

import attrs

from redactfuzz.model.exposure import Gap
from redactfuzz.model.machine import fault
from redactfuzz.model.texts.shortened import bearable

_STEP = 16 << 20
_PAGE = mmap.PAGESIZE


_SMALL = 64 << 20
"""Bytes that may stay in memory: giving pages back, and faulting them in again, takes as long as a scan."""


Place = Callable[[int, int], tuple[int, int]]
"""From (start, end) in bytes that are written in an image in another form to (start, end) in the image."""


@attrs.frozen(repr=False, eq=False)
class Spelled:
    """Bytes that an image holds in another form, as base64 of base64, in which something packed begins.

    ``apart``: in its bytes they lie in several places, between which there is something else.
    """

    what: str
    data: bytes | mmap.mmap
    place: Place
    apart: bool = False


@attrs.frozen(repr=False, eq=False)
class Image:
    """One dump file, or one member of an archive: ``bundle.tar!logs/a.json``. Holds bytes or a mapping of a file.

    ``descriptor`` is that of the mapped file while it is open; ``of`` the image that this one is a window of.
    ``within`` names the image in which the same bytes lie as they are, and where: a member of a tar. Outside of the
    stretches ``filled`` (start, end) there are only zeros. Who searches it adds to ``spelled`` what makes once more the
    bytes in which something packed begins: that is opened with what lies in the image as it is.
    """

    name: str
    data: bytes | mmap.mmap
    descriptor: int | None = None
    of: Image | None = None
    within: tuple[str, int] | None = None
    filled: tuple[tuple[int, int], ...] = attrs.field(
        default=attrs.Factory(lambda self: ((0, len(self.data)),), takes_self=True)
    )
    every: bool = False
    """Whether all that is found in it is listed, however much that is: a name is shown without it."""
    spelled: list[Callable[[], Iterable[Spelled]]] = attrs.field(factory=list, init=False)

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.data)

    @property
    def whole(self) -> Image:
        """The image itself, or what it is a window of."""
        return self.of or self

    def part(self, offset: int) -> tuple[Image, int]:
        """The image that people know, of which the byte at ``offset`` is, and where here that begins."""
        return self, 0

    def steps(self, size: int) -> Iterator[tuple[int, int]]:
        """What is filled, in stretches of at most ``size`` bytes."""
        for first, last in self.filled:
            for start in range(first, last, size):
                yield start, min(start + size, last)

    def find(self, wanted: bytes) -> int:
        """As ``bytes.find``, in bounded memory; ``wanted`` is not all zeros."""
        for start, end in self.steps(_STEP):
            at = self.data.find(wanted, start, end + len(wanted) - 1)
            if at >= 0:
                return at
            self.release(start, end)
        return -1

    def release(self, start: int, end: int) -> None:
        """Bytes that were read, and will hardly be again: pages of a mapped file count as memory of this process.

        So do the pages of holes beside them, which the kernel maps with a page that is read.
        """
        if self.size <= _SMALL:
            return
        start, end = self._with_holes(start, end)
        start, end = start // _PAGE * _PAGE, end // _PAGE * _PAGE if end < self.size else self.size
        if isinstance(self.data, mmap.mmap) and start < end:
            self.data.madvise(mmap.MADV_DONTNEED, start, end - start)

    def _with_holes(self, start: int, end: int) -> tuple[int, int]:
        """A stretch, and the holes that it reaches or lies beside."""
        first = bisect.bisect_right(self.filled, start, key=lambda one: one[1])
        if first == len(self.filled) or start <= self.filled[first][0]:
            start = min(start, self.filled[first - 1][1] if first else 0)
        behind = bisect.bisect_left(self.filled, end, key=lambda one: one[0])
        if behind == 0 or end >= self.filled[behind - 1][1]:
            end = max(end, self.filled[behind][0] if behind < len(self.filled) else self.size)
        return start, end

    def __repr__(self) -> str:
        return f"<Image {self.name}: {self.size} bytes>"


@attrs.frozen
class Span:
    """A stretch of an image that its format names. Spans may lie inside one another; the innermost one says most.

    ``start`` and ``end`` count bytes of the image; ``address`` is the virtual address of the first byte; ``mapping``
    the file that was mapped there, ``thread`` the number of the OS thread that a note or a stack belongs to.
    """

    start: int
    end: int
    what: str
    address: int | None = None
    mapping: str = ""
    thread: int | None = None

    def holds(self, offset: int) -> bool:
        """Whether the byte at ``offset`` of the image is inside."""
        return self.start <= offset < self.end


@attrs.frozen(repr=False)
class View:
    """Bytes that belong together but are apart in the image, or are written there in another form.

    ``pieces`` are the (start, end) of the image that they come from. ``decoded`` holds them when they are not simply
    those pieces one after the other. ``path`` is that of a JSON value.
    """

    what: str
    pieces: tuple[tuple[int, int], ...]
    decoded: bytes | None = None
    path: tuple[str | int, ...] | None = None
    thread: int | None = None

    def read(self, image: Image) -> bytes:
        """The bytes themselves."""
        return self.decoded if self.decoded is not None else b"".join(image.data[a:b] for a, b in self.pieces)

    @functools.cached_property
    def size(self) -> int:
        """Bytes, of what was not decoded."""
        return sum(end - start for start, end in self.pieces)

    def searched(self) -> View:
        """The same without what was decoded, which nobody reads again: of each line of a log there may be some."""
        return self if self.decoded is None else attrs.evolve(self, decoded=b"")

    def origin(self, offset: int) -> int:
        """Where in the image the byte at ``offset`` of the view comes from; the first piece when it was decoded."""
        if self.decoded is None:
            index = bisect.bisect_right(self._before, offset) - 1
            start, end = self.pieces[index]
            if offset - self._before[index] < end - start:
                return start + offset - self._before[index]
        return self.pieces[0][0]

    @functools.cached_property
    def _before(self) -> list[int]:
        """Bytes of all pieces before each."""
        return [0, *itertools.accumulate(end - start for start, end in self.pieces[:-1])]

    def __repr__(self) -> str:
        return f"<View {self.what}>"


@attrs.frozen
class Layout:
    """What a format says about an image. ``notes`` are for a person: kind of machine, signal, number of threads."""

    format: str
    spans: tuple[Span, ...] = ()
    gaps: tuple[Gap, ...] = ()
    notes: tuple[str, ...] = ()


class Reader(Protocol):
    """A format. One file each, registered in ``formats.READERS``. Neither method raises for any bytes whatever."""

    @property
    def name(self) -> str:
        """What people call the format."""

    @property
    def lines(self) -> bool:
        """Whether it is text, and places in it are given by line."""

    def recognises(self, head: bytes, size: int) -> bool:
        """Whether an image of ``size`` bytes that begins with ``head`` (up to 4,096) is of this format."""

    def layout(self, image: Image) -> Layout:
        """Names the bytes. What cannot be parsed is a gap."""

    def views(self, image: Image) -> Iterator[View]:
        """What must be searched beside the raw bytes."""


@attrs.frozen(repr=False)
class Member:
    """A file in a container. ``at`` is where its bytes lie in there as they are, None where they are packed.

    ``tried`` is where the container begins of bytes that may only look like one: it counts where something comes out,
    and where it breaks off, where ``least`` bytes did, or it is ``sure`` by what was read. ``begins`` is where it
    begins in an archive.
    """

    name: str = attrs.field(converter=bearable)
    stream: IO[bytes]
    at: int | None = None
    tried: int | None = None
    least: int = 64
    begins: int | None = None
    sure: Callable[[], bool] = lambda: False


class Unpacker(Protocol):
    """Something that holds other files. One file each, registered in ``formats.UNPACKERS``."""

    @property
    def name(self) -> str:
        """What people call the format."""

    def recognises(self, head: bytes) -> bool:
        """Whether bytes that begin like this (up to 4,096) are of this format."""

    def unpack(self, stream: IO[bytes]) -> Iterator[Member]:
        """Each member: its name is empty when there is one only. Its bytes are read before the next one is asked for.

        Raises ``Damaged`` when the rest cannot be read.
        """


class Damaged(Exception):
    """A container cannot be read on. The message says what is wrong, and at which offset where that is known."""


def failed(what: str, error: Exception) -> str:
    """Why something is a gap that fails where bytes are not what we expect."""
    return fault(f"what {what}", error, "the rest is not read")
