"""Builds minidumps: Windows' and Breakpad's streams, as minidumpapiset.h and minidump_format.h have them."""

from __future__ import annotations

import struct

import attrs

AMD64, ARM64 = 9, 12
THREADS, MODULES, MEMORY, EXCEPTION, SYSTEM, MEMORY64 = 3, 4, 5, 6, 7, 9
LINUX_ENVIRON, LINUX_MAPS = 0x47670007, 0x47670009
CONTEXT_BYTES = {AMD64: 1232, ARM64: 912}
XMM0, V0, RAX, X0 = 0x1A0, 0x110, 0x78, 0x08


@attrs.define
class Builder:
    """Adds streams; ``bytes`` gives the file."""

    processor: int = AMD64
    body: bytearray = attrs.field(factory=bytearray)
    streams: list[tuple[int, int, int]] = attrs.field(factory=list)
    room: int = 16
    """Entries of the directory."""

    def put(self, data: bytes) -> int:
        """Where the data lie in the file."""
        at = 32 + 12 * self.room + len(self.body)
        self.body += data
        return at

    def stream(self, kind: int, data: bytes) -> None:
        self.streams.append((kind, len(data), self.put(data)))

    def system(self) -> None:
        self.stream(SYSTEM, struct.pack("<H", self.processor) + bytes(54))

    def modules(self, *modules: tuple[int, int, str]) -> None:
        entries = bytearray()
        for base, size, name in modules:
            text = name.encode("utf-16-le")
            at = self.put(struct.pack("<I", len(text)) + text + b"\0\0")
            entries += struct.pack("<QIIII", base, size, 0, 0, at) + bytes(84)
        self.stream(MODULES, struct.pack("<I", len(modules)) + entries)

    def memory(self, *ranges: tuple[int, bytes]) -> None:
        entries = b"".join(struct.pack("<QII", address, len(data), self.put(data)) for address, data in ranges)
        self.stream(MEMORY, struct.pack("<I", len(ranges)) + entries)

    def memory64(self, *ranges: tuple[int, bytes]) -> None:
        at = self.put(b"".join(data for _, data in ranges))
        entries = b"".join(struct.pack("<QQ", address, len(data)) for address, data in ranges)
        self.stream(MEMORY64, struct.pack("<QQ", len(ranges), at) + entries)

    def context(self, **registers: bytes) -> bytes:
        """A thread context with bytes at the offsets ``at_0x1a0=...``."""
        context = bytearray(CONTEXT_BYTES[self.processor])
        for name, value in registers.items():
            at = int(name.removeprefix("at_"), 16)
            context[at : at + len(value)] = value
        return bytes(context)

    def threads(self, *threads: tuple[int, int, bytes, bytes]) -> None:
        """(number, address of the stack, the stack, the context)."""
        entries = b""
        for number, address, stack, context in threads:
            entries += struct.pack("<IIIIQ", number, 0, 0, 0, 0)
            entries += struct.pack("<QII", address, len(stack), self.put(stack))
            entries += struct.pack("<II", len(context), self.put(context))
        self.stream(THREADS, struct.pack("<I", len(threads)) + entries)

    def exception(self, thread: int, context: bytes) -> None:
        at = self.put(context)
        self.stream(EXCEPTION, struct.pack("<II", thread, 0) + bytes(152) + struct.pack("<II", len(context), at))

    def bytes(self) -> bytes:
        directory = b"".join(struct.pack("<III", *stream) for stream in self.streams)
        assert len(self.streams) <= self.room
        header = struct.pack("<4sIIIIIQ", b"MDMP", 0xA793, len(self.streams), 32, 0, 0, 0)
        return header + directory.ljust(12 * self.room, b"\0") + bytes(self.body)
