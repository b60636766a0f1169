from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile
from real_cores import Programs, programs, search, secret

from redactfuzz.dumps.readers.elf_core import ElfCore
from redactfuzz.dumps.readers.image import Image, Layout, Span, View
from redactfuzz.model.canary import Canary

__all__ = ["programs"]

READER = ElfCore()

REGISTERS = r"""
static uint8_t secret[32];
int main(void)
{
    if (read(0, secret, sizeof secret) != sizeof secret)
        return 1;
    __asm__ volatile("vmovdqu (%0), %%ymm9" : : "r"(secret) : "xmm9", "memory");
    wipe(secret, sizeof secret);
    CLEAN
    die();
}
"""
GENERAL = r"""
static uint64_t secret[4];
int main(void)
{
    if (read(0, secret, sizeof secret) != sizeof secret)
        return 1;
    long pid = getpid(), ignored;
    __asm__ volatile("mov (%1), %%r12\n mov 8(%1), %%r13\n mov 16(%1), %%r14\n mov 24(%1), %%r15\n"
                     "movq $0, (%1)\n movq $0, 8(%1)\n movq $0, 16(%1)\n movq $0, 24(%1)\n"
                     CLEAN
                     "mov %2, %%rax\n syscall"
                     : "=&a"(ignored) : "b"(secret), "i"(SYS_kill), "D"(pid), "S"(6L)
                     : "rcx", "r11", "r12", "r13", "r14", "r15", "memory");
}
"""
MEMORY = r"""
static uint8_t in_bss[4096];
int main(void)
{
    volatile uint8_t on_stack[64];
    if (read(0, in_bss + 64, 32) != 32)
        return 1;
    /* memcpy would leave a copy in vector registers. */
    for (int i = 0; i < 32; i++)
        on_stack[i] = ((volatile uint8_t *)in_bss)[64 + i];
    CLEAN
    die();
    return on_stack[0];
}
"""


def image(data: bytes) -> Image:
    return Image("core", data)


def spans_at(layout: Layout, offset: int) -> list[Span]:
    return [span for span in layout.spans if span.holds(offset)]


def hits_in_views(data: bytes, canary: Canary) -> list[tuple[View, int]]:
    """(view, longest hit in it)."""
    views = [(view, search(view.read(image(data)), canary)) for view in READER.views(image(data))]
    return [(view, max(hit.length for hit in hits)) for view, hits in views if hits]


def test_a_secret_only_in_a_vector_register_is_found_whole_and_named(programs: Programs, tmp_path: Path) -> None:
    canary = secret("in ymm9")
    data = programs.core(REGISTERS.replace("CLEAN", ""), canary, tmp_path, "-mavx")
    layout = READER.layout(image(data))
    assert not [gap for gap in layout.gaps if not gap.harmless]
    raw = search(data, canary)
    assert {hit.whole for hit in raw} == {False}, "no part of memory has it whole"
    named = {span.what.split(" of thread")[0] for hit in raw for span in spans_at(layout, hit.offset)}
    assert {"note NT_X86_XSTATE", "register xmm9"} <= named
    (found,) = {view.what.split(" of thread")[0] for view, length in hits_in_views(data, canary) if length == 32} - {
        "zmm registers"
    }
    assert found == "ymm registers"
    assert {view.thread for view, _ in hits_in_views(data, canary)} == {span.thread for span in layout.spans} - {None}


def test_a_register_that_was_cleared_as_well_gives_no_hit(programs: Programs, tmp_path: Path) -> None:
    canary = secret("in ymm9")
    cleared = REGISTERS.replace("CLEAN", '__asm__ volatile("vpxor %%ymm9, %%ymm9, %%ymm9" : : : "xmm9");')
    data = programs.core(cleared, canary, tmp_path, "-mavx2")
    assert not search(data, canary)
    assert not hits_in_views(data, canary)


def test_a_secret_in_general_registers_that_the_note_holds_in_another_order(
    programs: Programs, tmp_path: Path
) -> None:
    canary = secret("in r12-r15")
    data = programs.core(GENERAL.replace("CLEAN", ""), canary, tmp_path)
    assert not [hit for hit in search(data, canary) if hit.whole]
    assert {view.what.split(" of")[0] for view, length in hits_in_views(data, canary) if length == 32} == {
        "general registers"
    }


