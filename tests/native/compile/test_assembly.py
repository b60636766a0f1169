"""What inline assembly may do, read from what the compiler made of it: the texts alone, nothing is built."""

from __future__ import annotations

import pytest

from redactfuzz.native.compile.symbols import assembly

pytestmark = pytest.mark.once

REGISTERS = [
    "movdqa %xmm0, %xmm15", "pxor %xmm15, %xmm15", "movd %xmm15, %eax", "bswap %rax", "nop; nop", "xorl $-1, %eax",
    "mov v31.16b, v0.16b", "movi v31.2d, #0", "umov w0, v31.s[0]", "rep; nop", "mfence", "dmb ish", "rdtsc",
]  # fmt: skip
MEMORY = [
    "movdqu (%rdi), %xmm15", "movl %eax, counter", "movl %eax, counter(%rip)", "movsb", "rep movsb", "rep; stosq",
    "push %rax", "call hide", "jmp *%rax", "syscall", "int $3", "lock; incl (%rdi)", "xchgl %eax, (%rdi)",
    "nop; movl %eax, (%rdi)", "ldr q31, [x0]", "str x0, [x1]", "dc zva, x0", "svc #0", "bl hide", "mov x0, =counter",
    "maskmovdqu %xmm0, %xmm1", "xlatb", "movl x0, %eax", "movl %eax, 4096", "ret",
]  # fmt: skip


def _assembled(instruction: str) -> str:
    return f'#APP\n# 8 "dir/a.c" 1\n\t{instruction}\n# 0 "" 2\n#NO_APP\n'


@pytest.mark.parametrize("instruction", REGISTERS)
def test_assembly_that_stays_in_registers_is_harmless(instruction: str) -> None:
    assert assembly(_assembled(instruction)) == ()


@pytest.mark.parametrize("instruction", MEMORY)
def test_assembly_that_may_touch_memory_or_go_elsewhere_is_told(instruction: str) -> None:
    assert [one.name for one in assembly(_assembled(instruction))] == ["inline assembly at a.c:8"]


def test_assembly_is_told_from_what_cannot_write() -> None:
    text = (
        '#APP\n# 8 "dir/a.c" 1\n\trep movsb\n# 0 "" 2\n#NO_APP\n\tmovl %eax, (%rdi)\n'
        '#APP\n# 9 "dir/a.c" 1\n\tpause\n# 0 "" 2\n#NO_APP\n'
        '#APP\n# 10 "dir/a.c" 1\n\t\n# 0 "" 2\n#NO_APP\n'
        '#APP\n# 11 "dir/a.c" 1\n\tnop; movl %eax, (%rdi)\n# 0 "" 2\n#NO_APP\n'
    )
    assert [one.name for one in assembly(text)] == ["inline assembly at a.c:8", "inline assembly at a.c:11"]
