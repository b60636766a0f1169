"""Minidumps of Windows, Breakpad and Crashpad (minidumpapiset.h; Breakpad's minidump_format.h for its own streams)."""

from __future__ import annotations

import bisect
import functools
import struct
from collections.abc import Callable, Iterator

import attrs

from redactfuzz.dumps.readers.contexts import ARCHITECTURES, registers
from redactfuzz.dumps.readers.image import Image, Layout, Span, View
from redactfuzz.dumps.readers.room import Room
from redactfuzz.dumps.readers.seams import CROWDED, crowded, seams
from redactfuzz.model.exposure import Gap

_SIGNATURE = b"MDMP"
_HEADER = struct.Struct("<4sIIIIIQ")
_ENTRY = struct.Struct("<III")
_MODULE_BYTES, _THREAD_BYTES, _THREAD_EX_BYTES = 108, 48, 64
_STREAMS = {
    3: "ThreadList", 4: "ModuleList", 5: "MemoryList", 6: "Exception", 7: "SystemInfo", 8: "ThreadExList",
    9: "Memory64List", 10: "CommentA", 11: "CommentW", 12: "HandleData", 13: "FunctionTable", 14: "UnloadedModuleList",
    15: "MiscInfo", 16: "MemoryInfoList", 17: "ThreadInfoList", 19: "Token", 24: "ThreadNames",
    0x43500001: "CrashpadInfo", 0x47670001: "BreakpadInfo", 0x47670002: "AssertionInfo", 0x47670003: "LinuxCpuInfo",
    0x47670004: "LinuxProcStatus", 0x47670005: "LinuxLsbRelease", 0x47670006: "LinuxCmdLine",
    0x47670007: "LinuxEnviron", 0x47670008: "LinuxAuxv", 0x47670009: "LinuxMaps", 0x4767000A: "LinuxDsoDebug",
}  # fmt: skip
_NAMED_THREADS = 512
"""Threads whose registers are named one by one; of all others the contexts are."""
_MOST = 1 << 16
"""Entries of one list that are named: more than any process has, and the limit of our work on a list that lies."""
_MOST_IN_ALL = 4 * _MOST
"""Entries of all lists: of threads, modules and memory there are two each at most."""


@attrs.frozen
class Minidump:
    """The format."""

    name: str = "minidump"
    lines: bool = False

    def recognises(self, head: bytes, size: int) -> bool:
        """By its signature."""
        return head.startswith(_SIGNATURE)

    def layout(self, image: Image) -> Layout:
        """Streams, memory by address and module, threads' contexts with their registers, stacks."""
        return _Parsing(image).layout()

    def views(self, image: Image) -> Iterator[View]:
        """Memory that is adjacent by address and apart in the file."""
        parsing = _Parsing(image)
        parsing.layout()
        return seams(parsing.nameless(), image.size)