def test_general_registers_that_were_cleared_give_no_hit(programs: Programs, tmp_path: Path) -> None:
    canary = secret("in r12-r15")
    clear = '"xor %%r12, %%r12\\n xor %%r13, %%r13\\n xor %%r14, %%r14\\n xor %%r15, %%r15\\n"'
    data = programs.core(GENERAL.replace("CLEAN", clear), canary, tmp_path)
    assert not search(data, canary)
    assert not hits_in_views(data, canary)


def test_memory_is_told_by_mapping_stack_and_symbol(programs: Programs, tmp_path: Path) -> None:
    canary = secret("in memory")
    data = programs.core(MEMORY.replace("CLEAN", ""), canary, tmp_path)
    layout, symbols = READER.layout(image(data)), READER.symbols(image(data))
    innermost = [spans_at(layout, hit.offset)[-1] for hit in search(data, canary) if hit.whole]
    stacks = [span for span in innermost if span.what.startswith("stack of thread")]
    assert stacks
    assert {span.mapping for span in stacks} == {"[stack]"}
    addresses = [
        (span.address or 0) + hit.offset - span.start
        for hit in search(data, canary)
        for span in spans_at(layout, hit.offset)[-1:]
    ]
    assert "in_bss+0x40" in {symbols.at(address) for address in addresses}


def test_a_wiped_program_gives_no_hit(programs: Programs, tmp_path: Path) -> None:
    canary = secret("in memory")
    clean = "wipe(in_bss, sizeof in_bss); wipe((void *)on_stack, sizeof on_stack);"
    data = programs.core(MEMORY.replace("CLEAN", clean), canary, tmp_path)
    assert not search(data, canary)
    assert not hits_in_views(data, canary)


def test_symbols_of_a_file_that_has_changed_since_are_not_told(programs: Programs, tmp_path: Path) -> None:
    canary = secret("in memory")
    source = MEMORY.replace("CLEAN", "/* to be rebuilt */")
    data = programs.core(source, canary, tmp_path, "-Wl,--build-id")
    program = programs.build(source)
    bss = [span for span in READER.layout(image(data)).spans if span.mapping == str(program) and "rw-" in span.what]
    other = programs.build(source.replace("4096", "8192"), "-Wl,--build-id")
    program.unlink()
    program.write_bytes(other.read_bytes())
    symbols = READER.symbols(image(data))
    assert bss
    assert {symbols.at((span.address or 0) + at) for span in bss for at in range(0, 8192, 32)} == {None}


@pytest.mark.parametrize("share", [0.0, 0.002, 0.01, 0.02, 0.3, 0.7, 0.999])
def test_a_truncated_core_says_what_is_missing_and_still_gives_its_secrets(
    programs: Programs, tmp_path: Path, share: float
) -> None:
    canary = secret("in memory")
    data = programs.core(MEMORY.replace("CLEAN", ""), canary, tmp_path)
    cut = data[: max(17, int(len(data) * share))]
    layout = READER.layout(image(cut))
    gaps = [gap for gap in layout.gaps if not gap.harmless]
    assert gaps
    assert all(gap.offset is not None and 0 <= gap.offset <= len(data) for gap in gaps)
    if share > 0.01:
        last = max((gap.offset or 0) + (gap.length or 0) for gap in gaps)
        assert last == len(data), "the gaps reach to where the whole core ended"
    expected = [hit for hit in search(data, canary) if hit.offset + hit.length <= len(cut)]
    assert [hit for hit in search(cut, canary) if hit.whole] == [hit for hit in expected if hit.whole]
    list(READER.views(image(cut)))


def test_segments_and_notes_are_those_that_pyelftools_sees(programs: Programs, tmp_path: Path) -> None:
    data = programs.core(MEMORY.replace("CLEAN", ""), secret("in memory"), tmp_path)
    layout = READER.layout(image(data))
    elf = ELFFile(io.BytesIO(data))
    theirs, notes = set(), set()
    for segment in elf.iter_segments():
        if segment["p_type"] == "PT_LOAD" and segment["p_filesz"]:
            theirs.add((segment["p_offset"], segment["p_offset"] + segment["p_filesz"], segment["p_vaddr"]))
        if segment["p_type"] == "PT_NOTE":
            notes = {(note["n_offset"], note["n_descsz"]) for note in segment.iter_notes()}  # type: ignore[attr-defined]
    ours = {(span.start, span.end, span.address) for span in layout.spans if span.what.startswith("segment")}
    assert ours == theirs
    headers = [span for span in layout.spans if span.what.startswith("note ")]
    assert {(span.start, struct.unpack_from("<I", data, span.start + 4)[0]) for span in headers} == notes
