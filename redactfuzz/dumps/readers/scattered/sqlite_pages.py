"""Databases of SQLite: what is too long for its page goes on in others, which are chained and may lie anywhere.

"Database File Format" (sqlite.org/fileformat2.html), sections 1.3 to 1.6 and 4. Of a row that was deleted the pages are
read as they lie: nothing says any more which one follows.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator, Mapping

import attrs

from redactfuzz.dumps.readers.image import Image, Layout, View
from redactfuzz.dumps.readers.seams import borders

_MAGIC, _HEADER = b"SQLite format 3\0", 100
_LOGS, _LOG_HEADER, _FRAME = (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83"), 32, 24
"""Of a log of pages that were written (WAL): its magic, its header, and what stands before each page."""
_TABLE, _INDEX, _INNER = 13, 10, 2
"""Pages of which the cells have content: leaves of tables, leaves of indices, and inner pages of these."""
_CELLS = {_TABLE: 8, _INDEX: 8, _INNER: 12}
"""Bytes before the places of the cells."""
_SIZES = {1 << bits for bits in range(9, 17)}
_VALUE = 40
"""Bits of the places in one value."""
_AT_ONCE = 1 << 16
"""Stretches that are kept at once."""

_Stretch = tuple[int, int, int]


@attrs.frozen
class SqlitePages:
    """What goes on in other pages is put together around each of their borders."""

    name: str = "SQLite database"
    lines: bool = False

    def recognises(self, head: bytes, size: int) -> bool:
        """By its magic, and a size of pages that there is."""
        return head.startswith((_MAGIC, *_LOGS)) and len(head) >= _LOG_HEADER and _page_size(head) in _SIZES

    def layout(self, image: Image) -> Layout:
        """Places are those of the file."""
        return Layout(self.name)

    def views(self, image: Image) -> Iterator[View]:
        """The borders of pages within each value."""
        stretches: list[_Stretch] = []
        pages = _Pages.of(image) if self.recognises(image.data[:_HEADER], image.size) else None
        for number, value in enumerate(pages.values() if pages else ()):
            stretches += [(start, end, (number << _VALUE) + place) for start, end, place in value]
            if len(stretches) >= _AT_ONCE:
                yield from _named(stretches)
                stretches = []
        yield from _named(stretches)

    def runs(self, image: Image) -> Iterator[list[tuple[int, int]]]:
        """Each value that lies in several pages."""
        pages = _Pages.of(image) if self.recognises(image.data[:_HEADER], image.size) else None
        for value in pages.values() if pages else ():
            yield [(start, end) for start, end, _ in value]


def _named(stretches: list[_Stretch]) -> Iterator[View]:
    for view in borders(stretches):
        yield attrs.evolve(view, what="pages of a value")


def _page_size(head: bytes | mmap.mmap) -> int:
    at = 10 if head[: len(_LOGS[0])] in _LOGS else 16
    size = int.from_bytes(head[at : at + 2], "big")
    return 1 << 16 if size == 1 or (at == 10 and not size) else size


@attrs.frozen
class _Pages:
    """Those of a file that begins as a database does, or as its log."""

    data: bytes | mmap.mmap
    size: int
    usable: int
    starts: range
    """Where each begins."""
    latest: Mapping[int, int] | None
    """Where in a log each begins that is written last under its number; in a database they lie in order."""
    taken: set[int] = attrs.field(factory=set)
    """Pages that go on with a value: each with one, whatever the pages of a spoiled database say."""

    @classmethod
    def of(cls, image: Image) -> _Pages:
        """Whatever it says of itself but for the size of a page is not believed."""
        data, size = image.data, _page_size(image.data)
        if data[: len(_MAGIC)] == _MAGIC:
            return cls(data, size, size - data[20], range(0, image.size - size + 1, size), None)
        starts = range(_LOG_HEADER + _FRAME, image.size - size + 1, size + _FRAME)
        return cls(
            data, size, size, starts, {int.from_bytes(data[at - _FRAME : at - _FRAME + 4], "big"): at for at in starts}
        )

    def values(self) -> Iterator[list[_Stretch]]:
        """Each that does not fit into one page: where its parts begin and end, and where in it the first byte is."""
        for page in self.starts:
            yield from self._in_page(page)

    def _start(self, number: int) -> int | None:
        """Where a page of a number begins. None where it is not in the file."""
        if self.latest is not None:
            return self.latest.get(number)
        return self.starts[number - 1] if 0 < number <= len(self.starts) else None

    def _in_page(self, page: int) -> Iterator[list[_Stretch]]:
        head = page + (_HEADER if self.data[page : page + len(_MAGIC)] == _MAGIC else 0)
        kind = self.data[head]
        if kind not in _CELLS:
            return
        first = head + _CELLS[kind]
        count = min(int.from_bytes(self.data[head + 3 : head + 5], "big"), (page + self.usable - first) // 2)
        for (cell,) in struct.iter_unpack(">H", self.data[first : first + 2 * max(0, count)]):
            size, at = self._number(page + cell + (4 if kind == _INNER else 0))
            if size <= self._whole(kind):
                continue
            at = self._number(at)[1] if kind == _TABLE else at
            value = self._value(at, size, self._local(kind, size), page + self.usable)
            if len(value) > 1:
                yield value

    def _number(self, at: int) -> tuple[int, int]:
        """A number of variable length, and what follows it."""
        value = 0
        for index, byte in enumerate(self.data[at : at + 9]):
            if index == 8:
                return value << 8 | byte, at + 9
            value = value << 7 | byte & 0x7F
            if byte < 0x80:
                return value, at + index + 1
        return 0, at

    def _whole(self, kind: int) -> int:
        """Bytes of the longest value that lies in its cell."""
        return self.usable - 35 if kind == _TABLE else (self.usable - 12) * 64 // 255 - 23

    def _local(self, kind: int, size: int) -> int:
        """Bytes of a longer one that do."""
        least = (self.usable - 12) * 32 // 255 - 23
        local = least + (size - least) % (self.usable - 4)
        return local if local <= self._whole(kind) else least

    def _value(self, at: int, size: int, local: int, end: int) -> list[_Stretch]:
        """Nothing of one that does not fit: a page that is none of the tree may look like one."""
        if at + local + 4 > end or size > len(self.data):
            return []
        value, done = [(at, at + local, 0)], local
        number = int.from_bytes(self.data[at + local : at + local + 4], "big")
        while done < size and number not in self.taken and (start := self._start(number)) is not None:
            self.taken.add(number)
            part = min(self.usable - 4, size - done)
            value.append((start + 4, start + 4 + part, done))
            done += part
            number = int.from_bytes(self.data[start : start + 4], "big")
        return value
