"""What a certificate of a scenario in Python says is what happens when its executions are run again, and their like."""

from __future__ import annotations

import copy
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import attrs
import pytest
from certifying import Certified, Line, certified, scenario
from trees import why_rejected

import redactfuzz
from redactfuzz import Race
from redactfuzz.campaign.face.scenario import spec_of
from redactfuzz.check import Rejected
from redactfuzz.model.plan import Isolation
from redactfuzz.model.schedule import Granularity
from redactfuzz.rerun.again import again
from redactfuzz.rerun.leaves import sampled

TWINS = (
    "shared_record",
    "lost_update",
    "signal_reentry",
    "timeout_fail_open",
    "stop_timeout",
    "nested_crash",
    *(["dirty_publish"] if sys.version_info < (3, 14) else []),  # since then logging asks asyncio: too many orders
)
DUMP = 2**32 - 1


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Certified]:
    with scenario("shared_record") as spec:
        path = tmp_path_factory.mktemp("record") / "p.gz"
        yield certified(spec, path, Granularity.SWITCHES, Isolation.NONE)


@pytest.mark.parametrize("name", TWINS)
def test_leaves_and_linearisations_of_right_scenarios_are_alike(name: str, tmp_path: Path) -> None:
    with scenario(name) as spec:
        made = certified(spec, tmp_path / "p.gz", Granularity.SWITCHES, Isolation.NONE)
        assert why_rejected(made.file.read_bytes()) == ""
        done = made.again(8)
        assert done.orders == 8
        assert done.leaves == min(8, sum("leaf" in line for line in made.lines))
        assert done.moved > 0 or name == "signal_reentry"


def test_so_are_those_of_executions_that_each_have_a_process(tmp_path: Path) -> None:
    with scenario("lost_update") as spec:
        made = certified(spec, tmp_path / "p.gz", Granularity.SWITCHES, Isolation.PROCESS)
        assert made.header["executions"] == "each the first of a process"
        done = made.again(4)
        assert (done.leaves, done.orders, done.parted) == (4, 4, 0)


def test_the_same_seed_asks_for_the_same(record: Certified) -> None:
    assert record.again(3, seed=4) == record.again(3, seed=4)


# -- what the checker accepts, and is not so


def accepted(file: Path) -> bool:
    return why_rejected(file.read_bytes()) == ""


def test_the_tree_of_another_scenario_under_the_same_header_is_rejected(record: Certified, tmp_path: Path) -> None:
    with scenario("lost_update") as spec:
        other = certified(spec, tmp_path / "p.gz", Granularity.SWITCHES, Isolation.NONE)
    file = record.altered(lambda _: other.lines)
    assert accepted(file)
    assert "executed again, is another one: " in record.why(2, file)


def threads_renamed(lines: list[Line]) -> list[Line]:
    """Each thread has the number of the other."""
    threads = sorted({told[1] for line in lines for told in line["told"] if told[2] != 3})
    swapped = dict(zip(threads, reversed(threads), strict=True))
    for line in lines:
        for told in line["told"]:
            told[1] = swapped.get(told[1], told[1])
    return lines


def places_renamed(lines: list[Line]) -> list[Line]:
    """Every name in an object is another one."""
    for line in lines:
        for touched in line.get("touched", []):
            touched[1] += touched[1] > 1000
    return lines


@pytest.mark.parametrize("renamed", [threads_renamed, places_renamed])
def test_a_renaming_that_is_consistent_is_rejected(renamed: Any, record: Certified) -> None:
    file = record.altered(renamed)
    assert accepted(file)
    said = record.why(2, file)
    assert "leaf " in said
    assert "step " in said


def test_objects_that_have_other_numbers_in_another_process_are_the_same_objects(record: Certified) -> None:
    """A number that is given before anything runs follows from what the process has met before."""

    def moved(lines: list[Line]) -> list[Line]:
        for line in lines:
            line["named"] += 3
            for words, at in [*((each, 0) for each in line.get("touched", [])), *((each, 4) for each in line["told"])]:
                if len(words) > at and 0 < words[at] < DUMP - 2**16:
                    words[at] += 3
        return lines

    file = record.altered(moved)
    assert accepted(file)
    assert record.why(3, file) == ""


