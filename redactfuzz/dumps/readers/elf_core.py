"""ELF cores of Linux: segments with their mappings, notes, registers, stacks; and what of them is not there."""

from __future__ import annotations

import bisect
import functools
import itertools
from collections.abc import Iterator, Sequence

import attrs

from redactfuzz.dumps.readers import registers
from redactfuzz.dumps.readers.elf_headers import CORE, LOAD, MAGIC, NOTE, Header, Segment, read_header, segments
from redactfuzz.dumps.readers.elf_notes import (
    AUXV,
    FILE,
    FPREGSET,
    PRSTATUS,
    SVE,
    XSAVE_LAYOUT,
    XSTATE,
    ElfNote,
    Mapping,
    landmarks,
    mapped_files,
    notes,
)
from redactfuzz.dumps.readers.image import Image, Layout, Span, View
from redactfuzz.dumps.readers.registers import Place
from redactfuzz.dumps.readers.room import Room
from redactfuzz.dumps.readers.seams import CROWDED, crowded, seams
from redactfuzz.dumps.readers.symbols import Symbols
from redactfuzz.model.exposure import Gap

_MOST = 1 << 17
"""Program headers, and notes, that are named: twice what Linux lets a process map, and the limit of our work."""
_NAMED_THREADS = 512
"""Threads whose registers are named one by one; of all others the notes are."""
_RED_ZONE = 128
"""Bytes below the stack pointer that are in use as well (System V ABI for x86-64)."""
_LIST_BYTES, _REGISTER_BYTES = 1 << 24, 1 << 14
"""Of one note that are parsed: of a list, and of registers."""
_SVE_HEAD = 16
_LOW_END = b"\x01"


@attrs.frozen
class ElfCore:
    """The format."""

    name: str = "ELF core"
    lines: bool = False

    def recognises(self, head: bytes, size: int) -> bool:
        """By the magic number and the file type; a header that is cut off before the type is taken for a core's."""
        if not head.startswith(MAGIC):
            return False
        order = "little" if head[5:6] == _LOW_END else "big"
        return len(head) < 18 or int.from_bytes(head[16:18], order) == CORE  # type: ignore[arg-type]

    def layout(self, image: Image) -> Layout:
        """Segments by address and mapping, notes, registers by thread, stacks; holes and what is cut off."""
        return _Parsing(image).layout()

    def views(self, image: Image) -> Iterator[View]:
        """Vector registers put together, general registers in the orders of their use, memory across segments."""
        parsing = _Parsing(image)
        yield from parsing.register_views()
        yield from seams(parsing.nameless(), image.size)

    def symbols(self, image: Image) -> Symbols:
        """What lies at an address, by the symbols of the mapped files that are on this machine."""
        parsing = _Parsing(image)
        return Symbols(image, parsing.memory(), parsing.files)


_Views = tuple[tuple[str, tuple[Place, ...]], ...]


@attrs.frozen
class _Registers:
    """The registers of one note, with offsets of the file."""

    start: int
    thread: int
    places: tuple[Place, ...]
    views: _Views = ()


@functools.lru_cache(64)
def _registers(
    kind: int, size: int, head: bytes, at: tuple[tuple[int, int], ...], machine: int, order: str, word: int
) -> tuple[tuple[Place, ...], _Views]:
    """The registers of a note of so many bytes, and the sequences in which they are read again.

    Kept, because those of all threads, and of every core of a campaign, are the same. ``at``: components of an XSAVE
    area; ``head``: that of an SVE note, which says how long its vectors are.
    """
    if kind == PRSTATUS:
        places = registers.general(size, machine, word)
        return places, tuple(("general registers", one) for one in registers.sequences(places, machine))
    if kind == FPREGSET:
        return tuple(registers.floating(size, machine)), ()
    if kind == SVE:
        return tuple(registers.scalable(head.ljust(size, b"\0"), order)), ()
    return tuple(registers.extended(size, dict(at))), tuple(registers.vectors(size, dict(at)))


