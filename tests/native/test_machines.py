"""Programs explored on other processors: what is found there is what is found here, to the last number.

aarch64 is emulated; where the emulator or the cross compiler is absent those tests say so and are not run. The portable
runtime (``-DRFN_PORTABLE``) always is.
"""

from __future__ import annotations

import functools
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from machines import (
    MISSING,
    PROGRAMS,
    RUNTIME,
    TARGETS,
    Found,
    Machine,
    aarch64,
    explored,
    here,
    narrow,
    planted,
    portable,
)

from redactfuzz.model.plan import Policy, Stage
from redactfuzz.model.schedule import Granularity
from redactfuzz.native.compile import build

pytestmark = pytest.mark.once

EMULATED = pytest.mark.skipif(
    bool(MISSING),
    reason=f"aarch64 is NOT CHECKED here: {', '.join(MISSING)} not found (gcc, g++ for it, and qemu-user)",
)
OTHERS = [pytest.param(portable, id="portable"), pytest.param(aarch64, id="aarch64", marks=EMULATED)]
ALL = [pytest.param(here, id="here"), *OTHERS]
ONE = Stage(Policy.BOUNDED, Granularity.SWITCHES, bound=1)
CALLS = Stage(Policy.EXHAUSTIVE, Granularity.CALLS)
STRIKES = Stage(Policy.BOUNDED, Granularity.INSTRUCTIONS, bound=1, strike=True)
SEQUENTIAL = Stage(Policy.BOUNDED, Granularity.SWITCHES, bound=0)
MACHINE = Path(__file__).parent / "machine"
PROCESSOR = RUNTIME / "processor"

Maker = Callable[[], Machine]


@pytest.fixture(scope="session")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Found]:
    """What is found here, once for each question."""
    folder = tmp_path_factory.mktemp("here")

    @functools.cache
    def found(source: Path, stage: Stage, names: tuple[str, ...] = (), size: int = 0, crash: str = "none") -> Found:
        return explored(here(), source, stage, folder, canaries=planted(names, size), crash=crash)

    return found


# Name, and whether its bug is found.
ENUMERATED = [
    ("counter.c", ONE, False),
    ("deadlock01.c", CALLS, True),
    ("stack.c", ONE, True),
    ("twostage.c", CALLS, True),
]


@pytest.mark.parametrize("machine", OTHERS)
@pytest.mark.parametrize(("name", "stage", "wrong"), ENUMERATED, ids=[f"{n}-{s.policy.name}" for n, s, _ in ENUMERATED])
def test_an_enumeration_counts_the_same_on_every_machine(
    machine: Maker, name: str, stage: Stage, wrong: bool, tmp_path: Path, expected: Callable[..., Found]
) -> None:
    wanted = expected(PROGRAMS[name], stage)
    assert wanted.exhausted
    assert (wanted.bugs > 0) == wrong
    assert explored(machine(), PROGRAMS[name], stage, tmp_path) == wanted


# Folder, names of the canaries, their size.
LEAKS = [
    ("flag_before_kind", ("session key", "password"), 16),
    ("mid_memset", ("eu key", "us key"), 32),
    ("rotation_during_dump", ("first key", "second key", "third key"), 16),
    ("split_write", ("session key",), 16),
]
# Where how often is the compiler's choice: it lays out registers and frames.
LAID_OUT = [
    ("dead_frame", ("eu key", "us key"), 16),
    ("signal_frame", ("eu key", "us key"), 16),
    ("vector_registers", ("eu key", "us key"), 16),
]


@pytest.mark.parametrize("machine", OTHERS)
@pytest.mark.parametrize("twin", ["vulnerable", "fixed"])
@pytest.mark.parametrize(("target", "names", "size"), LEAKS, ids=[name for name, _, _ in LEAKS])
def test_a_leak_is_found_on_every_machine_as_often(
    machine: Maker,
    target: str,
    names: tuple[str, ...],
    size: int,
    twin: str,
    tmp_path: Path,
    expected: Callable[..., Found],
) -> None:
    source = TARGETS / target / f"{twin}.c"
    wanted = expected(source, STRIKES, names, size, "SIGSEGV")
    assert (wanted.leaks > 0) == (twin == "vulnerable")
    found = explored(machine(), source, STRIKES, tmp_path, canaries=planted(names, size), crash="SIGSEGV")
    assert found == wanted
    assert found.redactions == wanted.redactions > 0


@EMULATED
@pytest.mark.parametrize("twin", ["vulnerable", "fixed"])
@pytest.mark.parametrize(("target", "names", "size"), LAID_OUT, ids=[name for name, _, _ in LAID_OUT])
def test_registers_and_frames_of_aarch64_are_kept_and_shown(
    target: str, names: tuple[str, ...], size: int, twin: str, tmp_path: Path
) -> None:
    source = TARGETS / target / f"{twin}.c"
    found = explored(aarch64(), source, STRIKES, tmp_path, canaries=planted(names, size), crash="SIGSEGV")
    assert found.exhausted
    assert not found.bugs
    assert (found.leaks > 0) == (twin == "vulnerable")
    assert found.counted == {"0", "1"}


def test_what_the_portable_machine_cannot_do_is_said(tmp_path: Path) -> None:
    found = explored(portable(), PROGRAMS["counter.c"], SEQUENTIAL, tmp_path)
    assert len(found.problems) == 1
    assert "no switch of its own for this processor" in next(iter(found.problems))
    assert not explored(here(), PROGRAMS["counter.c"], SEQUENTIAL, tmp_path).problems


