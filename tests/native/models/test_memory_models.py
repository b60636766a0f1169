"""The heap, copies and wipes, mappings: the models do what glibc and the kernel do, as far as a dump can tell."""

from __future__ import annotations

import ctypes
import ctypes.util
from pathlib import Path

import pytest
from modelled import ANY, FINEST, assert_passes, bugs, executions, leaked, planted

from redactfuzz.model.canary import raw
from redactfuzz.model.outcome import BugKind
from redactfuzz.native.compile.table import Treated, treatment
from redactfuzz.native.drive.numbers import End

pytestmark = pytest.mark.once

HARMLESS = {name for name, how in treatment().items() if how is Treated.HARMLESS}


@pytest.mark.parametrize(
    "name",
    ["heap_reuse.c", "heap_realloc.c", "heap_classes.cpp", "bytes_family.c", "pages_advice.c", "pages_many.c"],
)
def test_the_program_finds_what_a_real_one_would_in_each_execution(name: str) -> None:
    assert_passes(executions(name))


@pytest.mark.parametrize("what", ["twice", "inside", "global", "local", "realloc", "large"])
def test_a_block_that_is_none_is_misused(what: str) -> None:
    assert bugs(executions("heap_misuse.c", what)) == {BugKind.MISUSE}


def test_freeing_nothing_is_no_misuse() -> None:
    assert_passes(executions("heap_misuse.c", "null"))


def test_a_handler_that_allocates_hangs_when_it_interrupted_malloc() -> None:
    events = executions("heap_handler.c", "malloc", crash="SIGSEGV", stage=FINEST, at_most=500)
    assert bugs(events) <= {BugKind.HANDLER, BugKind.DEADLOCK}
    assert bugs(events)
    # Struck elsewhere it does not hang.
    assert {event.state for event in events} == {End.BUG, End.EXITED, End.KILLED}


def test_a_handler_that_does_not_allocate_never_hangs() -> None:
    events = executions("heap_handler.c", "write", crash="SIGSEGV", stage=FINEST, at_most=500)
    assert not bugs(events)
    assert {event.status for event in events if event.state == End.EXITED} == {11}


def torn(stage: object) -> set[int]:
    """How many bytes of the secret were seen at once."""
    events = executions(
        "bytes_torn.c",
        crash="kill",
        stage=stage,  # type: ignore[arg-type]
        canaries=[planted("key", raw(64))],
        at_most=200,
    )
    return {hit.length for event in events for hit in event.hits}


def test_the_crash_strikes_between_the_pieces_of_a_copy_and_of_a_wipe() -> None:
    assert torn(FINEST) == {16, 32, 48, 64}


def test_a_copy_and_a_wipe_are_whole_where_only_threads_change() -> None:
    assert torn(ANY) == {64}


@pytest.mark.parametrize(
    ("what", "dumps", "shown"),
    [
        ("as it is", 1, True),
        ("dontdump", 1, False),
        ("dodump", 1, True),
        ("joined", 1, True),
        ("secret", 1, False),
        ("memfd", 1, True),
        ("unmapped", 1, False),
        ("protected", 1, True),
        ("dropped", 1, False),
        ("undumpable", 0, False),
        ("limited", 0, False),
    ],
)
def test_a_core_holds_the_pages_that_a_real_one_would(what: str, dumps: int, shown: bool) -> None:
    for event in executions("pages_dump.c", what, canaries=[planted("key", raw(32))]):
        assert (event.state, event.status) == (End.KILLED, 6)
        assert event.problems == ()
        assert event.dumps == dumps
        assert leaked(event) == ({"core"} if shown else set())


NOTHING, FIRST, WHOLE = (), (0,), (0, 1)
MAPPED = {
    "private": NOTHING,
    "program": FIRST,
    "program late": FIRST,
    "program cut": NOTHING,
    "library": FIRST,
    "memfd": FIRST,
    "memfd noexec": NOTHING,
    "closed program": NOTHING,
    "closed program opened": FIRST,
    "written": WHOLE,
    "written the same": WHOLE,
    "written by a library": WHOLE,
    "written and read again": WHOLE,
    "written apart": FIRST,
    "written apart and joined": WHOLE,
    "written where advised": FIRST,
    "written beside": WHOLE,
    "written and moved": WHOLE,
    "written and grown": WHOLE,
    "moved": NOTHING,
    "read again": NOTHING,
    "locked": WHOLE,
    "locked once touched": NOTHING,
    "populated": WHOLE,
    "dodump": NOTHING,
    "dontdump": NOTHING,
    "shared": WHOLE,
    "shared renamed": WHOLE,
    "shared reader": NOTHING,
    "shared reader program": FIRST,
    "child writes": WHOLE,
    "child reads": NOTHING,
}
"""What is mapped, and done to it -> of which of its two pages a core holds the content."""


@pytest.mark.parametrize("what", MAPPED)
def test_a_core_holds_of_a_mapped_file_what_a_real_one_would(what: str) -> None:
    """The program, built with REDACTFUZZ_OFF, left cores of the kernel's (6.18) that held the same."""
    for page in WHOLE:
        program = "../truth/memory/programs/mapped_files.c"
        events = executions(program, what, str(page), "dies", canaries=[planted("key", raw(32))], at_most=2)
        assert [event.state for event in events] == [End.EXITED if what.startswith("child") else End.KILLED] * 2
        assert [bool(leaked(event)) for event in events] == [page in MAPPED[what]] * 2


@pytest.mark.parametrize("what", ["unmapped", "unreadable", "read-only"])
def test_what_the_program_may_not_touch_faults(what: str) -> None:
    """In each execution: the page is opened again in between."""
    events = executions("pages_fault.c", what)
    assert [event.bug and event.bug.kind for event in events] == [BugKind.FAULT] * 3


def test_the_same_pages_may_be_touched_otherwise() -> None:
    assert_passes(executions("pages_fault.c"))


WRITERS = (
    "strtol strtoul strtod qsort strtok strtok_r strsep sscanf memcpy memset strcpy snprintf mktime gmtime_r frexp modf"
    " remquo sincos lgamma lgammaf getline read fread getenv setenv rand malloc free mmap putenv getopt"
)


def test_what_writes_or_remembers_is_not_called_harmless() -> None:
    assert not set(WRITERS.split()) & HARMLESS


def test_what_is_called_harmless_is_there() -> None:
    libraries = [ctypes.CDLL(name) for name in map(ctypes.util.find_library, ("c", "m")) if name]
    assert len(libraries) == 2
    # Newer than some glibc, or of BSD alone.
    newer = {"timingsafe_bcmp", "timingsafe_memcmp", "__memcmp_eq", "__libc_current_sigrtmin", "__isoc23_strtol"}
    compilers = {"__cpu_model", "__cpu_features2"}
    there = {name for name in HARMLESS if any(hasattr(library, name) for library in libraries)}
    assert not HARMLESS - there - newer - compilers


def test_the_programs_are_all_used() -> None:
    texts = [path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py")]
    programs = {path.name for path in Path(__file__).parents[1].glob("programs/*/*") if path.suffix in (".c", ".cpp")}
    assert programs
    families = ("heap_", "bytes_", "pages_", "files_", "process_")
    assert not {name for name in programs if name.startswith(families) and not any(name in text for text in texts)}
