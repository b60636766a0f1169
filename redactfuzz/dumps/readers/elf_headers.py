"""The header and the program headers of an ELF file (System V ABI, chapters 4 and 5; elf(5) for PN_XNUM)."""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator

import attrs

MAGIC = b"\x7fELF"
CORE, LOAD, NOTE = 4, 1, 4
"""ET_CORE; PT_LOAD and PT_NOTE."""
_FLAGS = ("---", "--x", "-w-", "-wx", "r--", "r-x", "rw-", "rwx")
_XNUM = 0xFFFF
"""PN_XNUM: the number of program headers is in sh_info of section header 0."""


@attrs.frozen
class Header:
    """What the file header says. ``order`` is a prefix of struct; ``word`` counts bytes of an address."""

    order: str
    word: int
    kind: int
    machine: int
    table: int
    entry: int
    count: int
    sections: int
    section_count: int


@attrs.frozen
class Segment:
    """A program header; ``index`` counts them all."""

    index: int
    kind: int
    flags: int
    offset: int
    address: int
    file_size: int
    memory_size: int
    align: int

    @property
    def end(self) -> int:
        """Where its bytes end in the file, or would."""
        return self.offset + self.file_size

    @property
    def name(self) -> str:
        """``segment 12 rw-``."""
        return f"segment {self.index} {_FLAGS[self.flags & 7]}"


def read_header(data: bytes | mmap.mmap) -> Header | None:
    """The file header; None when it is cut off or makes no sense."""
    if len(data) < 16 or data[:4] != MAGIC or data[4] not in (1, 2) or data[5] not in (1, 2):
        return None
    order, word = "<>"[data[5] - 1], 4 * data[4]
    address = "Q" if word == 8 else "I"
    form = struct.Struct(f"{order}HHI3{address}I6H")
    if len(data) < 16 + form.size:
        return None
    kind, machine, _, _, table, sections, _, _, entry, count, _, section_count, _ = form.unpack_from(data, 16)
    if count == _XNUM:
        info_at = sections + (44 if word == 8 else 28)
        if sections and info_at + 4 <= len(data):
            (count,) = struct.unpack_from(f"{order}I", data, info_at)
    return Header(order, word, kind, machine, table, entry, count, sections, section_count)


def segments(data: bytes | mmap.mmap, header: Header, most: int) -> Iterator[Segment]:
    """The program headers that are in the file, ``most`` at most."""
    form = struct.Struct(f"{header.order}" + ("IIQQQQQQ" if header.word == 8 else "8I"))
    step = max(header.entry, form.size)
    there = max(0, (len(data) - header.table + step - form.size) // step)
    for index in range(min(header.count, there, most)):
        fields = form.unpack_from(data, header.table + index * step)
        if header.word == 8:
            kind, flags, offset, address, _, file_size, memory_size, align = fields
        else:
            kind, offset, address, _, file_size, memory_size, flags, align = fields
        yield Segment(index, kind, flags, offset, address, file_size, memory_size, align)
