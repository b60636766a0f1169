"""The scenario of the desk asks who read a dump, not whether anybody did: desks that write down somebody else leak."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from desk import Desk, Send, WritesFirst

from redactfuzz import Race, Verdict
from redactfuzz.campaign.face.run import last_report
from redactfuzz.campaign.face.run import run as campaign
from redactfuzz.campaign.face.scenario import spec_of
from redactfuzz.campaign.session.runtime import default_runtime
from redactfuzz.campaign.session.spec import Options

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "ci" / "bench"))
from shared import scenarios  # noqa: E402

pytestmark = pytest.mark.once

SCENARIO = ROOT / "targets" / "storm0558" / "access_log" / "scenario.py"


class OneName(Desk):
    """Who asks lies where the next one overwrites it."""

    def hand_out(self, who: str, name: str, data: bytes, send: Send) -> None:
        self.who = who
        self.wait()
        self.write(self.who, name)
        send(data)

    def wait(self) -> None:
        """As a desk does that looks the dump up."""


class Nobody(Desk):
    def hand_out(self, who: str, name: str, data: bytes, send: Send) -> None:
        self.write("", name)
        send(data)


class TheFirstOne(Desk):
    """A dump of which a reader is known is not written down again."""

    seen = False

    def hand_out(self, who: str, name: str, data: bytes, send: Send) -> None:
        if not self.seen:
            self.write(who, name)
        self.seen = True
        send(data)


class Twice(WritesFirst):
    """Right: a record too many."""

    def hand_out(self, who: str, name: str, data: bytes, send: Send) -> None:
        self.write(who, name)
        super().hand_out(who, name, data, send)


@pytest.mark.parametrize(
    ("desk", "verdicts"),
    [
        (OneName, {Verdict.LEAK}),
        (Nobody, {Verdict.LEAK}),
        (TheFirstOne, {Verdict.LEAK}),
        (Twice, {Verdict.PROVED, Verdict.NO_LEAK_FOUND}),
    ],
)
def test_a_desk_that_writes_down_somebody_else_or_nobody_leaks_and_a_record_too_many_does_not(
    desk: type[Desk], verdicts: set[Verdict], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    two_readers = scenarios.load(SCENARIO, "two_readers")

    def tried(race: Race) -> None:
        two_readers(race, desk)

    options = Options(seed=1, executions=60, shrink_seconds=0.0)
    report = last_report(campaign(spec_of(tried), options, default_runtime()))
    assert report.verdict in verdicts
