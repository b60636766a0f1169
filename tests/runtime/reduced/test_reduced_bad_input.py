"""What a reduction cannot take ends it with a reason, and never as a proof."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from both_ways import both
from driving import run

from redactfuzz import Race, explore
from redactfuzz.model.outcome import ProblemKind
from redactfuzz.model.plan import Policy, Stage
from redactfuzz.model.schedule import Granularity
from redactfuzz.model.verdict import Verdict


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Findings are kept in a folder of the test."""
    monkeypatch.chdir(tmp_path)


def real_chance() -> int:
    """0 to 7, which the tool does not control."""
    return int(Path("/proc/sys/kernel/random/uuid").read_text("ascii")[0], 16) % 8


def threads(race: Race, box: dict[str, int], number: int) -> None:
    for _ in range(1 + number):
        race.thread(lambda: box.update(first=1))


def objects(race: Race, box: dict[str, int], number: int) -> None:
    """Each step is at the same place, and touches what both have, or not: seen where a beginning is run again."""
    mine = {"first": 0} if number % 2 else box

    def work() -> None:
        mine["first"] = abs(1)
        box["first"] = abs(2)
        box["first"] = abs(3)

    race.thread(work)
    race.thread(work)


def sites(race: Race, box: dict[str, int], number: int) -> None:
    def work() -> None:
        for _ in range(number):
            abs(1)
        box["first"] = 1

    race.thread(work)
    race.thread(work)


Sets = Callable[[Race, dict[str, int], int], None]


@pytest.mark.parametrize("sets", [threads, objects, sites])
@pytest.mark.parametrize("differs", [True, False])
def test_what_differs_between_executions_is_no_proof_and_is_told_with_its_step(sets: Sets, differs: bool) -> None:
    def body(race: Race) -> None:
        key = race.canary("key").text
        mask = race.redactor(lambda text: text.replace(key, "[key]"))
        box = {"first": 0}
        sets(race, box, real_chance() if differs else 1)
        race.crash(lambda: mask(f"{key} {box}"))

    report = explore(body, strategy="dpor", seconds=60.0, seed=1)
    assert report.verdict is (Verdict.INCONCLUSIVE if differs else Verdict.PROVED), report.reason
    if differs:
        assert report.reason is not None
        assert "step" in report.reason.what
        assert "thread '" in report.reason.what


@pytest.mark.parametrize("changed", [0, 99])
def test_a_step_that_touches_ten_thousand_objects_depends_on_who_changes_any_of_them(changed: int) -> None:
    """More than a step has room for: then it has touched everything."""

    def body(race: Race) -> None:
        lists = [[[number] for number in range(100)] for _ in range(100)]
        shown = {"lines": ""}

        def shows() -> None:
            shown["lines"] = str(lists)

        race.thread(shows)
        race.thread(lambda: lists[changed][changed].append(-1))
        race.crash(lambda: shown["lines"].count("-1"))

    few, many = both(body, crash_last=True)
    assert 1 < few <= many


def test_a_loop_of_a_million_steps_is_no_square_of_them_and_no_proof() -> None:
    """A step that looks at what thousands have looked at finds the last change of it at once."""

    def body(race: Race) -> None:
        box = {"first": 0}

        def work() -> None:
            for _ in range(1_000_000):
                box["first"] = abs(1)

        race.thread(work)
        race.thread(lambda: str(box["first"]))
        race.crash(lambda: "dump")

    ran = run(body, (Stage(Policy.DPOR, Granularity.SWITCHES),), executions=1)
    (report,) = ran.counters.stages
    assert (report.truncated, report.exhausted) == (True, False)
    assert "is long" in ran.problem(ProblemKind.LONG).what
