"""The whole runtime under AddressSanitizer and UndefinedBehaviorSanitizer.

Every program here is explored with a driver that was built with them. `make sanitize` runs this; its name keeps it out
of the other suites, which have less time. What the program itself does is not looked at (its build is the usual one),
what the models do with its memory is. AddressSanitizer's heap lies where our window does: the window is put elsewhere.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from machines import PROGRAMS, TARGETS, Found, Machine, explored, planted

from redactfuzz.model.plan import Policy, Stage
from redactfuzz.model.schedule import Granularity
from redactfuzz.native.compile.compiler import toolchain

FAILED = 99
"""The exit status of a driver that a sanitizer has ended."""
OPTIONS = {
    # Faults are the program's until the driver says otherwise, and frames of ours lie on stacks that it made. What the
    # C++ library has allocated (by new, which is malloc) our operator delete gives to free.
    "ASAN_OPTIONS": f"exitcode={FAILED}:detect_leaks=0:detect_stack_use_after_return=0:use_sigaltstack=0"
    ":handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0:handle_abort=0:allocator_may_return_null=1"
    ":alloc_dealloc_mismatch=0",
    "UBSAN_OPTIONS": f"exitcode={FAILED}:print_stacktrace=1",
}
STRICT = ("-fno-sanitize-recover=all", "-O1")
BOTH = Machine(
    "both",
    toolchain(),
    ("-fsanitize=address,undefined", "-DRFN_WINDOW=((uintptr_t)0x200000000000)", *STRICT),
    environment=OPTIONS,
)
UNDEFINED = Machine("undefined", toolchain(), ("-fsanitize=undefined", *STRICT), environment=OPTIONS)
"""Where all that can be written is searched, and read by others: AddressSanitizer knows bytes that nobody may read."""

ORDERS = Stage(Policy.RANDOM, Granularity.SWITCHES)
STRIKES = Stage(Policy.BOUNDED, Granularity.INSTRUCTIONS, bound=1, strike=True)
CANARIES = planted(["eu key", "us key", "first key", "second key", "third key", "session key", "password"], 16)
PARTS = {"sync_mixed.c", "sync_mixed_frames.cpp"}
"""One program in two files."""
AT_FAULT = {"order_of_end.c"}
"""Hands on pointers to nowhere: the runtime faults at them as libc would, and tells it of the program."""
SOURCES = [path for path in sorted(PROGRAMS.values(), key=lambda path: path.name) if path.name not in PARTS | AT_FAULT]
SOURCES += sorted(TARGETS.glob("*/*.c"))
EXECUTIONS = 30
FEW = {"pages_many.c": 2}
"""An execution of it takes half a second."""
DEATHS = {1, -6, -11}
"""Its handler exits; SIGABRT, which is how `kill` kills here; SIGSEGV."""


def name_of(source: Path) -> str:
    """For the test's name."""
    return source.name if PROGRAMS.get(source.name) == source else f"{source.parent.name}-{source.stem}"


def assert_clean(found: Found) -> None:
    """No sanitizer has ended the driver."""
    assert found.status != FAILED, found.said
    assert "runtime error" not in found.said, found.said
    assert "ERROR: AddressSanitizer" not in found.said, found.said


@pytest.mark.parametrize("source", SOURCES, ids=name_of)
def test_a_program_meets_no_mistake_of_the_runtime(source: Path, tmp_path: Path) -> None:
    config = {"executions": FEW.get(source.name, EXECUTIONS), "canaries": CANARIES, "crashes": 2}
    for stage, crash in ((ORDERS, "none"), (STRIKES, "SIGSEGV"), (STRIKES, "kill")):
        found = explored(BOTH, source, stage, tmp_path, crash=crash, **config)
        assert_clean(found)
        assert found.executions > 0
        assert found.status == 0, found.said


@pytest.mark.parametrize("name", ["counter.c", "heap_classes.cpp", "files_store.c", "process_children.c"])
def test_children_for_each_execution(name: str, tmp_path: Path) -> None:
    for stage, crash in ((ORDERS, "none"), (STRIKES, "SIGSEGV")):
        found = explored(UNDEFINED, PROGRAMS[name], stage, tmp_path, crash=crash, executions=10, forked=True)
        assert_clean(found)
        assert found.executions > 0
        assert found.status == 0, found.said


@pytest.mark.parametrize("target", ["rotation_during_dump", "split_write", "vector_registers", "fork_child"])
def test_a_real_death(target: str, tmp_path: Path) -> None:
    source = TARGETS / target / "vulnerable.c"
    for crash in ("SIGSEGV", "kill"):
        found = explored(
            UNDEFINED, source, STRIKES, tmp_path, canaries=CANARIES, crash=crash, real=True, every=True, executions=1
        )
        assert_clean(found)
        assert found.status in DEATHS, found.said


# -- that mistakes would be seen

ADDRESS = """#include <dlfcn.h>
#include <string.h>
int main(void)
{
    void *(*real)(unsigned long) = (void *(*)(unsigned long))dlsym(RTLD_DEFAULT, "malloc");
    memset(real(16), 0, 17);
    return 0;
}
"""
UNALIGNED = """#include <semaphore.h>
static struct { char before; sem_t semaphore; } __attribute__((packed)) pair;
int main(void) { return sem_init(&pair.semaphore, 0, 1); }
"""


@pytest.mark.parametrize(
    ("text", "machine", "says"),
    [
        (ADDRESS, BOTH, "AddressSanitizer: heap-buffer-overflow"),
        (UNALIGNED, BOTH, "misaligned address"),
        (UNALIGNED, UNDEFINED, "misaligned address"),
    ],
)
def test_a_mistake_ends_the_driver(text: str, machine: Machine, says: str, tmp_path: Path) -> None:
    source = tmp_path / "mistaken.c"
    source.write_text(text)
    found = explored(machine, source, ORDERS, tmp_path, executions=EXECUTIONS)
    assert found.status == FAILED
    assert says in found.said
