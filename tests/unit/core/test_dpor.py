"""Partial order reduction: as many executions as there are classes of schedules, and no outcome lost.

Random programs are explored by ``soundness.c`` in the core and by brute force. That the test could fail is shown by
mutants: with each rule of the reduction taken away in turn, some program loses an outcome.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs
import pytest
from core_model import NAMES, EventKind, Machine, Op, Program, check, sync
from reduced import AIMING, CORE, DRIVER, KILLING, RULES, compiled, linked, mutated, objects, sources
from trees import rejected, trees

from redactfuzz.model.plan import Policy, Stage
from redactfuzz.schedule.conflicts import conflicts_of
from redactfuzz.schedule.engine import Act, Engine

pytestmark = pytest.mark.once

PROGRAMS = 1_500


# -- counts


@attrs.frozen
class Counted:
    """What exploring came to."""

    executions: int
    repeated: int
    outcomes: frozenset[object]
    reversed: int
    """How often another order had to be tried, by the pairs of places that the core tells of."""


def counted(program: Program, groups: Mapping[int, int] | None = None) -> Counted:
    """Explores a model program. ``groups``: variable -> group; writes into one group depend on one another."""
    engine = Engine((Stage(Policy.DPOR),), 0, threads=8, steps=2_000)
    outcomes = set()
    while engine.begin():
        machine, told = Machine(program), {}
        sync(engine, machine, told)
        while (choice := engine.choose()).action not in (Act.NOTHING, Act.STOP):
            move = (NAMES[choice.action], choice.thread, choice.trigger)
            check(machine, move)
            found = machine.next_op(choice.thread)
            if found and found[1].name in ("set", "store") and groups:
                engine.touch(choice.thread, kind=EventKind.WRITE, object=1_000 + groups[found[1].var])
            if found and found[1].name == "unlock":
                engine.touch(choice.thread, kind=EventKind.RELEASE, object=found[1].var + 1, room=1)
            told.pop(choice.thread, None)
            machine.do(move)
            sync(engine, machine, told)
        engine.end()
        outcomes.add(machine.outcome())
    report = engine.report(0)
    assert report.exhausted
    assert not report.cut
    reversals = sum(one.times for one in conflicts_of(engine, 0))
    return Counted(report.executions, report.repeated, frozenset(outcomes), reversals)


@pytest.mark.parametrize(("threads", "executions"), [(2, 4), (3, 36), (4, 576)])
def test_increments_without_a_lock_take_one_execution_for_each_order_of_their_accesses(
    threads: int, executions: int
) -> None:
    found = counted(Program(tuple((Op("load"), Op("store", 0, 1)) for _ in range(threads))))
    assert (found.executions, found.repeated) == (executions, 0)
    assert 0 < found.reversed < executions
    assert {outcome[0] for outcome in found.outcomes} == {((0, total),) for total in range(1, threads + 1)}  # type: ignore[index]


@pytest.mark.parametrize(("threads", "executions"), [(2, 2), (3, 6), (4, 24)])
def test_increments_under_a_lock_take_one_for_each_order_of_the_threads(threads: int, executions: int) -> None:
    locked = (Op("lock", 9), Op("load"), Op("store", 0, 1), Op("unlock", 9))
    found = counted(Program((locked,) * threads))
    assert (found.executions, found.repeated) == (executions, 0)
    assert {outcome[0] for outcome in found.outcomes} == {((0, threads),)}  # type: ignore[index]


@pytest.mark.parametrize("fields", [4, 16, 60])
def test_private_stores_cost_nothing(fields: int) -> None:
    redactor = tuple(Op("set", field, 1) for field in range(fields))
    worker = tuple(Op("set", 100 + field, 1) for field in range(fields))
    found = counted(Program((redactor, worker)))
    assert (found.executions, found.reversed) == (1, 0)


@pytest.mark.parametrize("fields", [4, 16, 60])
def test_two_redactors_of_half_the_fields_each_take_one_execution_where_each_field_is_a_secret_of_its_own(
    fields: int,
) -> None:
    halves = tuple(tuple(Op("set", field, 1) for field in range(half, fields, 2)) for half in (0, 1))
    assert counted(Program(halves), {field: field for field in range(fields)}).executions == 1


@pytest.mark.parametrize("half", [2, 3, 4])
def test_where_all_fields_hold_one_secret_their_writes_are_in_every_order(half: int) -> None:
    halves = tuple(tuple(Op("set", 10 * side + field, 1) for field in range(half)) for side in (0, 1))
    found = counted(Program(halves), {10 * side + field: 0 for side in (0, 1) for field in range(half)})
    assert found.executions == {2: 6, 3: 20, 4: 70}[half]  # (2n)! / (n! n!)


def test_a_deadlock_is_found() -> None:
    one = (Op("lock", 1), Op("lock", 2), Op("unlock", 2), Op("unlock", 1))
    other = (Op("lock", 2), Op("lock", 1), Op("unlock", 1), Op("unlock", 2))
    found = counted(Program((one, other)))
    assert {outcome[-1] for outcome in found.outcomes} == {False, True}  # type: ignore[index]
    assert counted(Program((one, one))).outcomes == {((), (), (0, 0), False)}


# -- limits


def ended(threads: int, *, frontier: int = 64 << 20, steps: int = 500) -> Engine:
    """Explores threads of one write each; the first two write to one object."""
    engine = Engine((Stage(Policy.DPOR),), 0, threads=threads, steps=steps, frontier=frontier)
    number = 0
    while number < 50 and engine.begin():
        for thread in range(threads):
            kind = EventKind.WRITE
            engine.pend(thread, site=thread + 1, kind=kind, object=1 + (thread > 1) * thread)
        while engine.choose().action not in (Act.NOTHING, Act.STOP):
            pass
        engine.end()
        number += 1
    return engine


def test_sixty_four_threads_are_explored_and_of_sixty_five_it_is_said_that_they_are_too_many() -> None:
    assert ended(64).report(0).exhausted
    assert ended(65).report(0).truncated
    assert not ended(65).report(0).exhausted


@pytest.mark.parametrize("frontier", [0, 1, 63, 64, 127, 128, 1000, 2000])
def test_without_room_it_is_truncated(frontier: int) -> None:
    report = ended(4, frontier=frontier).report(0)
    assert report.truncated
    assert not report.exhausted


@pytest.mark.parametrize(("killed", "told"), [(0, "6 1"), (1, "1 0"), (4, "4 0")])
def test_where_the_process_is_killed_in_its_own_code_the_search_ends_and_is_not_complete(
    killed: int, told: str, tmp_path: Path
) -> None:
    core = {name: path for name, path in objects().items() if name != DRIVER.name}
    killer = compiled(CORE, DRIVER.with_name("killed.c"), tmp_path)
    program = linked([killer, *core.values()], tmp_path)
    assert subprocess.run([program, str(killed)], capture_output=True, text=True, check=True).stdout.strip() == told


def test_an_execution_that_meets_the_limit_of_steps_is_not_taken_for_a_whole_one() -> None:
    report = ended(4, steps=3).report(0)
    assert report.truncated
    assert not report.exhausted


# -- no outcome is lost


def explored(program: Path, first: int, count: int) -> tuple[int, str]:
    done = subprocess.run([str(program), str(first), str(count)], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def numbers(text: str) -> Sequence[int]:
    return [int(number) for number in re.findall(r"\d+", text)]


def test_no_outcome_of_thousands_of_random_programs_is_lost(tmp_path: Path) -> None:
    status, text = explored(linked(objects().values(), tmp_path), 0, PROGRAMS)
    assert status == 0, text
    programs, executions, repeated, states, complete = numbers(text)
    assert complete > 9 * PROGRAMS // 10
    assert programs == PROGRAMS
    assert executions > 10 * PROGRAMS
    assert states > 10 * PROGRAMS
    assert repeated < executions / 20  # beyond, wakeup trees would pay


@pytest.mark.parametrize("first", [KILLING, AIMING], ids=["threads end one another", "crashes aim"])
def test_none_is_lost_where(first: int, tmp_path: Path) -> None:
    """Where threads end one another and announce nothing; where a crash has to do with its victim alone, and the end of
    the process with no memory: what others would still do is seen."""
    status, text = explored(linked(objects().values(), tmp_path), first, PROGRAMS)
    assert status == 0, text
    assert numbers(text)[4] > 8 * PROGRAMS // 10


def test_it_meets_no_memory_error_and_no_undefined_behaviour(tmp_path: Path) -> None:
    flags = ("-O0", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
    program = linked([compiled(CORE, source, tmp_path, *flags) for source in sources()], tmp_path, *flags)
    status, text = explored(program, PROGRAMS, 80)
    assert status == 0, text
    assert list(trees(program, PROGRAMS, 40, tmp_path))[-1].number == PROGRAMS + 39  # it came to its end


@pytest.mark.parametrize("rule", RULES)
def test_without_a_rule_an_outcome_is_lost_and_the_checker_sees_that_it_is_missing(rule: str, tmp_path: Path) -> None:
    mutant = RULES[rule]
    program = mutated(mutant, objects(), tmp_path)
    status, text = explored(program, mutant.first, PROGRAMS)
    assert status == 1, text
    (tree,) = trees(program, int(numbers(text)[0]), 1, tmp_path)
    assert tree.whole  # as it says
    assert (rejected(tree) != "") is mutant.tells  # that steps touched what they say is believed
