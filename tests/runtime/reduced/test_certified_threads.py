"""Certificates of scenarios in Python: the checker accepts what the reduction has explored of them, and no less."""

from __future__ import annotations

import _thread
import gzip
import json
import os
import random
import sys
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import attrs
import pytest
from damages import DAMAGES, Damage, crashed_in_secret
from drawn_threads import CRASHES, drawn
from driving import SEED, Ran, run
from test_reduced_threads import DRAWN
from trees import Tree, certificate, rejected, why_rejected

from redactfuzz import Race
from redactfuzz.campaign.face.scenario import spec_of
from redactfuzz.campaign.files.proof import ProofFile
from redactfuzz.campaign.session.recording import hand_on
from redactfuzz.cli.load import loaded
from redactfuzz.model.canary import mint, token
from redactfuzz.model.plan import Isolation, Policy, Stage
from redactfuzz.model.schedule import Granularity

TARGETS = Path(__file__).parents[3] / "targets" / "python"
TWINS = ("shared_record", "lost_update", "signal_reentry", "timeout_fail_open", "stop_timeout", "nested_crash")
RECORDED = Stage(Policy.DPOR, Granularity.SWITCHES, proof=True)


def ran_of(name: str, which: str = "fixed", **fields: Any) -> Ran:
    with loaded(TARGETS / name / "scenario.py") as scenarios:
        (body,) = [spec_of(each.function).body for each in scenarios if each.name == which]
        return run(body, (RECORDED,), executions=2_000, **fields)


searched = cache(ran_of)


def tree_of(ran: Ran) -> Tree:
    """The last one that the search began."""
    begun = [number for number, each in enumerate(ran.recorded) if each.begins]
    text = b"".join(each.lines for each in ran.recorded[begun[-1] :])
    (report,) = ran.counters.stages
    executions, repeated = ran.recorded[begun[-1]].before
    lines = tuple(json.loads(line) for line in text.splitlines())
    return Tree(0, lines, report.executions - executions, report.repeated - repeated, report.exhausted, True)


def harmless(tree: Tree) -> Tree:
    """With outcomes in which nothing came out: here only what was explored is asked for."""
    lines = tuple(line | {"outcome": 0} if "outcome" in line else line for line in tree.lines)
    return Tree(0, lines, tree.executions, tree.repeated, tree.whole, True)


@pytest.mark.parametrize("name", TWINS)
def test_the_tree_of_a_right_scenario_is_accepted(name: str) -> None:
    ran = searched(name)
    tree = tree_of(ran)
    assert tree.whole
    assert len(ran.outcomes) >= tree.executions == sum("leaf" in line for line in tree.lines) > 3
    assert rejected(tree) == ""


@pytest.mark.parametrize("crash", CRASHES)
def test_trees_of_scenarios_that_are_drawn_are_accepted(crash: str) -> None:
    for seed in DRAWN[crash]:
        program = drawn(seed, crash)
        stage = Stage(Policy.DPOR, program.granularity, proof=True)
        ran = run(program.body(), (stage,), executions=4_000, crash_last=program.crash_last)
        assert ran.exhausted
        assert rejected(harmless(tree_of(ran))) == "", f"seed {seed}, {crash}"


@pytest.mark.parametrize("name", ["shared_record", "lost_update"])
def test_executions_that_each_have_a_process_are_recorded_as_well(name: str) -> None:
    here = tree_of(searched(name))
    apart = ran_of(name, isolation=Isolation.PROCESS)
    assert rejected(tree_of(apart)) == ""
    assert len(tree_of(apart).lines) == len(here.lines)
    assert apart.recorded[0].canaries == searched(name).recorded[0].canaries


# -- what scenarios in Python have beside the steps of their threads


def starts_a_thread(race: Race) -> None:
    box, lock = {"a": 0}, threading.Lock()

    def inner() -> None:
        box["a"] += 1
        lock.release()

    def work() -> None:
        lock.acquire()
        _thread.start_new_thread(inner, ())
        lock.acquire()
        box["b"] = box["a"]

    race.thread(work)
    race.crash(lambda: str(box.get("b")))


def deadlocks(race: Race) -> None:
    one, two = threading.Lock(), threading.Lock()

    def work(first: threading.Lock, second: threading.Lock) -> None:
        with first, second:
            pass

    race.thread(work, one, two)
    race.thread(work, two, one)
    race.crash(lambda: "x")


def waits_with_a_limit(race: Race) -> None:
    told, box = threading.Condition(), [0]

    def waits() -> None:
        with told:
            told.wait(1)
            box[0] += 1

    def tells() -> None:
        with told:
            box[0] += 2
            told.notify()

    race.thread(waits)
    race.thread(tells)
    race.crash(lambda: str(box[0]))


def crashes_twice(race: Race) -> None:
    box = [0]
    race.thread(lambda: box.append(1))
    race.thread(lambda: box.append(2))
    race.crash(lambda: str(box))
    race.crash(lambda: str(len(box)), by="exception")


def ends_its_process(race: Race) -> None:
    box = [0]

    def ends() -> None:
        if len(box) == 1:
            os._exit(3)
        box.append(3)

    race.thread(lambda: box.append(1))
    race.thread(ends)
    race.crash(lambda: str(box))


BODIES = [
    *((body, False) for body in (starts_a_thread, deadlocks, waits_with_a_limit, crashes_twice, ends_its_process)),
    (crashes_twice, True),
]


