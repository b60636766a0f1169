"""The notes of an ELF core: who wrote each, what kind it is, and what the kernel's own notes say (elf.h, core(5))."""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator

import attrs

from redactfuzz.model.texts.shortened import bearable

PRSTATUS, FPREGSET, AUXV, XSTATE, XSAVE_LAYOUT, SVE, FILE = 1, 2, 6, 0x202, 0x205, 0x405, 0x46494C45
_NAMES = {
    PRSTATUS: "NT_PRSTATUS", FPREGSET: "NT_FPREGSET", 3: "NT_PRPSINFO", 4: "NT_TASKSTRUCT", AUXV: "NT_AUXV",
    10: "NT_PSTATUS", 12: "NT_FPREGS", 13: "NT_PSINFO", 16: "NT_LWPSTATUS", 17: "NT_LWPSINFO",
    0x100: "NT_PPC_VMX", 0x101: "NT_PPC_SPE", 0x102: "NT_PPC_VSX",
    0x200: "NT_386_TLS", 0x201: "NT_386_IOPERM", XSTATE: "NT_X86_XSTATE", 0x203: "NT_X86_CET", 0x204: "NT_X86_SHSTK",
    XSAVE_LAYOUT: "NT_X86_XSAVE_LAYOUT", 0x300: "NT_S390_HIGH_GPRS", 0x309: "NT_S390_VXRS_LOW",
    0x30A: "NT_S390_VXRS_HIGH", 0x400: "NT_ARM_VFP", 0x401: "NT_ARM_TLS", 0x402: "NT_ARM_HW_BREAK",
    0x403: "NT_ARM_HW_WATCH", 0x404: "NT_ARM_SYSTEM_CALL", SVE: "NT_ARM_SVE", 0x406: "NT_ARM_PAC_MASK",
    0x407: "NT_ARM_PACA_KEYS", 0x408: "NT_ARM_PACG_KEYS", 0x409: "NT_ARM_TAGGED_ADDR_CTRL",
    0x40A: "NT_ARM_PAC_ENABLED_KEYS", 0x40B: "NT_ARM_SSVE", 0x40C: "NT_ARM_ZA", 0x40D: "NT_ARM_ZT",
    0x40E: "NT_ARM_FPMR", 0x40F: "NT_ARM_POE", 0x410: "NT_ARM_GCS",
    FILE: "NT_FILE", 0x53494749: "NT_SIGINFO", 0x46E62B7F: "NT_PRXFPREG",
}  # fmt: skip
_OF_THREAD = {*_NAMES} - {3, 4, AUXV, 13, XSAVE_LAYOUT, FILE}
_KERNEL = ("CORE", "LINUX")
_OWNER_BYTES = 32
"""Of an owner's name that are shown; the kernel's have five."""


@attrs.frozen
class ElfNote:
    """One note. ``start`` and ``end`` enclose what the file has of its content; ``missing`` bytes are not there."""

    owner: str
    kind: int
    header: int
    start: int
    end: int
    missing: int = 0

    @property
    def known(self) -> bool:
        """Whether it is one of the Linux kernel's."""
        return self.owner in _KERNEL

    @property
    def name(self) -> str:
        """``NT_PRSTATUS``; a number for what has no name."""
        if self.known and self.kind in _NAMES:
            return _NAMES[self.kind]
        return f"{self.kind:#x} of {self.owner or 'nobody'}"

    @property
    def of_thread(self) -> bool:
        """Whether it is about one thread, and not of the process."""
        return not self.known or self.kind in _OF_THREAD


def notes(data: bytes | mmap.mmap, start: int, end: int, order: str, align: int) -> Iterator[ElfNote]:
    """Every note between two offsets of the file. A note that ends later than ``end`` is the last one."""
    header = struct.Struct(f"{order}III")
    step = 8 if align == 8 else 4
    while start + header.size <= end:
        owner_size, size, kind = header.unpack_from(data, start)
        owner_at = start + header.size
        content = owner_at + -(-owner_size // step) * step
        owner = data[owner_at : min(owner_at + min(owner_size, _OWNER_BYTES), end)]
        stop = content + size
        yield ElfNote(
            owner.split(b"\0")[0].decode("ascii", "replace") if owner.isascii() else "",
            kind,
            start,
            min(content, end),
            min(stop, end),
            max(0, stop - end),
        )
        start = content + -(-size // step) * step


@attrs.frozen
class Mapping:
    """A file that was mapped: addresses, and the offset in the file of the first of them."""

    start: int
    end: int
    offset: int
    path: str


def mapped_files(data: bytes, order: str, word: int) -> list[Mapping]:
    """What NT_FILE lists: count, page size, count times (start, end, offset in pages), then the paths."""
    code = "Q" if word == 8 else "I"
    if len(data) < 2 * word:
        return []
    count, page = struct.unpack_from(f"{order}2{code}", data)
    entry = struct.Struct(f"{order}3{code}")
    count = min(count, (len(data) - 2 * word) // entry.size)
    paths = data[2 * word + count * entry.size :].split(b"\0")
    found = []
    for index, path in zip(range(count), paths, strict=False):
        start, end, offset = entry.unpack_from(data, 2 * word + index * entry.size)
        found.append(Mapping(start, end, offset * page, bearable(path.decode("utf-8", "replace"))))
    return found


_SYSINFO_EHDR, _RANDOM, _EXECFN = 33, 25, 31


def landmarks(data: bytes, order: str, word: int) -> dict[int, str]:
    """What NT_AUXV says of memory: an address inside it, and its name in ``/proc/PID/maps``. Of each kind the first."""
    pair = struct.Struct(f"{order}2{'Q' if word == 8 else 'I'}")
    names = {_SYSINFO_EHDR: "[vdso]", _RANDOM: "[stack]", _EXECFN: "[stack]"}
    whole = len(data) - len(data) % pair.size
    first: dict[int, int] = {}
    for kind, address in pair.iter_unpack(data[:whole]):
        if kind in names:
            first.setdefault(kind, address)
    return {address: names[kind] for kind, address in first.items()}
