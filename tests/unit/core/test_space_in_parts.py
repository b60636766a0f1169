"""A space that is gone through in parts, each by itself: together they are the whole, as if it had not been shared.

Random programs are explored by ``soundness.c`` in parts, and by brute force. That the test could fail is shown by
mutants, as in ``test_dpor.py``.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from core_model import NAMES, Machine, Op, Program, check, sync
from reduced import AIMING, KILLING, Mutant, linked, mutated, objects

from redactfuzz.model.part import MOST, Part, is_allowed
from redactfuzz.model.plan import Policy, Stage
from redactfuzz.schedule.engine import Act, Engine

pytestmark = pytest.mark.once

PROGRAMS = 400
SHARED = [(2, 4), (4, 16), (3, 8)]
KINDS = {"threads": 0, "threads end one another": KILLING, "crashes aim": AIMING}


def explored(program: Path, first: int, parts: int, pieces: int, *every: str) -> tuple[int, list[int]]:
    command = [str(program), str(first), str(PROGRAMS), "", str(parts), str(pieces), *every]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, [int(number) for number in re.findall(r"\d+", done.stdout)]


@pytest.mark.parametrize(("parts", "pieces"), SHARED)
@pytest.mark.parametrize("kind", KINDS)
def test_parts_of_one_schedule_of_each_class_lose_no_outcome_together(
    kind: str, parts: int, pieces: int, tmp_path: Path
) -> None:
    program = linked(objects().values(), tmp_path)
    _, alone = explored(program, KINDS[kind], 0, 0)
    status, together = explored(program, KINDS[kind], parts, pieces)
    assert status == 0, together
    assert together[4] > 8 * PROGRAMS // 10  # came to their end
    assert together[1] > alone[1]  # of what is another's one execution is run


@pytest.mark.parametrize(("parts", "pieces"), SHARED)
def test_parts_of_every_schedule_lose_no_outcome_together(parts: int, pieces: int, tmp_path: Path) -> None:
    program = linked(objects().values(), tmp_path)
    status, together = explored(program, 0, parts, pieces, "every")
    assert status == 0, together
    assert together[4] > 5 * PROGRAMS // 10


RULES = {
    "at a fork everything that can go on is gone through": Mutant("reduce/branch.c", "node->todo |= ways;", ""),
    "the last fork itself has other ways": Mutant(
        "reduce/branch.c",
        "rf_is_others(config, &way) && r->depth > forks",
        "rf_is_others(config, &way) && r->depth >= forks",
    ),
    "of every schedule as well": Mutant(
        "policies/policy_exhaustive.c", "? forks : tree->depth;", "? forks - 1 : tree->depth;"
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_without_a_rule_an_outcome_is_lost(rule: str, tmp_path: Path) -> None:
    program = mutated(RULES[rule], objects(), tmp_path)
    every = ["every"] if "exhaustive" in RULES[rule].file else []
    assert explored(program, 0, 4, 16, *every)[0] == 1


# -- what a part is


def schedules(
    part: Part | None, policy: Policy = Policy.EXHAUSTIVE, pieces: int = 8, sums: list[int] | None = None, last: int = 3
) -> Iterator[tuple[int, ...]]:
    """Who went on, step by step, in each execution of three threads of three writes to one object.

    ``sums`` takes what the first executions of the pieces were like; ``last``: 0 leaves out the last of them.
    """
    own = {"part": part.number - 1, "parts": part.of, "pieces": pieces} if part is not None else {}
    engine = Engine((Stage(policy, **own),), 0, threads=8, steps=100)  # type: ignore[arg-type]
    stores = (Op("store", 0, 1), Op("store", 0, 2), Op("store", 0, 3))
    program = Program((stores, stores, stores if last else stores[:2]))
    while engine.begin():
        machine, told, way = Machine(program), {}, list[int]()
        sync(engine, machine, told)
        while (choice := engine.choose()).action not in (Act.NOTHING, Act.STOP):
            move = (NAMES[choice.action], choice.thread, choice.trigger)
            check(machine, move)
            way.append(choice.thread)
            told.pop(choice.thread, None)
            machine.do(move)
            sync(engine, machine, told)
        engine.end()
        yield tuple(way)
    assert engine.report(0).exhausted
    if sums is not None:
        sums.append(engine.report(0).same)


@pytest.mark.parametrize("policy", [Policy.EXHAUSTIVE, Policy.DPOR])
def test_each_part_runs_its_own_and_one_execution_of_each_piece_of_the_others(policy: Policy) -> None:
    whole = list(schedules(None, policy))
    assert len(whole) == len(set(whole)) == 1_680  # 9! / 3!^3
    parts = [list(schedules(Part(number, 4), policy)) for number in range(1, 5)]
    assert set().union(*parts) == set(whole)
    assert all(len(part) < len(whole) / 2 for part in parts)
    assert sum(map(len, parts)) < 1.1 * len(whole)


@pytest.mark.parametrize("policy", [Policy.EXHAUSTIVE, Policy.DPOR])
def test_a_part_of_n_is_two_parts_of_two_n(policy: Policy) -> None:
    coarse = set(schedules(Part(1, 2), policy))
    finer = [set(schedules(Part(number, 4), policy)) for number in (1, 3)]
    assert coarse <= finer[0] | finer[1]
    assert Part(1, 2).residues == Part(1, 4).residues | Part(3, 4).residues


@pytest.mark.parametrize("policy", [Policy.EXHAUSTIVE, Policy.DPOR])
def test_all_parts_of_one_tree_sum_up_the_same_and_those_of_another_tree_do_not(policy: Policy) -> None:
    sums: list[int] = []
    for number in range(1, 5):
        list(schedules(Part(number, 4), policy, sums=sums))
    assert len(set(sums)) == 1
    assert sums[0]
    list(schedules(Part(1, 2), policy, sums=sums))
    assert len(set(sums)) == 1  # however many parts there are
    list(schedules(Part(1, 4), policy, sums=sums, last=0))
    assert len(set(sums)) == 2


def test_parts_are_numbered_from_one_and_their_number_is_a_power_of_two() -> None:
    allowed = [(number, of) for of in range(-1, 130) for number in range(-1, of + 2) if is_allowed(number, of)]
    assert {of for _, of in allowed} == {1, 2, 4, 8, 16, 32, 64}
    assert {of: sum(each == of for _, each in allowed) for _, of in allowed} == {n: n for n in (1, 2, 4, 8, 16, 32, 64)}
    for of in (1, 2, 4, 8, 16, 32, 64):
        residues = [residue for number in range(1, of + 1) for residue in Part(number, of).residues]
        assert sorted(residues) == list(range(MOST))
