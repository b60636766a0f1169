"""Partial order reduction: as many executions as there are classes of schedules, and no outcome lost.

Random programs are explored by ``soundness.c`` in the core and by brute force. That the test could fail is shown by
mutants: with each rule of the reduction taken away in turn, some program loses an outcome.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import attrs
import pytest
from core_model import NAMES, Machine, Op, Program, check, sync

from redactfuzz.model.plan import Policy, Stage
from redactfuzz.schedule.engine import Act, Engine, EventKind

pytestmark = pytest.mark.once

CORE = Path(__file__).resolve().parents[3] / "redactfuzz" / "_core"
EXPLORING = ("choices", "frontier", "reduce", "policies", "explore")
FLAGS = ["-std=c11", "-O2", "-Wall", "-Wextra", "-Wshadow", "-Wconversion", "-Werror"]
DRIVER = Path(__file__).with_name("soundness.c")
PROGRAMS = 1_500


# -- counts


@attrs.frozen
class Counted:
    """What exploring came to."""

    executions: int
    repeated: int
    outcomes: frozenset[object]


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
    return Counted(report.executions, report.repeated, frozenset(outcomes))


@pytest.mark.parametrize(("threads", "executions"), [(2, 4), (3, 36), (4, 576)])
def test_increments_without_a_lock_take_one_execution_for_each_order_of_their_accesses(
    threads: int, executions: int
) -> None:
    found = counted(Program(tuple((Op("load"), Op("store", 0, 1)) for _ in range(threads))))
    assert (found.executions, found.repeated) == (executions, 0)
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
    assert counted(Program((redactor, worker))).executions == 1


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


def test_an_execution_that_meets_the_limit_of_steps_is_not_taken_for_a_whole_one() -> None:
    report = ended(4, steps=3).report(0)
    assert report.truncated
    assert not report.exhausted


# -- no outcome is lost


def compiled(core: Path, source: Path, folder: Path, *flags: str) -> Path:
    compiled = folder / f"{source.stem}.o"
    command = ["gcc", *FLAGS, *flags, f"-I{core}", "-c", str(source), "-o", str(compiled)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return compiled


def linked(objects: Iterable[Path], folder: Path, *flags: str) -> Path:
    program = folder / "soundness"
    subprocess.run(["gcc", *flags, *map(str, objects), "-o", str(program)], check=True)
    return program


def sources() -> list[Path]:
    return [DRIVER, *(path for floor in EXPLORING for path in sorted((CORE / floor).glob("*.c")))]


@pytest.fixture(scope="module")
def objects(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The driver and the core, by the names of their sources."""
    folder = tmp_path_factory.mktemp("objects")
    return {source.name: compiled(CORE, source, folder) for source in sources()}


