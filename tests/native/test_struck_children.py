"""A schedule says where a child of fork is struck beside its first calls: a replay strikes there, and nowhere else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import pytest

from redactfuzz import native
from redactfuzz.campaign import Options, ScenarioSpec, last_report
from redactfuzz.campaign.face.replay import replay
from redactfuzz.campaign.face.run import run
from redactfuzz.campaign.files.store import load
from redactfuzz.model.finding import Finding, Report
from redactfuzz.model.repro import Repro
from redactfuzz.model.verdict import Verdict
from redactfuzz.native.run.runtime import NativeRuntime

pytestmark = pytest.mark.once

SOURCE = Path(__file__).parent.parent / "truth" / "processes" / "programs" / "child_struck.c"
LATER, STORE = 1, 3


def _spec(what: int) -> ScenarioSpec:
    made: Any = native.scenario(SOURCE, flags=["-O1", f"-DWHAT={what}", "-DCLEAN=0"])
    return ScenarioSpec("child_struck", str(SOURCE), made.redactfuzz_program)


def _again(repro: Repro, what: int) -> Report:
    return last_report(replay(repro, _spec(what).body, NativeRuntime()))


@pytest.fixture(scope="module", params=[LATER, STORE], ids=["call", "store"])
def found(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[int, Finding]:
    folder = tmp_path_factory.mktemp("struck")
    options = Options(seed=0, executions=40, profile="ci", repro_dir=folder)
    report = last_report(run(_spec(request.param), options, NativeRuntime()))
    assert report.finding is not None
    return request.param, report.finding


def test_it_is_met_in_a_later_execution_and_said_when_it_is_struck(found: tuple[int, Finding]) -> None:
    what, finding = found
    assert finding.schedule.child == 1
    assert (finding.schedule.moment > 0) == (what == LATER)
    assert finding.execution > 1
    assert "is struck" in finding.cause


def test_it_replays_and_at_another_moment_it_does_not(found: tuple[int, Finding]) -> None:
    what, finding = found
    repro = load(Path(finding.repro))
    assert repro.schedule == finding.schedule
    assert _again(repro, what).verdict is Verdict.LEAK
    elsewhere = attrs.evolve(repro.schedule, moment=1 if what == LATER else -1)
    assert _again(attrs.evolve(repro, schedule=elsewhere), what).verdict is not Verdict.LEAK
    first = attrs.evolve(repro.schedule, child=0, moment=0)
    assert _again(attrs.evolve(repro, schedule=first), what).verdict is not Verdict.LEAK