@pytest.mark.parametrize(("body", "double"), BODIES)
def test_threads_that_are_started_deadlocks_limits_crashes_and_ends_are_in_it(
    body: Callable[[Race], object], double: bool
) -> None:
    ran = run(body, (attrs.evolve(RECORDED, double=double),))
    tree = tree_of(ran)
    assert tree.whole
    assert tree.executions > 5
    assert rejected(harmless(tree)) == ""


# -- damage


SMALL = ("lost_update", "signal_reentry", "stop_timeout")
"""Searches in which only what ends asleep repeats another: what is met late may make others of no use as well."""


@pytest.mark.once
@pytest.mark.parametrize("damage", [each for each in DAMAGES if each is not crashed_in_secret])
def test_a_damaged_tree_is_rejected_though_its_trailer_fits(damage: Damage) -> None:
    chance = random.Random(5)
    damaged = [lines for name in SMALL for _ in range(3) for lines in damage(tree_of(searched(name)), chance)]
    assert len(damaged) > 5
    assert [lines for lines in damaged if not why_rejected(certificate(lines))] == []


def test_without_any_one_line_it_is_rejected() -> None:
    lines = tree_of(searched("shared_record")).lines
    without = random.Random(3).sample(range(len(lines)), 30)
    assert [n for n in without if not why_rejected(certificate([*lines[:n], *lines[n + 1 :]]))] == []


def test_what_was_met_behind_a_node_may_be_the_same_thing_under_another_number() -> None:
    lines = tree_of(searched("lost_update")).lines
    without = [{name: value for name, value in line.items() if name != "named"} for line in lines]
    assert len(without) == sum("named" in line for line in lines)
    why = why_rejected(certificate(without))
    # Later interpreters make the dictionary of an object otherwise: there the numbers of this tree are alike.
    assert "asleep" in why or (sys.version_info >= (3, 12) and not why)


def test_a_crash_that_strikes_others_must_touch_everything() -> None:
    lines = tree_of(searched("signal_reentry")).lines
    strikes = [line for line in lines if line.get("how") == 3 and line["on"] != line["by"]]
    assert len(strikes) > 10
    for line in strikes[:4]:
        less = [each | {"touched": []} if each is line else each for each in lines]
        assert "crash" in why_rejected(certificate(less))


# -- what leaks, and the file


def test_a_vulnerable_twin_has_no_certificate_however_whole_its_tree_is() -> None:
    ran = searched("shared_record", "vulnerable")
    assert ran.leaks
    tree = tree_of(ran)
    assert "a secret came out" in rejected(tree)
    assert rejected(harmless(tree)) == ""


def file_of(ran: Ran, path: Path, facts: Callable[[Any], Any] = lambda _: {"sources": {}}) -> bytes:
    """As the campaign writes it."""
    proof = ProofFile(path, facts)
    for event in ran.recorded:
        hand_on(event, proof)
    proof.end(ran.counters.stages[0])
    proof.place()
    assert not proof.failed
    return path.read_bytes()


@pytest.mark.parametrize("name", ["lost_update", "shared_record"])
def test_its_file_is_accepted_and_holds_no_byte_of_a_canary(name: str, tmp_path: Path) -> None:
    ran = searched(name)
    file = file_of(ran, tmp_path / "p.gz")
    assert why_rejected(file) == ""
    text = gzip.decompress(file)
    committed = json.loads(text.splitlines()[0])["canaries"]
    secrets = ran.recorded[0].canaries
    assert committed.keys() == secrets.keys() != set()
    for canary, value in secrets.items():
        assert value == mint(SEED, canary, token(), 1).bytes
        assert value not in text
        assert value.hex().encode() not in text
        assert value[:8] not in text


def test_a_search_that_begins_again_is_certified_from_its_last_beginning(tmp_path: Path) -> None:
    class Last:
        def __init__(self, told: list[str]) -> None:
            self.told = told

        def __del__(self) -> None:
            self.told.append("gone")

    def body(race: Race) -> None:
        race.canary("key")
        told: list[str] = []
        held = Last(told)

        def work(mine: Last | None) -> None:
            del mine
            abs(0)

        race.thread(work, held, name="first")
        race.thread(work, held, name="second")
        race.crash(lambda: list(told))

    ran = run(body, (RECORDED,))
    begun = [each.before for each in ran.recorded if each.begins]
    assert len(begun) > 1  # a finalizer was noticed: nothing that was reported is believed
    assert begun[-1][0] > 0
    assert ran.exhausted
    assert why_rejected(file_of(ran, tmp_path / "p.gz")) == ""


def test_the_files_are_named_whose_code_has_run_and_in_the_trailer_those_that_ran_later(tmp_path: Path) -> None:
    ran = searched("lost_update")
    names = {Path(name).name for event in ran.recorded for name in event.files}
    assert {"scenario.py", "tinymask.py"} <= names
    told: list[int] = []

    def facts(files: Any) -> Any:
        told.append(len(files))
        return {"sources": dict.fromkeys(["a.py", "b.py"][: len(told)], "00")}

    text = gzip.decompress(file_of(ran, tmp_path / "p.gz", facts)).splitlines()
    assert json.loads(text[0])["sources"] == {"a.py": "00"}
    assert json.loads(text[-1])["sources"] == {"b.py": "00"}
    assert why_rejected((tmp_path / "p.gz").read_bytes()) == ""
