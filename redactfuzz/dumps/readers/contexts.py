"""Where registers lie in the thread contexts of a minidump (CONTEXT of winnt.h; Breakpad's minidump_cpu_*.h)."""

from __future__ import annotations

from collections.abc import Iterator

_AMD64, _ARM64, _ARM64_BREAKPAD = 9, 12, 0x8003
ARCHITECTURES = {0: "x86", 5: "ARM", _AMD64: "x86-64", _ARM64: "ARM64", _ARM64_BREAKPAD: "ARM64"}
"""MINIDUMP_SYSTEM_INFO.ProcessorArchitecture."""

_GENERAL = ["rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", *(f"r{number}" for number in range(8, 16)), "rip"]
_AMD64_GENERAL, _AMD64_XMM = 0x78, 0x1A0
_ARM64_X, _ARM64_V = 0x08, 0x110
_ARM64_OLD_V = 0x11C
"""Breakpad's first ARM64 context has 64 bits of flags, and the vectors after the floating point status."""


def registers(processor: int, size: int) -> Iterator[tuple[int, int, str]]:
    """(start, end, name) of each register in a context of ``size`` bytes; nothing for what we do not know."""
    if processor == _AMD64:
        yield from _row(_AMD64_GENERAL, 8, _GENERAL, size)
        yield from _row(_AMD64_XMM, 16, [f"xmm{number}" for number in range(16)], size)
    elif processor in (_ARM64, _ARM64_BREAKPAD):
        vectors = _ARM64_V if processor == _ARM64 else _ARM64_OLD_V
        yield from _row(_ARM64_X, 8, [*(f"x{number}" for number in range(31)), "sp", "pc"], size)
        yield from _row(vectors, 16, [f"v{number}" for number in range(32)], size)


def _row(start: int, each: int, names: list[str], size: int) -> Iterator[tuple[int, int, str]]:
    for index, name in enumerate(names):
        at = start + index * each
        if at + each <= size:
            yield at, at + each, name
