"""Stores that the compiler puts no hook before are told from what gcc says and from the instructions."""

from __future__ import annotations

import pytest

from redactfuzz.native.compile import stores

HIDDEN = (
    "  __builtin_ia32_movnti64 (g.0_1, 5);",
    "  __builtin_ia32_maskmovdqu (_4, _4, c.1_1);",
    "  __builtin_ia32_storelps (h.6_2, f.5_1);",
    "  _7 = __builtin_ia32_addcarryx_u64 (_2, 3, 4, u.4_1);",
    "  _7 = __builtin_ia32_rdrand64_step (u.7_1);",
    "  __builtin_ia32_scattersiv16si (c.23_2, -1, { 0, 0 }, { 0, 0 }, 4);",
    "  __builtin_memset (c.8_1, 0, 32);",
    '  __builtin_memcpy (c.20_1, "abcdefg", 8);',
    "  .MASK_STORE (_3, 32B, mask_4, vect_5);",
    "  .SCATTER_STORE (_3, _4, 1, vect_5);",
    "__attribute__((noinline, no_sanitize (thread)))",
)
SEEN = (
    "  __builtin___tsan_write8 (c.2_1);",
    "  __builtin_ia32_sfence ();",
    "  __builtin_ia32_pause ();",
    "  __builtin_ia32_fnstenv (&fenv.3);",
    "  _5 = __builtin_ia32_aesenc128 (_3, _4);",
    "  __builtin_memcpy (c.10_3, g.9_2, _1);",
    "  memset (c.15_1, 0, 32);",
    "  __builtin_ia32_rdtsc ();",
    "  *c.2_1 = 1;",
    "__attribute__((noinline))",
)


def told(line: str, *, repeats: bool = False) -> list[str]:
    dump = f";; Function sign (sign, funcdef_no=1)\n\n{line}\n"
    return [str(one) for one in stores.hidden_in(dump, repeats)]


@pytest.mark.parametrize("line", HIDDEN)
def test_a_hidden_store_is_told_with_its_function(line: str) -> None:
    (one,) = told(line)
    assert "sign" in one


@pytest.mark.parametrize("line", SEEN)
def test_what_has_a_hook_or_stores_nothing_is_not_told(line: str) -> None:
    assert not told(line)


def test_a_copy_of_an_unknown_length_counts_where_there_are_string_instructions() -> None:
    assert told("  __builtin_memcpy (c.10_3, g.9_2, _1);", repeats=True)
    assert stores.repeats("  10:\trep stos %al,%es:(%rdi)\n")
    assert not stores.repeats("  10:\tmov %al,(%rdi)\n")


@pytest.mark.parametrize(
    ("instruction", "stored"),
    [
        ("movnti %rax,(%rdi)", True),
        ("vmovntdq %ymm0,0x20(%rdi)", True),
        ("vmovntps %zmm0,0x0(%rip)        # 30 <a+0x10>", True),
        ("movntdqa (%rdi),%xmm0", False),
        ("maskmovdqu %xmm1,%xmm0", True),
        ("vpmaskmovd %ymm0,%ymm1,(%rax)", True),
        ("vpmaskmovd (%rax),%ymm1,%ymm0", False),
        ("vpscatterdd %zmm0,(%rax,%zmm1,4){%k1}", True),
        ("vmovdqu32 %zmm0,(%rax){%k1}", True),
        ("vmovdqu32 (%rax),%zmm0{%k1}{z}", False),
        ("vmovdqu %ymm0,(%rax)", False),
        ("fxsave (%rax)", True),
    ],
)
def test_instructions_that_no_hook_announces(instruction: str, stored: bool) -> None:
    assert bool(list(stores.instructions(f"    1a4:\t{instruction}\n"))) is stored