class _Parsing:
    """One pass over the headers, one over the notes. Names and gaps are worked out when they are asked for: a campaign
    looks at the views of every core, and at no more.
    """

    def __init__(self, image: Image) -> None:
        self._image = image
        self._gaps: list[Gap] = []
        self._header = read_header(image.data)
        self._segments: list[Segment] = []
        self._notes: list[tuple[ElfNote, int | None]] = []
        self._registers: list[_Registers] = []
        self._stacks: dict[int, int] = {}
        if self._header is None:
            self._gap("the ELF header is cut off or damaged: nothing in the file is named", 0, image.size)
            return
        self._segments = list(segments(image.data, self._header, _MOST))
        self._read_notes(self._header)
        self._read_registers(self._header)

    # -- results

    def layout(self) -> Layout:
        header = self._header
        if header is None:
            return Layout("ELF core", gaps=tuple(self._gaps))
        end = min(self._image.size, header.table + header.count * header.entry)
        spans = [Span(0, min(end, self._image.size), "ELF headers")] if header.table < self._image.size else []
        loads = self.memory()
        spans += [*loads, *self._stack_spans(loads)]
        for note, thread in self._notes:
            of = f" of thread {thread}" if thread is not None else ""
            spans.append(Span(note.header, note.end, f"note {note.name}{of}", thread=thread))
        for found in self._registers[: 4 * _NAMED_THREADS]:
            for start, stop, name in found.places:
                what = f"register {name} of thread {found.thread}"
                spans.append(Span(found.start + start, found.start + stop, what, thread=found.thread))
        machine = registers.MACHINES.get(header.machine, f"machine {header.machine}")
        order = "little" if header.order == "<" else "big"
        return Layout(
            "ELF core",
            tuple(sorted(spans, key=lambda span: (span.start, -span.end))),
            (*self._segment_gaps(header), *self._gaps),
            (
                f"{machine}, {8 * header.word} bit, {order}-endian",
                f"{len(self._stacks)} threads",
                f"{len(loads)} segments with data, {len(self._notes)} notes",
            ),
        )

    def memory(self) -> list[Span]:
        """Every segment of memory, as far as the file has it."""
        starts = [mapping.start for mapping in self.files]
        return [
            Span(start, end, segment.name, segment.address, self._mapping(segment, starts))
            for segment, start, end in self._stretches()
        ]

    def nameless(self) -> Iterator[tuple[int, int, int]]:
        """The same, by address alone."""
        return ((start, end, segment.address) for segment, start, end in self._stretches())

    @functools.cached_property
    def files(self) -> list[Mapping]:
        """What was mapped where, by address."""
        if self._header is None:
            return []
        files = mapped_files(self._list(FILE), self._header.order, self._header.word)
        return sorted(files, key=lambda mapping: mapping.start)

    @functools.cached_property
    def _landmarks(self) -> dict[int, str]:
        header = self._header
        return landmarks(self._list(AUXV), header.order, header.word) if header is not None else {}

    def register_views(self) -> Iterator[View]:
        for found in self._registers:
            for name, places in found.views:
                pieces = tuple((found.start + start, found.start + end) for start, end, _ in places)
                yield View(f"{name} of thread {found.thread}", pieces, thread=found.thread)

    # -- segments

    def _loads(self) -> Iterator[Segment]:
        return (segment for segment in self._segments if segment.kind == LOAD)

    def _stretches(self) -> Iterator[tuple[Segment, int, int]]:
        """Segments of which the file has something, and its start and end in the file."""
        size = self._image.size
        for one in self._segments:
            if one.kind == LOAD and one.file_size and one.offset < size:
                yield one, one.offset, min(one.end, size)

    def _segment_gaps(self, header: Header) -> Iterator[Gap]:
        image = self._image
        if len(self._segments) < header.count:
            counts = f"the header says {header.count:,} segments, {len(self._segments):,} are read"
            why = f"{counts}: the table is cut off, or longer than any process's"
            yield Gap(image.name, why, header.table)
        for segment in self._loads():
            if segment.memory_size > segment.file_size:
                lacks, at = segment.memory_size - segment.file_size, segment.address + segment.file_size
                what = f"{segment.name} leaves out {lacks:,} bytes of memory at {at:#x}"
                yield Gap(image.name, what, length=lacks, harmless=True)
        if crowded(self.nameless(), image.size):
            yield Gap(image.name, CROWDED, header.table)
        for segment in self._segments:
            if segment.file_size and segment.end > image.size:
                start = max(segment.offset, image.size)
                name = segment.name if segment.kind == LOAD else "a segment of notes"
                how = "is cut off" if segment.offset < image.size else "is not in the file"
                yield Gap(image.name, f"{name} {how}", start, segment.end - start)

    def _mapping(self, segment: Segment, starts: Sequence[int]) -> str:
        index = bisect.bisect_right(starts, segment.address) - 1
        if index >= 0 and segment.address < self.files[index].end:
            return self.files[index].path
        for address, name in self._landmarks.items():
            if segment.address <= address < segment.address + segment.memory_size:
                return name
        return ""

    def _stack_spans(self, loads: Sequence[Span]) -> Iterator[Span]:
        """Every thread's part of the segment that its stack pointer points into."""
        ordered = sorted(loads, key=lambda span: span.address or 0)
        addresses = [span.address or 0 for span in ordered]
        held: dict[int, list[tuple[int, int]]] = {}
        for thread, pointer in self._stacks.items():
            index = bisect.bisect_right(addresses, pointer) - 1
            if index >= 0 and pointer - addresses[index] < ordered[index].end - ordered[index].start:
                held.setdefault(index, []).append((pointer - addresses[index], thread))
        for index, pointers in held.items():
            span = ordered[index]
            pointers.sort()
            borders = [0, *(max(0, at - _RED_ZONE) for at, _ in pointers[1:]), span.end - span.start]
            for (low, high), (_, thread) in zip(itertools.pairwise(borders), pointers, strict=True):
                start, end = span.start + low, span.start + high
                if start < end:
                    what = f"stack of thread {thread}"
                    yield Span(start, end, what, (span.address or 0) + low, span.mapping, thread)

    # -- notes

    def _read_notes(self, header: Header) -> None:
        thread: int | None = None
        seen: set[tuple[int, int]] = set()
        room = Room(self._image.size, _MOST)
        for segment in self._segments:
            if segment.kind != NOTE or (segment.offset, segment.file_size) in seen:
                continue
            seen.add((segment.offset, segment.file_size))
            end = min(segment.end, self._image.size)
            for note in notes(self._image.data, segment.offset, end, header.order, segment.align):
                if not room.takes(note.end - note.header):
                    why = f"more than {_MOST:,} notes, or than it has room for notes: the rest is not named"
                    self._gap(why, note.header)
                    return
                if note.known and note.kind == PRSTATUS:
                    content = self._content(note, _REGISTER_BYTES)
                    status = registers.status(content, header.machine, header.order, header.word)
                    thread = status.thread if status else None
                self._notes.append((note, thread if note.of_thread else None))
                if note.missing:
                    self._gap(f"note {note.name} is cut off", note.end, note.missing)

    def _content(self, note: ElfNote, most: int) -> bytes:
        return self._image.data[note.start : min(note.end, note.start + most)]

    def _list(self, kind: int) -> bytes:
        """The first note of a kind that a core has once; nothing when there is none."""
        first = next((note for note, _ in self._notes if note.known and note.kind == kind), None)
        return self._content(first, _LIST_BYTES) if first is not None else b""

    def _read_registers(self, header: Header) -> None:
        kernel = [(note, thread) for note, thread in self._notes if note.known]
        stated = registers.xsave_layout(self._list(XSAVE_LAYOUT), header.order)
        for note, thread in kernel:
            if thread is not None and note.kind in (PRSTATUS, FPREGSET, XSTATE, SVE):
                content = self._content(note, _REGISTER_BYTES)
                if note.kind == PRSTATUS:
                    status = registers.status(content, header.machine, header.order, header.word)
                    self._stacks[thread] = status.stack or 0 if status else 0
                at = registers.components(content, stated) if note.kind == XSTATE else {}
                head = content[:_SVE_HEAD] if note.kind == SVE else b""
                places, views = _registers(
                    note.kind, len(content), head, tuple(at.items()), header.machine, header.order, header.word
                )
                self._registers.append(_Registers(note.start, thread, places, views))

    def _gap(self, reason: str, offset: int | None = None, length: int | None = None) -> None:
        self._gaps.append(Gap(self._image.name, reason, offset, length))