def test_one_number_for_two_objects_is_rejected(record: Certified) -> None:
    def joined(lines: list[Line]) -> list[Line]:
        """Objects that nobody changes: whether they are one matters to no order."""
        named = lines[0]["named"]
        mode: dict[int, int] = {}
        for line in lines:
            for touched in line.get("touched", []):
                mode[touched[0]] = max(mode.get(touched[0], 0), touched[3])
        one, two = sorted(each for each, most in mode.items() if 0 < each <= named and most == 0)[:2]
        for line in lines:
            for touched in line.get("touched", []):
                touched[0] = one if touched[0] == two else touched[0]
        return lines

    file = record.altered(joined)
    assert accepted(file)
    assert "object" in record.why(16, file)


def test_an_outcome_that_is_not_that_of_the_record_is_rejected(record: Certified, tmp_path: Path) -> None:
    """The vulnerable twin, of whose leaves it is said that nothing came out."""
    with scenario("shared_record", "vulnerable") as spec:
        made = certified(spec, tmp_path / "p.gz", Granularity.SWITCHES, Isolation.NONE)
        harmless = made.altered(lambda lines: [line | {"outcome": 0} if "leaf" in line else line for line in lines])
        assert accepted(harmless)
        assert "nothing came out by the certificate, now a secret came out: 'token'" in made.why(10**6, harmless)


def stripped(lines: list[Line]) -> list[Line]:
    """The first execution alone, of which is said that none of its steps has touched what another could notice."""
    path: list[Line] = []
    for line in copy.deepcopy(lines):
        line["told"] = [told[:4] for told in line["told"]]
        if "touched" in line:
            line["touched"] = [[DUMP, 0, 0, 0, 0, 0]]
        path.append(line)
        if "leaf" in line:
            break
    return path


@redactfuzz.scenario
def late_wipe(race: Race) -> None:
    """Leaks where the report comes first."""
    box = {"key": race.canary("key").text}

    def wipe() -> None:
        box["key"] = ""

    def report() -> None:
        race.dump(f"the key is {box['key']}")

    race.thread(wipe)
    race.thread(report)


def test_where_footprints_were_taken_away_a_leaf_differs_and_a_linearisation_shows_the_secret(tmp_path: Path) -> None:
    made = certified(spec_of(late_wipe), tmp_path / "p.gz", Granularity.SWITCHES, Isolation.NONE)
    assert "a secret came out" in why_rejected(made.file.read_bytes())
    file = made.altered(stripped)
    assert accepted(file)
    assert "leaf 1, executed again, is another one: step " in made.why(1, file)
    chance = Random(0)
    with file.open("rb") as opened:
        sample = sampled(opened, 1, chance)
    with pytest.raises(Rejected, match=r"in another order of the same class: nothing came out .*'key'"):
        list(again(made.runner, attrs.evolve(sample, leaves=()), 8, chance, math.inf))


def test_of_a_wipe_that_comes_first_every_linearisation_shows_nothing(tmp_path: Path) -> None:
    made = certified(spec_of(late_wipe), tmp_path / "p.gz", Granularity.SWITCHES, Isolation.NONE)
    first = made.altered(lambda lines: lines[: 1 + next(n for n, line in enumerate(lines) if "leaf" in line)])
    chance = Random(0)
    with first.open("rb") as opened:
        sample = sampled(opened, 1, chance)
    *_, done = again(made.runner, sample, 8, chance, math.inf)
    assert (done.leaves, done.orders, done.parted) == (1, 8, 0)


def test_what_takes_longer_than_it_may_is_not_executed_to_its_end(record: Certified) -> None:
    with record.file.open("rb") as opened:
        sample = sampled(opened, 2, Random(0))
    assert list(again(record.runner, sample, 2, Random(0), 0.0)) == []


def class_of(before: int) -> type[Any]:
    """A class of which there were so many objects, none of which had all attributes that one may have."""
    made = type("Record", (), {})
    for _ in range(before):
        made().first = ""
    return made


@pytest.mark.parametrize(("then", "now"), [(0, 0), (0, 40), (40, 0)])
def test_how_many_objects_a_class_has_had_is_nothing_that_a_step_touches(then: int, now: int, tmp_path: Path) -> None:
    kinds = [class_of(then)]

    def body(race: Race) -> None:
        mask = race.redactor(lambda text: "[key]")
        record = kinds[0]()

        def works() -> None:
            record.first = "first"
            record.second = "second"
            record.third = "third"
            record.key = mask(race.canary("key").text)

        race.thread(works)
        race.thread(lambda: race.dump(getattr(record, "third", "")))

    made = certified(spec_of(body), tmp_path / "p.gz", Granularity.SWITCHES, Isolation.NONE)
    assert accepted(made.file)
    kinds[0] = class_of(now)
    assert made.again(8).parted == 0