@pytest.mark.parametrize("machine", ALL)
def test_a_bypassed_redactor_hides_nothing(machine: Maker, tmp_path: Path) -> None:
    source, names = TARGETS / "split_write" / "fixed.c", planted(["session key"], 16)
    clean = explored(machine(), source, SEQUENTIAL, tmp_path, canaries=names, crash="SIGSEGV")
    open_ = explored(machine(), source, SEQUENTIAL, tmp_path, canaries=names, crash="SIGSEGV", bypass=True)
    assert clean.executions == open_.executions == open_.leaks
    assert not clean.leaks
    assert clean.redactions == 2 * clean.executions


# Programs that assert for themselves, and options of the compiler.
MODELS = [
    ("heap_handler.c", ()),
    ("pages_fault.c", ()),
    ("process_exit.c", ()),
    ("sync_c11.c", ()),
    ("sync_cancel.c", ("-O2", "-fexceptions")),
    ("sync_cancel_classes.cpp", ()),
    ("sync_classes.cpp", ()),
    ("sync_condition.c", ()),
    ("sync_specific.c", ()),
    ("sync_threads.c", ()),
    ("sync_tls.c", ("-O0",)),
]


@pytest.mark.parametrize("machine", OTHERS)
@pytest.mark.parametrize(("name", "flags"), MODELS, ids=[name for name, _ in MODELS])
def test_models_hold_on_every_machine(machine: Maker, name: str, flags: tuple[str, ...], tmp_path: Path) -> None:
    stage = Stage(Policy.RANDOM, Granularity.SWITCHES)
    found = explored(machine(), PROGRAMS[name], stage, tmp_path, flags, executions=20, every=True)
    assert found.executions == 20
    assert not found.bugs, found.summaries
    assert found.status == 0


@pytest.mark.parametrize("machine", ALL)
@pytest.mark.parametrize("vectors", [True, False])
def test_fractions_in_registers_are_each_thread_s_own(machine: Maker, vectors: bool, tmp_path: Path) -> None:
    source = PROGRAMS["machine_fractions.c"]
    found = explored(machine(), source, ONE, tmp_path, ("-O2",), executions=300, vectors=vectors)
    assert found.executions > 100
    assert not found.bugs, found.summaries


# The first has a handler of its own, which exits; the others die of the signal.
DEATHS = [("rotation_during_dump", "SIGSEGV", 1), ("split_write", "SIGSEGV", -11), ("mid_memset", "kill", -6)]


@pytest.mark.parametrize("machine", ALL)
@pytest.mark.parametrize(("target", "crash", "status"), DEATHS)
def test_a_process_really_dies(machine: Maker, target: str, crash: str, status: int, tmp_path: Path) -> None:
    source = TARGETS / target / "vulnerable.c"
    found = explored(machine(), source, SEQUENTIAL, tmp_path, crash=crash, real=True, every=True, executions=1)
    assert found.status == status


@EMULATED
def test_addresses_of_39_bits_are_enough(tmp_path: Path, expected: Callable[..., Found]) -> None:
    wanted = expected(PROGRAMS["account.c"], ONE)
    assert explored(narrow(aarch64()), PROGRAMS["account.c"], ONE, tmp_path) == wanted


# -- parts


@pytest.mark.parametrize(
    "machine", [pytest.param(here, id="here"), pytest.param(aarch64, id="aarch64", marks=EMULATED)]
)
def test_a_thread_passes_a_breakpoint_at_any_instruction(machine: Maker, tmp_path: Path) -> None:
    """Each instruction of a function in turn, and what it computes is the same."""
    chosen, folders = machine(), [f"-I{RUNTIME}", f"-I{build.CORE}"]
    sources = [MACHINE / "traps.c", *PROCESSOR.glob("trap_*.c"), PROCESSOR / "code.c"]
    built = tmp_path / "built"
    built.mkdir()
    subprocess.run([*chosen.tools.cc, "-std=gnu11", "-O1", *folders, *sources, "-o", built / "traps"], check=True)
    done = subprocess.run([chosen.program(built / "traps", tmp_path)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 15


@pytest.mark.parametrize("name", ["x86_64", "aarch64"])
def test_assembly_for_another_machine_is_nothing(name: str, tmp_path: Path) -> None:
    """So every file can be given to every compiler, and -DRFN_PORTABLE takes none of it."""
    target = tmp_path / "switch.o"
    tools = here().tools
    source = PROCESSOR / f"switch_{name}.S"
    subprocess.run([*tools.cc, "-DRFN_PORTABLE", "-c", source, "-o", target], check=True)
    assert not names_in(tools.nm, target)
    subprocess.run([*tools.cc, "-c", source, "-o", target], check=True)
    assert bool(names_in(tools.nm, target)) == (tools.machine == name)


@EMULATED
def test_both_assemblies_offer_the_same(tmp_path: Path) -> None:
    found = {}
    for tools in (here().tools, aarch64().tools):
        source = PROCESSOR / f"switch_{tools.machine}.S"
        target = tmp_path / f"{tools.machine}.o"
        subprocess.run([*tools.cc, "-c", source, "-o", target], check=True)
        found[tools.machine] = names_in(tools.nm, target)
    assert {"rfn_leave", "rfn_enter", "rfn_hook", "__tsan_read8", "__tsan_write_range"} <= found["aarch64"]
    assert len({frozenset(names) for names in found.values()}) == 1


def names_in(nm: str, path: Path) -> set[str]:
    """What an object file defines for others."""
    text = subprocess.run([nm, "-g", "--defined-only", path], check=True, capture_output=True, text=True).stdout
    return {line.split()[-1] for line in text.splitlines() if line.strip()}
