"""Whoever is interrupted says what is known once."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import pytest

from redactfuzz.cli.pump import pump
from redactfuzz.model.events import CampaignEnded, CampaignEvent
from redactfuzz.model.finding import Report
from redactfuzz.model.verdict import INTERNAL, INTERRUPTED, Verdict

REPORT = Report("a.c", Verdict.INCONCLUSIVE, executions=700, interrupted=True)


@attrs.define
class Shown:
    """``interrupted``: when it is shown that a campaign has ended."""

    interrupted: bool
    reports: list[Report] = attrs.field(factory=list)

    def handle(self, event: CampaignEvent) -> None:
        assert isinstance(event, CampaignEnded)
        self.reports.append(event.report)
        if self.interrupted:
            raise KeyboardInterrupt

    def close(self) -> None:
        pass


def ended(report: Report) -> Iterator[CampaignEvent]:
    yield CampaignEnded(report)


def interrupted() -> Iterator[CampaignEvent]:
    raise KeyboardInterrupt
    yield


@pytest.mark.parametrize("again", [False, True])
def test_a_second_signal_brings_no_second_report(again: bool) -> None:
    shown = Shown(again)
    result = pump("a.c", lambda: ended(REPORT), shown)
    assert (result.code, shown.reports) == (INTERRUPTED, [REPORT])


def test_a_campaign_that_says_nothing_when_it_is_interrupted_has_a_report() -> None:
    shown = Shown(interrupted=False)
    assert pump("a.c", interrupted, shown).code == INTERRUPTED
    assert [(each.executions, each.interrupted) for each in shown.reports] == [(0, True)]


def test_a_pass_without_the_certificate_that_was_asked_for_is_no_success() -> None:
    report = Report("a.c", Verdict.PROVED, uncertified=True)
    assert pump("a.c", lambda: ended(report), Shown(interrupted=False)).code == INTERNAL
    assert pump("a.c", lambda: ended(attrs.evolve(report, uncertified=False)), Shown(interrupted=False)).code == 0
