"""What lies at an address of an ELF core: ``PyUnicode_New+0x40``, out of the mapped files that are on this machine.

A file counts only while it is the one that was mapped: its build id is compared with that in the core's memory, where
both have one.
"""

from __future__ import annotations

import bisect
import functools
import mmap
import os
import stat
import struct
from collections.abc import Iterator, Sequence

import attrs

from redactfuzz.dumps.readers.elf_headers import LOAD, NOTE, Header, Segment, read_header, segments
from redactfuzz.dumps.readers.elf_notes import Mapping, notes
from redactfuzz.dumps.readers.image import Image, Span

_SYMTAB, _DYNSYM = 2, 11
_OBJECT, _FUNCTION, _COMMON, _INDIRECT = 1, 2, 5, 10
"""Types of symbols that name something in memory (st_info & 15)."""
_BUILD_ID = 3
_MOST_SEGMENTS, _MOST_SECTIONS, _MOST_SYMBOLS = 256, 4096, 1 << 19
_MOST_BYTES = 1 << 30
"""Limits of what is read of one file; more than any library has."""
_PATH_BYTES = 256
_FILES = 16
"""Tables that are kept."""

Table = tuple[tuple[int, int, str], ...]
"""(address, size, name) by address, as the file is linked."""


@attrs.frozen
class _File:
    """What an ELF file says of itself."""

    loads: tuple[Segment, ...]
    build_id: bytes
    table: Table

    def symbol(self, address: int) -> str | None:
        """The symbol that holds an address of the file as it is linked, or the nearest one below it in its segment."""
        index = bisect.bisect_right(self.table, (address, 1 << 64, "")) - 1
        if index < 0:
            return None
        start, size, name = self.table[index]
        segment = next((one for one in self.loads if one.address <= address < one.address + one.memory_size), None)
        if segment is None or start < segment.address or (size and address >= start + size):
            return None
        return f"{name}+{address - start:#x}" if address > start else name


class Symbols:
    """Symbols of one core: ``memory`` are its segments, ``mappings`` what NT_FILE lists. Files are read when needed."""

    def __init__(self, image: Image, memory: Sequence[Span], mappings: Sequence[Mapping]) -> None:
        self._image = image
        self._memory = sorted((span for span in memory if span.address is not None), key=lambda one: one.address or 0)
        self._addresses = [span.address or 0 for span in self._memory]
        self._first = sorted(
            (mapping for mapping in mappings if mapping.offset == 0), key=lambda mapping: mapping.start
        )
        self._starts = [mapping.start for mapping in self._first]
        self._trusted: dict[int, _File | None] = {}

    def at(self, address: int) -> str | None:
        """The nearest symbol, ``NAME`` or ``NAME+0x40``; None where none is known."""
        index = bisect.bisect_right(self._starts, address) - 1
        if index < 0:
            return None
        # Files overlap nowhere, so that the last one that begins below is the only candidate.
        mapping = self._first[index]
        file = self._file(mapping)
        if file is None:
            return None
        linked = min((segment.address for segment in file.loads if segment.offset < 4096), default=None)
        if linked is None:
            return None
        return file.symbol(address - mapping.start + linked - linked % 4096)

    def _file(self, mapping: Mapping) -> _File | None:
        if mapping.start not in self._trusted:
            file = _read_file(mapping.path)
            if file is not None:
                there = self._build_id(mapping)
                if there and file.build_id and there != file.build_id:
                    file = None
            self._trusted[mapping.start] = file
        return self._trusted[mapping.start]

    def _build_id(self, mapping: Mapping) -> bytes:
        """What the core's own memory says of the file, when it holds the file's first page."""
        index = bisect.bisect_left(self._addresses, mapping.start)
        if index == len(self._addresses) or self._addresses[index] != mapping.start:
            return b""
        span = self._memory[index]
        page = self._image.data[span.start : min(span.end, span.start + (1 << 16))]
        header = read_header(page)
        return _build_id(page, header) if header else b""


@functools.lru_cache(maxsize=_FILES)
def _read_file(path: str) -> _File | None:
    """None for what is no ELF file, is not there or cannot be read. Never raises."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError):
        return None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or not 64 <= status.st_size <= _MOST_BYTES:
            return None
        with mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ) as data:
            header = read_header(data)
            if header is None:
                return None
            loads = tuple(one for one in segments(data, header, _MOST_SEGMENTS) if one.kind == LOAD)
            return _File(loads, _build_id(data, header), _table(data, header))
    except (OSError, ValueError):
        return None
    finally:
        os.close(descriptor)


def _build_id(data: bytes | mmap.mmap, header: Header) -> bytes:
    for segment in segments(data, header, _MOST_SEGMENTS):
        if segment.kind == NOTE and segment.end <= len(data):
            for note in notes(data, segment.offset, segment.end, header.order, segment.align):
                if note.owner == "GNU" and note.kind == _BUILD_ID:
                    return data[note.start : note.end]
    return b""


def _table(data: mmap.mmap, header: Header) -> Table:
    """The symbols of .symtab and .dynsym that lie in memory."""
    found: dict[int, tuple[int, int, str]] = {}
    for at, size, names_at, names_size in _symbol_sections(data, header):
        names = data[names_at : names_at + names_size]
        form = struct.Struct(f"{header.order}" + ("IBBHQQ" if header.word == 8 else "IIIBBH"))
        size = min(size, _MOST_SYMBOLS * form.size, max(0, len(data) - at))
        for fields in form.iter_unpack(data[at : at + size - size % form.size]):
            if header.word == 8:
                name, info, _, section, value, length = fields
            else:
                name, value, length, info, _, section = fields
            if value and section and info & 15 in (_OBJECT, _FUNCTION, _COMMON, _INDIRECT) and value not in found:
                text = names[name : max(name, names.find(b"\0", name, name + _PATH_BYTES))]
                if text:
                    found[value] = (value, length, text.decode("utf-8", "replace"))
    return tuple(sorted(found.values()))


def _symbol_sections(data: mmap.mmap, header: Header) -> Iterator[tuple[int, int, int, int]]:
    """(offset, bytes, offset of the names, bytes of the names); .symtab, which says more, first."""
    form = struct.Struct(f"{header.order}" + ("IIQQQQIIQQ" if header.word == 8 else "10I"))
    there = max(0, (len(data) - header.sections) // form.size) if header.sections else 0
    rows = [
        form.unpack_from(data, header.sections + index * form.size)
        for index in range(min(header.section_count, there, _MOST_SECTIONS))
    ]
    for kind in (_SYMTAB, _DYNSYM):
        for row in rows:
            if row[1] == kind and row[6] < len(rows):
                names = rows[row[6]]
                yield row[4], row[5], names[4], names[5]
