"""Partial order reduction of programs: what comes out is what comes out of every schedule.

``drawn.c`` runs programs that its arguments say. Each is explored twice: every schedule, and one of each class.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import attrs
import pytest
from modelled import PROGRAMS, Event, executions, leaked, planted

from redactfuzz.model.canary import token
from redactfuzz.model.plan import Policy, Stage
from redactfuzz.model.schedule import Granularity
from redactfuzz.native.drive.numbers import End

EVERY = Stage(Policy.EXHAUSTIVE, Granularity.INSTRUCTIONS)
ONE_OF_EACH = Stage(Policy.DPOR, Granularity.INSTRUCTIONS)
MOST = 30_000
"""Schedules of a program that is drawn: beyond, another one is."""
PROGRAMS_DRAWN = 8
TARGETS = Path(__file__).parents[3] / "targets" / "native"
KINDS = "sslllltttttthcccaammmuuurpqwwvkkkybfxno"
WITH_KEY = KINDS + "KKKKKKWWWW"


@attrs.frozen
class Drawn:
    """A program: the steps of its threads, and what strikes."""

    threads: tuple[str, ...]
    crash: str = "none"


def drawn(seed: int, crash: str) -> Drawn:
    chance = random.Random(seed)
    kinds = WITH_KEY if crash != "none" else KINDS
    lengths = (1, 2) if crash != "none" else (2, 4)
    threads = []
    for _ in range(3 if crash == "none" and chance.random() < 0.2 else 2):
        steps = "".join(
            f"{chance.choice(kinds)}{chance.choice('0001')}{chance.randrange(1, 4)}"
            for _ in range(chance.randint(*lengths))
        )
        threads.append(steps + ("e01" if chance.random() < 0.1 else ""))
    return Drawn(tuple(threads), crash)


def outcome(event: Event) -> set[tuple[object, ...]]:
    """How it ended. Of one that was killed what leaked, each dump for itself: see test_exposure.py."""
    bug = event.bug.kind if event.bug else None
    if event.state is End.KILLED:
        return {(event.state, event.status, bug, dump) for dump in leaked(event)}
    return {(event.state, event.status, bug, tuple(sorted(leaked(event))))}


def outcomes(program: Drawn, stage: Stage) -> tuple[int, set[tuple[object, ...]]]:
    """How many executions there were, and what came of them."""
    events: Sequence[Event] = executions(
        "drawn.c",
        *program.threads,
        crash=program.crash,
        stage=stage,
        canaries=[planted("key", token(16))],
        at_most=MOST,
    )
    assert not any(event.state is End.CUT for event in events)  # each schedule met the program that it was made for
    return len(events), set[tuple[object, ...]]().union(*map(outcome, events))


def counted(threads: int, folder: Path) -> Sequence[Event]:
    """All executions of threads that each add one to a counter without a lock."""
    text = f"#define N {threads}\n" + PROGRAMS["counter.c"].read_text(encoding="utf-8")
    source = folder / "counter.c"
    source.write_text(text, encoding="utf-8")
    return executions(str(source), stage=ONE_OF_EACH, at_most=100_000)


def compared(seed: int, crash: str) -> tuple[int, int]:
    """Executions of a program with the reduction and without; (0, 0) where there are too many."""
    program = drawn(seed, crash)
    few, found = outcomes(program, ONE_OF_EACH)
    many, expected = outcomes(program, EVERY)
    if many >= MOST:
        return 0, 0
    assert few < MOST
    assert found == expected, f"{program} (seed {seed})"
    return few, many


@pytest.mark.parametrize(("threads", "classes"), [(2, 4), (3, 36), (4, 576), (5, 14_400)])
def test_increments_take_one_execution_for_each_order_of_their_accesses(
    threads: int, classes: int, tmp_path: Path
) -> None:
    events = counted(threads, tmp_path)
    assert len(events) == classes
    assert {event.bug for event in events} == {None}


TWINS = [
    ("aba", ("signing key",), 16),
    ("free_without_wipe", ("signing key",), 32),
    ("split_write", ("session key",), 16),
]
"""Folder, names of the canaries, their size. `ci/reduction.py` takes all targets."""


@pytest.mark.parametrize(("target", "names", "size"), TWINS, ids=[name for name, _, _ in TWINS])
def test_the_reduction_alone_finds_the_leak_of_the_vulnerable_twin_and_none_in_the_fixed_one(
    target: str, names: tuple[str, ...], size: int
) -> None:
    leaks, counts = {}, {}
    for twin in ("vulnerable", "fixed"):
        source = str(TARGETS / target / f"{twin}.c")
        canaries = [planted(name, token(size)) for name in names]
        events = executions(source, crash="SIGSEGV", stage=ONE_OF_EACH, canaries=canaries, at_most=MOST, crashes=1)
        counts[twin] = len(events)
        leaks[twin] = sum(any(not hit.allowed for hit in event.hits) for event in events)
    assert counts["fixed"] in range(1, MOST)  # to the end
    assert leaks["vulnerable"] > 0
    assert leaks["fixed"] == 0


def test_every_schedule_beside_a_wait_with_a_limit_is_enumerated_and_meets_the_same_program() -> None:
    """main takes a lock twice while the other thread waits: it was taken to be alone, and its prefixes diverged."""
    many, ways = outcomes(Drawn(("w02", "s03m03")), EVERY)
    assert many in range(1_000, MOST)
    assert len(ways) == 1


def test_others_come_before_a_call_that_writes_to_the_stack_and_looks_at_what_nobody_knows() -> None:
    """snprintf into an array of its thread was part of the step before it: every schedule had one outcome less."""
    assert outcomes(Drawn(("h01h03", "t03o02")), EVERY)[1] == outcomes(Drawn(("h01h03", "t03o02")), ONE_OF_EACH)[1]


def test_either_of_two_that_wait_may_take_a_signal() -> None:
    """main sends one and leaves: with 11 before anybody took it, else as who took it has written."""
    _, ways = outcomes(Drawn(("v01s01", "v01s02", "k01e01")), ONE_OF_EACH)
    assert {status for _, status, *_ in ways} == {11, 15, 19}


@pytest.mark.parametrize("crash", ["none", "kill"])
def test_drawn_programs_end_in_no_other_way_than_under_every_schedule(crash: str) -> None:
    pairs = [compared(seed, crash) for seed in range(PROGRAMS_DRAWN)]
    whole = [pair for pair in pairs if pair != (0, 0)]
    assert len(whole) > PROGRAMS_DRAWN / 2
    assert sum(few for few, _ in whole) < sum(many for _, many in whole) / 10
