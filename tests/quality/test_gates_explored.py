"""The gate of redactfuzz holds under every schedule, or every one of at most two preemptions, where gates that look
twice do not.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import attrs
import pytest

from redactfuzz import Verdict
from redactfuzz.campaign.face.run import last_report
from redactfuzz.campaign.face.run import run as campaign
from redactfuzz.campaign.face.scenario import spec_of
from redactfuzz.campaign.session.runtime import default_runtime
from redactfuzz.campaign.session.spec import Options
from redactfuzz.model.schedule import Granularity

ROOT = Path(__file__).parents[2]
SCENARIO = ROOT / "targets" / "storm0558" / "gate" / "scenario.py"
sys.path.insert(0, str(ROOT / "ci" / "bench"))
from shared import scenarios  # noqa: E402

NAMES = sorted(name for path, name in scenarios.everything() if path == SCENARIO and name.endswith("_fixed"))


PROVED = ("cut_off_fixed", "open_writer_fixed")
"""Those whose whole space is gone through in seconds; of the others it has tens of thousands of classes."""


@pytest.mark.once
@pytest.mark.parametrize("name", [name for name in NAMES if name not in PROVED])
def test_every_schedule_of_at_most_two_preemptions_between_calls_is_explored_and_none_leaks(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    options = Options(
        seed=1, executions=200_000, seconds=3000.0, preemptions=2, granularity=Granularity.CALLS, shrink_seconds=0.0
    )
    report = last_report(campaign(spec_of(scenarios.load(SCENARIO, name)), options, default_runtime()))
    assert report.verdict in (Verdict.PROVED, Verdict.NO_LEAK_FOUND), report.reason
    assert report.certificate is not None
    assert report.certificate.preemptions == 2


@pytest.mark.once
@pytest.mark.parametrize("name", PROVED)
def test_every_schedule_is_explored_where_whoever_has_the_dump_open_changes_it_and_none_leaks(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    options = Options(seed=1, strategy="dpor", seconds=3000.0, shrink_seconds=0.0)
    report = last_report(campaign(spec_of(scenarios.load(SCENARIO, name)), options, default_runtime()))
    assert report.verdict is Verdict.PROVED, report.reason


def test_the_gate_of_redactfuzz_is_found_out_if_it_judges_the_original_in_place_of_what_it_sealed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only a writer that takes the key out shows this: beside one that adds it, such a gate refuses too much."""
    monkeypatch.chdir(tmp_path)
    gate = scenarios.load(SCENARIO, "cut_off_fixed")
    files = sys.modules["memory_files"].MemoryFiles

    def by_its_name(self: Any, ticket: Any) -> Any:
        self.yard.sealed[0] = self.yard.read(ticket.source.name)
        return judge(self, attrs.evolve(ticket, number=0))

    judge = files.judge
    monkeypatch.setattr(files, "judge", by_its_name)
    report = last_report(campaign(spec_of(gate), Options(seed=1, shrink_seconds=0.0), default_runtime()))
    assert report.verdict is Verdict.LEAK, report.reason


def test_there_is_a_scenario_for_each_race_of_the_issue() -> None:
    races = ("appended", "cut_off", "open_writer", "renamed", "replaced", "two_gates")
    assert [f"{race}_fixed" for race in races] == NAMES
