"""Builds ELF cores of every class and byte order, and ones that lie."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import attrs

LOAD, NOTE = 1, 4


@attrs.frozen
class Load:
    """A segment of memory. ``lacks``: bytes that memory has beyond those of the file."""

    address: int
    data: bytes
    flags: int = 6
    lacks: int = 0


@attrs.frozen
class Note:
    owner: str
    kind: int
    content: bytes


@attrs.frozen
class Form:
    bits: int = 64
    order: str = "<"
    machine: int = 62

    @property
    def word(self) -> str:
        return "Q" if self.bits == 64 else "I"

    def words(self, *values: int) -> bytes:
        return struct.pack(f"{self.order}{len(values)}{self.word}", *values)


def note_bytes(form: Form, note: Note, says: int | None = None) -> bytes:
    name = note.owner.encode() + b"\0"
    size = len(note.content) if says is None else says
    head = struct.pack(f"{form.order}III", len(name), size, note.kind)
    return head + name.ljust(-(-len(name) // 4) * 4, b"\0") + note.content.ljust(-(-len(note.content) // 4) * 4, b"\0")


def prstatus(form: Form, thread: int, registers: bytes) -> Note:
    thread_at, at = (32, 112) if form.bits == 64 else (24, 72)
    content = bytearray(at) + registers + bytes(8)
    struct.pack_into(f"{form.order}I", content, thread_at, thread)
    return Note("CORE", 1, bytes(content))


def mapped_files(form: Form, rows: Sequence[tuple[int, int, int, str]], page: int = 4096) -> Note:
    table = b"".join(form.words(start, end, offset) for start, end, offset, _ in rows)
    paths = b"".join(path.encode() + b"\0" for *_, path in rows)
    return Note("CORE", 0x46494C45, form.words(len(rows), page) + table + paths)


def core(
    form: Form,
    loads: Sequence[Load],
    notes: Sequence[Note | bytes] = (),
    *,
    in_section: bool = False,
    says: int | None = None,
) -> bytes:
    """The file. Segments lie in it in the order given. ``in_section``: PN_XNUM. ``says``: a false number of headers."""
    header_size, entry = (64, 56) if form.bits == 64 else (52, 32)
    body = b"".join(one if isinstance(one, bytes) else note_bytes(form, one) for one in notes)
    count = len(loads) + 1
    sections_at = header_size + entry * count
    notes_at = sections_at + (64 if in_section else 0)
    at = notes_at + len(body)
    rows = [(NOTE, 0, notes_at, 0, len(body), 0)]
    for load in loads:
        rows.append((LOAD, load.flags, at, load.address, len(load.data), len(load.data) + load.lacks))
        at += len(load.data)
    table = b"".join(
        struct.pack(f"{form.order}IIQQQQQQ", kind, flags, offset, address, 0, size, memory, 4)
        if form.bits == 64
        else struct.pack(f"{form.order}8I", kind, offset, address, 0, size, memory, flags, 4)
        for kind, flags, offset, address, size, memory in rows
    )
    told = count if says is None else says
    ident = b"\x7fELF" + bytes((form.bits // 32, 1 if form.order == "<" else 2, 1)) + bytes(9)
    head = ident + struct.pack(
        f"{form.order}HHI3{form.word}I6H",
        4, form.machine, 1, 0, header_size, sections_at if in_section else 0, 0, header_size, entry,
        0xFFFF if in_section else told, 64 if form.bits == 64 else 40, int(in_section), 0,
    )  # fmt: skip
    section = bytearray()
    if in_section:
        info_at = 44 if form.bits == 64 else 28
        section = bytearray(64)
        struct.pack_into(f"{form.order}I", section, info_at, told)
    return head + table + bytes(section) + body + b"".join(load.data for load in loads)
