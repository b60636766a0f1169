"""An ELF core of a stopped process, written by us where the kernel gives none: what the kernel would have dumped.

Memory is chosen as ``vma_dump_size`` of the kernel does: by ``VmFlags`` (MADV_DONTDUMP) and ``coredump_filter``
(core(5)).
"""

from __future__ import annotations

import mmap
import os
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

import attrs

from redactfuzz.dumps.readers.elf_headers import CORE, LOAD, MAGIC, NOTE

_PAGE = mmap.PAGESIZE
_HEADER, _ENTRY = struct.Struct("<16sHHIQQQIHHHHHH"), struct.Struct("<IIQQQQQQ")
_SECTION = struct.Struct("<IIQQQQIIQQ")
_XNUM = 0xFFFF
_MACHINES = {"x86_64": 62, "aarch64": 183}
_AUXV, _FILE = 6, 0x46494C45
_ANON_PRIVATE, _ANON_SHARED, _FILE_PRIVATE, _FILE_SHARED, _HEADERS, _HUGE_PRIVATE, _HUGE_SHARED = (
    1 << bit for bit in range(7)
)
_CHUNK = 1 << 20


@attrs.frozen
class _Area:
    """A line of ``/proc/PID/smaps``."""

    start: int
    end: int
    flags: int
    shared: bool
    offset: int
    inode: int
    path: str
    anonymous: bool
    marks: tuple[str, ...]
    """VmFlags."""
    program: bool
    """Its file may be executed, or it begins as ELF files do; also where that is unknown."""

    def size(self, chosen: int) -> int:
        """Bytes of it that are dumped, by the bits of ``coredump_filter``."""
        if {"dd", "io"} & set(self.marks) or self.path in ("[vvar]", "[vvar_vclock]"):
            return 0
        whole = self.end - self.start
        if self.path in ("[vdso]", "[vsyscall]"):
            return whole if self.path == "[vdso]" else 0
        if "ht" in self.marks:
            return whole if chosen & (_HUGE_SHARED if self.shared else _HUGE_PRIVATE) else 0
        if self.shared:
            unlinked = self.path.endswith(" (deleted)")
            return whole if chosen & (_ANON_SHARED if unlinked or not self.inode else _FILE_SHARED) else 0
        if (self.anonymous or not self.inode) and chosen & _ANON_PRIVATE:
            return whole
        if self.inode and chosen & _FILE_PRIVATE:
            return whole
        return _PAGE if self.program and self.offset == 0 and self.flags & 4 and chosen & _HEADERS else 0


def _is_program(pid: int, start: int, end: int, inode: int, path: str) -> bool:
    if not inode:
        return False
    try:
        state = Path(f"/proc/{pid}/map_files/{start:x}-{end:x}").stat()
    except OSError:  # it takes a privilege
        try:
            state = Path(path).stat()
        except OSError:
            return True
    if state.st_ino != inode or state.st_mode & 0o111:
        return True
    try:
        with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
            memory.seek(start)
            return memory.read(4) == MAGIC
    except OSError:  # it lies behind the end of the file
        return False


def _areas(pid: int) -> Iterator[_Area]:
    head: list[str] = []
    path, anonymous = "", False
    for line in Path(f"/proc/{pid}/smaps").read_text("utf-8", "surrogateescape").splitlines():
        key, _, rest = line.partition(" ")
        if not key.endswith(":"):
            head = line.split(maxsplit=5)
            path, anonymous = (head[5] if len(head) > 5 else ""), False
        elif key == "Anonymous:":
            anonymous = not rest.strip().startswith("0 ")
        elif key == "VmFlags:":
            start, _, end = head[0].partition("-")
            flags = sum(bit for letter, bit in (("r", 4), ("w", 2), ("x", 1)) if letter in head[1])
            marks, inode = tuple(rest.split()), int(head[4])
            place = (int(start, 16), int(end, 16))
            yield _Area(
                *place, flags, "sh" in marks, int(head[2], 16), inode, path, anonymous, marks,
                _is_program(pid, *place, inode, path),
            )  # fmt: skip


