"""All that an execution changes is put back: it lies in one section, which the driver compares after each reset.

Every test that runs programs by ``modelled.executions`` has it compared. Here: that the section is complete, and that
the comparison finds what is not put back.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from section import CONSTANT, SECTION, named, variables

from redactfuzz.native.compile import build
from redactfuzz.native.compile.compiler import ran, toolchain

pytestmark = pytest.mark.once

OUTSIDE = {
    "constant once the program is loaded": """
        cxx.c throw_system_error, cxx.c release_error, cxx.c set_terminate, cxx.c usual, terminate.c standard,
        specific.c used_at_load, specific.c keys_at_load, specific.c values_at_load, process.c arguments_at_load,
        process.c at_load, process.c kept, signals.c actions_at_load, signals.c touched_at_load,
        signal_models.c at_load, limits.c dumpable_at_load, limits.c core_limit_at_load,
        atfork.c kept, thread_end.c at_load, thread_end.c left_at_load,
        leaving.c forced_unwind, leaving.c frame_of, tls.c image, fiber.c rights, rfn_limit, rfn_base, rfn_loading,
        rfn_exceptions, model___libc_single_threaded""",
    "constant once the driver has begun": """
        parts.c count, parts.c parts, parts.c at, confine.c home, faults.c fault_stack, rfn_above, rfn_on_begin,
        rfn_on_access, rfn_on_handler_returned, rfn_on_raise_returned, rfn_fibers, rfn_runtime_stack, rfn_matcher,
        machine_x86_64.c masks, machine_x86_64.c zmm_high, machine_x86_64.c zmm_more, machine_x86_64.c area_size,
        rfn_has_avx, rfn_has_avx512, rfn_has_avx512bw, rfn_frame_size, rfn_can_keep_vectors, canary.c room,
        canary.c shown, memory.c page_flags, memory.c window_lines, memory.c window_bits, memory.c known_bits,
        memory.c page_list, touched.c mapped, touched.c mapped_count, store.c store, descriptors.c opens,
        file_locks.c locks, compare.c kept""",
    "arguments, environment and input: laid out anew when the secrets are others": """
        driver.c words, start.c program, given.c count, given.c given, descriptors.c input, memory.c start_end,
        memory.c start_copy, canary.c room_kept""",
    "where no thread of the program runs; each of these has its own in its control block": """
        model__ZSt15__once_callable, model__ZSt11__once_call""",
    "as the plan has it, in every execution": "rfn_tracing, rfn_keep_vectors",
    "found when it was first needed, and the same ever after": """
        libraries.c real.0, libraries.c real.1, libraries.c real.2, libraries.c real.3, libraries.c real.4,
        libraries.c real.5, libraries.c real.6, libraries.c real.7, libraries.c real.8, printing.c scratch,
        times.c zone, times.c at_start, writers.c slots, rfn_uncaught, disk.c disk""",
    "of the batch": """events.c out, events.c commands, canary.c reported.0, novelty.c met, novelty.c values,
        novelty.c used""",
    "what a reduction has learned of the program, in all executions of this process": """
        seen.c globals, seen.c globals_start, seen.c globals_end, seen.c words, seen.c varied,
        seen.c word_count, seen.c varied_count, seen.c full, groups.c groups,
        groups.c count, groups.c kept, groups.c kept_size, groups.c full, groups.c grown, groups.c shown,
        groups.c possible, lines.c lines, lines.c line_count, lines.c rounds, lines.c lines_full""",
    "what the last search has found: each begins anew": "rfn_found, rfn_novelty",
    "written at each switch before it is read": "rfn_driver_context",
    "what the kernel was told of pages that nobody may touch, which stays": "fiber.c guarded",
    "8 MB: what the blocks of an execution have used is cleared when they are": "blocks.c free_of",
    "of a plain run, which is one execution": """
        breakpoint.c left, trap_x86_64.c place, trap_x86_64.c original, trap_x86_64.c passing, trap_aarch64.c place,
        trap_aarch64.c original, trap_aarch64.c slot""",
}
"""Variables that may be written, and are not in the section: why -> which."""

_OF_A_PROCESSOR = re.compile("x86_64|aarch64|avx")

FORGETFUL = """
#include "base/parts.h"
#include "driver/compare.h"
#include "driver/events.h"
#include <stdio.h>
RFN_STATE long rfn_put_back;
RFN_STATE long rfn_forgotten;
void rfn_event_failed(const char *what) { puts(what); }
int main(void)
{
    rfn_state_keep();
    rfn_put_back = 1;
    rfn_put_back = 0;
    if (!rfn_state_is_back()) return 1;
    rfn_forgotten = 1;
    return rfn_state_is_back();
}
"""


def test_whatever_may_be_written_and_is_not_in_the_section_has_a_reason() -> None:
    known = {name.strip() for names in OUTSIDE.values() for name in names.split(",")}
    found = {each.name: each.section for each in variables(build.driver(toolchain()))}
    assert list(found.values()).count(SECTION) > 80
    outside = {name for name, section in found.items() if section not in {SECTION, *CONSTANT}}
    assert sorted(outside - known) == [], "put it into RFN_STATE and let a part reset it, or say why not"
    assert [name for name in sorted(known - outside) if not _OF_A_PROCESSOR.search(name)] == [], "gone"


def test_what_a_reset_forgets_is_told_by_its_name(tmp_path: Path) -> None:
    source, program = tmp_path / "forgetful.c", tmp_path / "forgetful"
    source.write_text(FORGETFUL, "utf-8")
    ours = [build.RUNTIME / each for each in ("driver/compare.c", "base/hidden.c", "base/os.c")]
    cc = toolchain().compiler_of(source)
    ran([*cc, f"-I{build.RUNTIME}", f"-I{build.CORE}", source, *ours, "-o", program], "it does not compile")
    said = ran([program], "a reset that forgets nothing is accused")
    assert named(program, said).endswith("(rfn_forgotten)")
