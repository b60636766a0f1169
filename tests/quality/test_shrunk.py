"""What needs four or five preemptions is told with four or five, and no clock decides that.

Only chance meets such a thing, in a schedule of a dozen preemptions and more.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from redactfuzz import Race, Report, Verdict
from redactfuzz.campaign.face.run import Campaign, last_report
from redactfuzz.campaign.face.scenario import spec_of
from redactfuzz.campaign.files.store import Store
from redactfuzz.campaign.session.oracle import default_oracle
from redactfuzz.campaign.session.runtime import default_runtime
from redactfuzz.campaign.session.spec import Options, resolve
from redactfuzz.campaign.session.state import Session
from redactfuzz.model.plan import Isolation

Reached = Callable[[dict[str, object], str], None]
UNSHRUNK: dict[str, Any] = {"shrink_seconds": 0.0}
PASSES = 0.05
"""Seconds that pass, on a busy machine, each time somebody looks at the clock."""


def leak(shown: dict[str, object], secret: str) -> None:
    shown["message"] = secret


def error(shown: dict[str, object], secret: str) -> None:
    raise ValueError("the top was reached")


def deadlock(shown: dict[str, object], secret: str) -> None:
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()


WHAT = {"leak": leak, "error": error, "deadlock": deadlock}


def ladder(race: Race, *, rungs: int, reached: Reached, climbers: int = 2, idle: int = 0) -> None:
    """Each climber takes every second (third) rung, and only when the one below was taken just before.

    Two climbers need a preemption for each rung but the last two: who takes these comes to its end.
    """
    secret = race.canary("key").text
    mask = race.redactor(lambda text: "[key]")
    shown: dict[str, object] = {"at": 0, "message": mask(secret)}

    def look() -> None:
        shown["seen"] = shown["at"]

    def up(rung: int) -> None:
        if shown["at"] == rung:
            shown["at"] = rung + 1

    def climb(first: int) -> None:
        for rung in range(first, rungs, climbers):
            look()
            look()
            up(rung)
        if shown["at"] == rungs:
            reached(shown, secret)

    def walk() -> None:
        for _ in range(4):
            look()

    for first in range(climbers):
        race.thread(climb, first)
    for _ in range(idle):
        race.thread(walk)
    race.crash(lambda: dict(shown))


def found(body: Callable[[Race], None], *, clock: Callable[[], float] = time.monotonic, **options: Any) -> Report:
    settings: dict[str, Any] = {"seed": 1, "executions": 2_000, "seconds": 3_000.0, "shrink_seconds": 5.0}
    spec = spec_of(body)
    limits = resolve(Options(**{**settings, **options}), spec.settings)
    session = Session(spec, limits, default_runtime(), Store(None), default_oracle(), clock)
    return last_report(Campaign(session).events())


def climbed(**fields: object) -> Callable[[Race], None]:
    def scenario(race: Race) -> None:
        ladder(race, **fields)  # type: ignore[arg-type]

    return scenario


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def shrunk(what: str, rungs: int, **options: Any) -> int:
    report = found(climbed(rungs=rungs, reached=WHAT[what]), strategy="surw", granularity="calls", **options)
    assert report.verdict is (Verdict.LEAK if what == "leak" else Verdict.BUG)
    assert report.finding is not None
    return report.finding.preemptions


@pytest.mark.parametrize(("rungs", "needed"), [(6, 4), (7, 5)])
@pytest.mark.parametrize("what", WHAT)
def test_what_needs_many_preemptions_is_told_with_no_more(what: str, rungs: int, needed: int) -> None:
    assert shrunk(what, rungs, isolation=Isolation.NONE) == needed


def test_so_it_is_where_each_execution_has_a_process_of_its_own() -> None:
    assert shrunk("error", 7, isolation=Isolation.PROCESS, shrink_seconds=2.0, executions=100) == 5


@pytest.mark.parametrize(("climbers", "idle", "needed"), [(3, 0, 4), (2, 2, 5), (3, 1, 4)])
def test_threads_that_only_stand_by_cost_no_preemption(climbers: int, idle: int, needed: int) -> None:
    body = climbed(rungs=7, reached=error, climbers=climbers, idle=idle)
    report = found(body, isolation=Isolation.NONE, strategy="surw", granularity="calls")
    assert report.finding is not None
    assert report.finding.preemptions == needed


def test_a_busy_machine_comes_to_the_same_finding() -> None:
    """There tens of runs take longer than the seconds that shrinking is given."""
    looked = itertools.count()
    assert shrunk("leak", 7, isolation=Isolation.NONE, clock=lambda: PASSES * next(looked)) == 5
    assert PASSES * next(looked) > 5.0


def test_without_time_for_shrinking_the_finding_is_told_as_it_was_met() -> None:
    """The twin: it is shrinking that makes it small."""
    assert shrunk("leak", 7, isolation=Isolation.NONE, shrink_seconds=0.0) > 5


class Ring:
    """Shows half of a key in a long window, and before it ``first`` in a short one."""

    def __init__(self, key: str) -> None:
        self.current, self.turns = key, 0
        self.known: tuple[str, ...] = (key,)

    def rotate(self, first: str, key: str) -> None:
        self.current = first
        self.turns += 1
        self.turns += 1
        self.turns += 1
        self.current = key[:16]
        self.turns += 1
        self.known = (*self.known, key[:16], key)

    def scrub(self, text: str) -> str:
        for key in self.known:
            text = text.replace(key, "[key]")
        return text


@pytest.mark.parametrize(("whole", "shown"), [(True, {16, 32}), (False, {16})])
def test_a_leak_of_a_whole_secret_is_not_made_one_of_a_part(whole: bool, shown: set[int]) -> None:
    """What was met at first is what is told, made small or not."""

    def halves(race: Race) -> None:
        ring = Ring(race.canary("old key").text)
        scrub = race.redactor(ring.scrub)
        key = race.canary("new key").text
        race.thread(ring.rotate, key if whole else "", key)
        race.crash(lambda: scrub("signing with " + ring.current))

    told = []
    for seed in range(4):
        reports = [found(halves, strategy="random", seed=seed, executions=300, **more) for more in (UNSHRUNK, {})]
        as_met, small = ([leak.length for leak in report.finding.leaks] for report in reports if report.finding)
        assert as_met == small
        told += small
    assert set(told) == shown