def write_core(pid: int, out: int, registers: Sequence[tuple[str, int, bytes]]) -> int:
    """Writes a core of the stopped process ``pid`` to the open file ``out``; returns its size in bytes.

    ``registers`` are notes of its threads: owner, kind, content, of each NT_PRSTATUS first. Raises OSError.
    """
    chosen = int(Path(f"/proc/{pid}/coredump_filter").read_text("ascii"), 16)
    areas = list(_areas(pid))
    sizes = [area.size(chosen) for area in areas]
    notes = b"".join(
        _note(*one)
        for one in (
            *registers,
            ("CORE", _AUXV, Path(f"/proc/{pid}/auxv").read_bytes()),
            ("CORE", _FILE, _files(areas)),
        )
    )
    count = len(areas) + 1
    table = _HEADER.size + _ENTRY.size * count
    many = count >= _XNUM
    notes_at = table + (_SECTION.size if many else 0)
    at = _up(notes_at + len(notes))
    entries = [_ENTRY.pack(NOTE, 0, notes_at, 0, 0, len(notes), 0, 4)]
    places = []
    for area, size in zip(areas, sizes, strict=True):
        entries.append(_ENTRY.pack(LOAD, area.flags, at, area.start, 0, size, area.end - area.start, _PAGE))
        places.append(at)
        at += size
    ident = MAGIC + bytes((2, 1, 1)) + bytes(9)
    header = _HEADER.pack(
        ident, CORE, _MACHINES.get(os.uname().machine, 0), 1, 0, _HEADER.size, table if many else 0, 0, _HEADER.size,
        _ENTRY.size, min(count, _XNUM), _SECTION.size if many else 0, int(many), 0,
    )  # fmt: skip
    section = _SECTION.pack(0, 0, 0, 0, 0, 0, 0, count, 0, 0) if many else b""
    os.pwrite(out, header + b"".join(entries) + section + notes, 0)
    os.ftruncate(out, at)
    memory = os.open(f"/proc/{pid}/mem", os.O_RDONLY | os.O_CLOEXEC)
    try:
        with mmap.mmap(-1, _CHUNK, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as buffer, memoryview(buffer) as view:
            buffer.madvise(mmap.MADV_DONTDUMP)  # a copy of ours is in no other core
            for area, size, place in zip(areas, sizes, places, strict=True):
                _copy(memory, out, area.start, size, place, view)
    finally:
        os.close(memory)
    return at


def _copy(memory: int, out: int, start: int, size: int, place: int, view: memoryview) -> None:
    done = 0
    while done < size:
        with view[: min(size - done, _CHUNK)] as part:  # not to outlive the buffer where writing fails
            try:
                got = os.preadv(memory, [part], start + done)
            except OSError:  # a page behind the end of its file: the kernel leaves a hole as well
                got = 0
            with part[:got] as read:
                done += os.pwrite(out, read, place + done) if got else _PAGE


def _note(owner: str, kind: int, content: bytes) -> bytes:
    name = owner.encode("ascii") + b"\0"
    head = struct.pack("<III", len(name), len(content), kind)
    return head + name.ljust(-(-len(name) // 4) * 4, b"\0") + content.ljust(-(-len(content) // 4) * 4, b"\0")


def _files(areas: Sequence[_Area]) -> bytes:
    mapped = [area for area in areas if area.inode]
    head = struct.pack("<QQ", len(mapped), _PAGE)
    table = b"".join(struct.pack("<QQQ", area.start, area.end, area.offset // _PAGE) for area in mapped)
    return head + table + b"".join(os.fsencode(area.path) + b"\0" for area in mapped)


def _up(size: int) -> int:
    return -(-size // _PAGE) * _PAGE
