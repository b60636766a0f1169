"""Where the registers lie in the notes of an ELF core.

``struct elf_prstatus`` and ``user_regs_struct`` of the kernel's headers; FXSAVE and the standard and compacted layouts
of XSAVE: Intel SDM volume 1, 13.4; AMD's processors place AVX-512 elsewhere than Intel's, and say so by CPUID leaf 0Dh
only, hence NT_X86_XSAVE_LAYOUT, which is believed where a core has it.
"""

from __future__ import annotations

import functools
import struct
from collections.abc import Iterator, Mapping, Sequence

import attrs

X86, ARM, X86_64, AARCH64 = 3, 40, 62, 183
MACHINES = {X86: "x86", ARM: "ARM", X86_64: "x86-64", AARCH64: "aarch64"}
"""e_machine of those whose registers are named."""

Place = tuple[int, int, str]
"""(start, end, name), in bytes of a note."""

_GENERAL = {
    X86: "ebx ecx edx esi edi ebp eax ds es fs gs orig_eax eip cs eflags esp ss",
    ARM: "r0 r1 r2 r3 r4 r5 r6 r7 r8 r9 r10 fp ip sp lr pc cpsr orig_r0",
    X86_64: "r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp ss fs_base gs_base "
    "ds es fs gs",
    AARCH64: " ".join(f"x{number}" for number in range(31)) + " sp pc pstate",
}
_STATUS_BYTES = 1 << 10
"""More than any NT_PRSTATUS has."""
_STACK = {X86: "esp", ARM: "sp", X86_64: "rsp", AARCH64: "sp"}
_SEQUENCES = {
    X86_64: (
        ["rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"],
        ["rdi", "rsi", "rdx", "rcx", "r8", "r9"],
        ["rax", "rcx", "rdx", "rbx", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"],
    ),
    X86: (["eax", "ebx", "ecx", "edx", "esi", "edi", "ebp"], ["eax", "ecx", "edx", "ebx", "ebp", "esi", "edi"]),
}
"""Orders in which programs fill registers: by name, as arguments (System V ABI), by encoding."""

XMM = 160
"""Offset of xmm0 in an FXSAVE area; of v0 in NT_FPREGSET of aarch64 it is 0."""
_FX_BYTES, _HEADER_END = 512, 576
AVX, OPMASK, ZMM_HIGH, HIGH_ZMM = 2, 5, 6, 7
"""State components: upper halves of ymm0-15, k0-7, upper halves of zmm0-15, zmm16-31."""
_INTEL = {AVX: 576, OPMASK: 1088, ZMM_HIGH: 1152, HIGH_ZMM: 1664}
_AMD = {AVX: 576, OPMASK: 832, ZMM_HIGH: 896, HIGH_ZMM: 1408}
_AMD_BYTES = 2440
"""Of the largest area that AMD's processors write with AVX-512 and protection keys; Intel's has 2,688 at least."""
_SIZES = {2: 256, 3: 64, 4: 64, 5: 64, 6: 512, 7: 1024, 8: 128, 9: 8}
"""Of the components that may lie before AVX-512 in a compacted area; none of them is aligned to 64 bytes."""


@attrs.frozen
class ThreadStatus:
    """What NT_PRSTATUS says: the number of the thread, and its stack pointer."""

    thread: int
    stack: int | None


def status(data: bytes, machine: int, order: str, word: int) -> ThreadStatus | None:
    """Reads NT_PRSTATUS; None when not even the thread's number is there."""
    thread_at = 32 if word == 8 else 24
    if len(data) < thread_at + 4:
        return None
    (thread,) = struct.unpack_from(f"{order}I", data, thread_at)
    for start, end, name in general(len(data), machine, word):
        if name == _STACK[machine]:
            return ThreadStatus(thread, int.from_bytes(data[start:end], "little" if order == "<" else "big"))
    return ThreadStatus(thread, None)


@functools.lru_cache(maxsize=64)
def general(size: int, machine: int, word: int) -> tuple[Place, ...]:
    """Registers in NT_PRSTATUS. Those of an x32 program are as wide as those of any x86-64 program."""
    width = 8 if machine in (X86_64, AARCH64) else 4
    return tuple(_row(112 if word == 8 else 72, width, _GENERAL.get(machine, "").split(), min(size, _STATUS_BYTES)))


def sequences(places: Sequence[Place], machine: int) -> Iterator[tuple[Place, ...]]:
    """General registers in the orders in which a secret may lie in them, when that is not the order of the note."""
    named = {place[2]: place for place in places}
    for names in _SEQUENCES.get(machine, ()):
        if all(name in named for name in names):
            yield tuple(named[name] for name in names)


def floating(size: int, machine: int) -> Iterator[Place]:
    """Registers in NT_FPREGSET."""
    if machine in (X86_64, X86) and size >= _FX_BYTES:
        yield from _fxsave(size)
    elif machine == AARCH64:
        yield from _row(0, 16, [f"v{number}" for number in range(32)], size)


def _fxsave(size: int) -> Iterator[Place]:
    yield from _row(32, 16, [f"st{number}" for number in range(8)], size)
    yield from _row(XMM, 16, [f"xmm{number}" for number in range(16)], size)


def scalable(data: bytes, order: str) -> Iterator[Place]:
    """Registers in NT_ARM_SVE (``struct user_sve_header``): z0-31, or v0-31 when the thread has not used SVE."""
    if len(data) < 16:
        return
    length, _, flags = struct.unpack_from(f"{order}HHH", data, 8)
    if flags & 1 and 16 <= length <= 256 and length % 16 == 0:
        yield from _row(16, length, [f"z{number}" for number in range(32)], len(data))
    elif not flags & 1:
        yield from _row(16, 16, [f"v{number}" for number in range(32)], len(data))


def xsave_layout(data: bytes, order: str) -> dict[int, int]:
    """Component -> offset, as NT_X86_XSAVE_LAYOUT lists them: number, size, offset, flags. Of those that are named."""
    whole = len(data) - len(data) % 16
    rows = struct.iter_unpack(f"{order}4I", data[:whole])
    return {kind: offset for kind, _, offset, _ in rows if kind in _INTEL}


def components(data: bytes, stated: Mapping[int, int]) -> Mapping[int, int]:
    """Component -> offset in an XSAVE area."""
    if len(data) < _HEADER_END:
        return {}
    (compaction,) = struct.unpack_from("<Q", data, 520)
    if compaction >> 63:
        at, found = _HEADER_END, {}
        for component, size in _SIZES.items():
            if compaction >> component & 1:
                found[component] = at
                at += size
        return found
    if stated:
        return stated
    return _AMD if len(data) <= _AMD_BYTES else _INTEL


def extended(size: int, at: Mapping[int, int]) -> Iterator[Place]:
    """Registers in NT_X86_XSTATE, the parts of one under its own name each."""
    yield from _fxsave(size)
    for component, each, names in (
        (AVX, 16, [f"ymm{number} (upper half)" for number in range(16)]),
        (OPMASK, 8, [f"k{number}" for number in range(8)]),
        (ZMM_HIGH, 32, [f"zmm{number} (upper half)" for number in range(16)]),
        (HIGH_ZMM, 64, [f"zmm{number}" for number in range(16, 32)]),
    ):
        if component in at:
            yield from _row(at[component], each, names, size)


def vectors(size: int, at: Mapping[int, int]) -> Iterator[tuple[str, tuple[Place, ...]]]:
    """Whole vector registers, put together from their parts: (name, parts) of ymm0-15 and of zmm0-31, in sequence."""
    halves = list(extended(size, at))
    named = {name: (start, end, name) for start, end, name in halves}
    ymm = [(f"xmm{number}", f"ymm{number} (upper half)") for number in range(16)]
    zmm = [(*parts, f"zmm{number} (upper half)") for number, parts in enumerate(ymm)]
    zmm_all = [*(name for parts in zmm for name in parts), *(f"zmm{number}" for number in range(16, 32))]
    for name, parts in (("ymm registers", [one for pair in ymm for one in pair]), ("zmm registers", zmm_all)):
        if all(part in named for part in parts):
            yield name, tuple(named[part] for part in parts)


def _row(start: int, each: int, names: Sequence[str], size: int) -> Iterator[Place]:
    for index, name in enumerate(names):
        at = start + index * each
        if at + each <= size:
            yield at, at + each, name