def explored(program: Path, first: int, count: int) -> tuple[int, str]:
    done = subprocess.run([str(program), str(first), str(count)], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def numbers(text: str) -> Sequence[int]:
    return [int(number) for number in re.findall(r"\d+", text)]


def test_no_outcome_of_thousands_of_random_programs_is_lost(objects: dict[str, Path], tmp_path: Path) -> None:
    status, text = explored(linked(objects.values(), tmp_path), 0, PROGRAMS)
    assert status == 0, text
    programs, executions, repeated, states, complete = numbers(text)
    assert complete > 9 * PROGRAMS // 10
    assert programs == PROGRAMS
    assert executions > 10 * PROGRAMS
    assert states > 10 * PROGRAMS
    assert repeated < executions / 20  # beyond, wakeup trees would pay


def test_it_meets_no_memory_error_and_no_undefined_behaviour(tmp_path: Path) -> None:
    flags = ("-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
    program = linked([compiled(CORE, source, tmp_path, *flags) for source in sources()], tmp_path, *flags)
    status, text = explored(program, PROGRAMS, 200)
    assert status == 0, text


@attrs.frozen
class Mutant:
    """One rule taken away: in this file of the core this text is replaced."""

    file: str
    old: str
    new: str


RULES = {
    "writes depend on writes and reads": Mutant(
        "reduce/footprint.c",
        "(a->mode == RF_LOOKS && b->mode == RF_LOOKS)",
        "a->mode == RF_LOOKS || b->mode == RF_LOOKS",
    ),
    "what overlaps in part depends": Mutant(
        "reduce/footprint.c", "(uint64_t)a->offset < (uint64_t)b->offset + b->size", "a->offset == b->offset"
    ),
    "what is unknown depends on everything": Mutant(
        "reduce/footprint.c",
        "if (a->object == RF_OBJECT_UNKNOWN || b->object == RF_OBJECT_UNKNOWN) {",
        "if (a->object == RF_OBJECT_UNKNOWN && b->object == RF_OBJECT_UNKNOWN) {",
    ),
    "what was unknown comes before what is known": Mutant(
        "reduce/races.c", "if (r->unknown != 0 && access->object != RF_OBJECT_ALL) {", "if (0) {"
    ),
    "who takes a lock competes with whoever had it": Mutant(
        "reduce/races.c", "if (r->process[process].last <= earlier->step\n", "if (1 || r->process[process].last <= 0\n"
    ),
    "a lock that anybody lets go of may have been free": Mutant(
        "reduce/races.c", "earlier->room != RF_ROOM_NONE || access->tries", "earlier->mode == RF_TAKES || access->tries"
    ),
    "who is blocked at the end competes as well": Mutant(
        "policies/policy_dpor.c", "].todo |= able;\n    close_undone(core, r);", "].todo |= able;"
    ),
    "a crash takes the place of a step": Mutant(
        "policies/policy_dpor.c", "(step->struck | roused | disabled) &", "(roused | disabled) &"
    ),
    "a crash strikes each thread that it may": Mutant(
        "policies/policy_dpor.c", "if (++node->victim < node->victims) {", "if (0) {"
    ),
    "others could have gone on when the process ended": Mutant(
        "policies/policy_dpor.c", "].todo |= able;", "].todo |= 0;"
    ),
    "a wait may have ended by its time": Mutant(
        "reduce/options.c",
        "process < RF_PROCESSES ? rf_bit(process) : 0;\n    }\n    return found;\n}\n\n/* Who has announced",
        "choice.action != RF_EXPIRE ? rf_bit(process) : 0;\n    }\n    return found;\n}\n\n/* Who has announced",
    ),
    "the sleeping wake by what they depend on": Mutant(
        "reduce/sleep.c", "if (depend_by_any_name(&kept[i], &own[j], sleeper->named)) {", "if (0) {"
    ),
    "who comes first is what nothing before it orders": Mutant(
        "reduce/races.c", "found |= rest == 0 ? rf_bit(own) : 0;", "found |= rf_bit(own);"
    ),
    "a crash finds its victim where it stands": Mutant(
        "reduce/races.c", "collect_struck(r, struck, found, &many);", "(void)collect_struck;"
    ),
    "a sleeping crash wakes when its victim moves": Mutant(
        "reduce/sleep.c", "(sleeper->struck & (rf_bit(then->process) | then->struck)) != 0 ||", ""
    ),
    "a dump sees what no thread does": Mutant(
        "reduce/footprint.c", "return (event->flags & RF_VISIBLE) != 0;", "return 0;"
    ),
    "what ends the process ends it for those too that have ended": Mutant(
        "policies/policy_dpor.c", "if (core->status.state == RF_RUNNING && r->closed", "if (able != 0 && r->closed"
    ),
    "a clock holds what the clocks before it hold": Mutant(
        "reduce/races.c", "join(clock, then->clock);\n    }\n    many", "}\n    many"
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_without_a_rule_an_outcome_is_lost(rule: str, objects: dict[str, Path], tmp_path: Path) -> None:
    mutant = RULES[rule]
    text = (CORE / mutant.file).read_text(encoding="utf-8")
    assert text.count(mutant.old) == 1, f"{mutant.file}: the text of this rule is not there once"
    source = tmp_path / Path(mutant.file).name
    source.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
    changed = objects | {source.name: compiled(CORE, source, tmp_path, "-Wno-error")}
    status, text = explored(linked(changed.values(), tmp_path), 0, PROGRAMS)
    assert status == 1, text