class _Parsing:
    """One pass over the streams. A range that is not in the file becomes a gap, whatever names it."""

    def __init__(self, image: Image) -> None:
        self._image = image
        self._spans: list[Span] = []
        self._gaps: list[Gap] = []
        self._modules: list[tuple[int, int, str]] = []
        self._processor = 0xFFFF
        self._threads = self._contexts = 0
        self.memory: list[Span] = []
        self._room, self._full = Room(image.size, _MOST_IN_ALL), False

    def layout(self) -> Layout:
        if self._image.size < _HEADER.size:
            return Layout("minidump", gaps=(Gap(self._image.name, "the header is cut off", self._image.size),))
        _, _, count, directory, _, _, _ = _HEADER.unpack_from(self._image.data)
        self._limit("the stream directory", count, directory)
        streams = list(self._entries(directory, min(count, _MOST), _ENTRY, "the stream directory"))
        # Modules and the processor first: they name what the others hold.
        for kind, size, at in sorted(streams, key=lambda one: (one[0] not in (4, 7), one[2])):
            if kind == 0:
                continue
            if not self._span(at, size, f"stream {_STREAMS.get(kind) or hex(kind)}"):
                continue
            read = _LISTS.get(kind)
            if read is not None:
                read(self, at, size)
        if crowded(self.nameless(), self._image.size):
            self._gaps.append(Gap(self._image.name, CROWDED, directory))
        machine = ARCHITECTURES.get(self._processor, f"processor {self._processor}")
        return Layout(
            "minidump",
            tuple(sorted(self._spans, key=lambda one: (one.start, -one.end))),
            tuple(self._gaps),
            (machine, f"{self._threads} threads", f"{len(self.memory)} ranges of memory"),
        )

    def nameless(self) -> Iterator[tuple[int, int, int]]:
        """Memory by address alone."""
        return ((one.start, one.end, one.address) for one in self.memory if one.address is not None)

    def system_info(self, at: int, size: int) -> None:
        if size >= 2:
            (self._processor,) = struct.unpack_from("<H", self._image.data, at)

    def modules(self, at: int, size: int) -> None:
        entry = struct.Struct("<QIIII")
        for base, length, _, _, name_at in self._list(at, size, 4, _MODULE_BYTES, entry, "ModuleList"):
            self._modules.append((base, base + length, self._string(name_at)))

    @functools.cached_property
    def _bases(self) -> list[int]:
        """Of all modules, once the lists of them were read, which come first: in order, and these as well."""
        self._modules.sort()
        return [base for base, _, _ in self._modules]

    def memory_list(self, at: int, size: int) -> None:
        entry = struct.Struct("<QII")
        for address, length, where in self._list(at, size, 4, entry.size, entry, "MemoryList"):
            self._memory(where, length, address)

    def memory_64_list(self, at: int, size: int) -> None:
        if size < 16:
            return
        (where,) = struct.unpack_from("<Q", self._image.data, at + 8)
        entry = struct.Struct("<QQ")
        for address, length in self._list(at, size, 16, entry.size, entry, "Memory64List"):
            self._memory(where, length, address)
            where += length

    def threads(self, at: int, size: int) -> None:
        self._thread_list(at, size, _THREAD_BYTES, "ThreadList")

    def threads_ex(self, at: int, size: int) -> None:
        self._thread_list(at, size, _THREAD_EX_BYTES, "ThreadExList")

    def _thread_list(self, at: int, size: int, each: int, name: str) -> None:
        # Number, suspend count, two priorities, TEB; stack: address, size, place; context: size, place.
        entry = struct.Struct("<IIIIQQIIII")
        for number, _, _, _, _, address, length, stack_at, context, context_at in self._list(
            at, size, 4, each, entry, name
        ):
            self._threads += 1
            self._span(stack_at, length, f"stack of thread {number}", address, thread=number)
            self._context(context_at, context, number)

    def exception(self, at: int, size: int) -> None:
        if size >= 168:  # thread, padding, an exception record of 152 bytes, the context's location
            (number,) = struct.unpack_from("<I", self._image.data, at)
            context, context_at = struct.unpack_from("<II", self._image.data, at + 160)
            self._context(context_at, context, number)

    def _context(self, at: int, size: int, thread: int) -> None:
        if size and self._span(at, size, f"registers of thread {thread}", thread=thread):
            self._contexts += 1
            for start, end, name in registers(self._processor, size) if self._contexts <= _NAMED_THREADS else ():
                self._spans.append(Span(at + start, at + end, f"register {name} of thread {thread}", thread=thread))

    def _memory(self, at: int, size: int, address: int) -> None:
        # Modules overlap nowhere, so that the last one that begins below is the only candidate.
        bases = self._bases
        _, end, name = self._modules[bisect.bisect_right(bases, address) - 1] if bases else (0, 0, "")
        mapping = name if bases and address < end and bases[0] <= address else ""
        if self._span(at, size, f"memory at {address:#x}", address, mapping):
            self.memory.append(self._spans[-1])

    def _list(
        self, at: int, size: int, header: int, each: int, entry: struct.Struct, name: str
    ) -> Iterator[tuple[int, ...]]:
        """The entries of a list: a count, then structures of ``each`` bytes."""
        if size < header:
            return
        (count,) = struct.unpack_from("<Q" if header == 16 else "<I", self._image.data, at)
        # 64-bit alignment: some writers pad the count.
        start = at + header + (4 if header == 4 and size == 8 + count * each else 0)
        if count * each > size - header:
            self._gaps.append(Gap(self._image.name, f"{name} says {count:,} entries and has room for fewer", at))
            count = (size - header) // each
        self._limit(name, count, at)
        for index in range(min(count, _MOST)):
            if not self._room.takes(each):
                if not self._full:
                    why = (
                        f"its lists say more than they have room for: the rest of {name} is not named, nor what follows"
                    )
                    self._gaps.append(Gap(self._image.name, why, start + index * each))
                self._full = True
                return
            yield entry.unpack_from(self._image.data, start + index * each)

    def _limit(self, what: str, count: int, at: int) -> None:
        if count > _MOST:
            self._gaps.append(Gap(self._image.name, f"of {count:,} entries of {what} {_MOST:,} are named", at))

    def _entries(self, at: int, count: int, entry: struct.Struct, what: str) -> Iterator[tuple[int, ...]]:
        whole = max(0, min(count, (self._image.size - at) // entry.size))
        if whole < count:
            self._gaps.append(Gap(self._image.name, f"{what} is cut off after {whole} of {count} entries", at))
        for index in range(whole):
            yield entry.unpack_from(self._image.data, at + index * entry.size)

    def _span(
        self, at: int, size: int, what: str, address: int | None = None, mapping: str = "", thread: int | None = None
    ) -> bool:
        """Names a range; False when not all of it is in the file."""
        if size == 0:
            return False
        inside = max(0, min(size, self._image.size - at))
        if inside:
            self._spans.append(Span(at, at + inside, what, address, mapping, thread))
        if inside < size:
            self._gaps.append(Gap(self._image.name, f"{what} is cut off", at + inside, size - inside))
        return inside == size

    def _string(self, at: int) -> str:
        """A MINIDUMP_STRING: bytes, then utf-16."""
        if at + 4 > self._image.size:
            return ""
        (size,) = struct.unpack_from("<I", self._image.data, at)
        return self._image.data[at + 4 : at + 4 + min(size, 2048)].decode("utf-16-le", "replace")


_LISTS: dict[int, Callable[[_Parsing, int, int], None]] = {
    3: _Parsing.threads,
    4: _Parsing.modules,
    5: _Parsing.memory_list,
    6: _Parsing.exception,
    7: _Parsing.system_info,
    8: _Parsing.threads_ex,
    9: _Parsing.memory_64_list,
}
