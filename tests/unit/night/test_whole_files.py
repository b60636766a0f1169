"""A file that could not be listed is one target: its slice runs all of its scenarios, and none hides another."""

from __future__ import annotations

from pathlib import Path

import attrs
from night_samples import finding, report

from redactfuzz.model import written
from redactfuzz.model.dependencies import Dependencies
from redactfuzz.model.events import CampaignEnded, Depended, FindingSeen, Listed, Source, Used
from redactfuzz.model.finding import Finding, Report
from redactfuzz.model.night import SliceBegan
from redactfuzz.model.verdict import Reason, Verdict
from redactfuzz.night.kept import Kept
from redactfuzz.night.told import Told

LEAKS, RIGHT = "a.py::leaks", "a.py::right"


def of(title: str) -> Finding:
    return attrs.evolve(finding(), scenario=title)


def reported(title: str, verdict: Verdict, found: Finding | None = None) -> Report:
    return report(verdict, title=title, finding=found, reason=None if found or verdict.passed else Reason("it broke"))


def told(*events: object, listed: tuple[str, ...] = (LEAKS, RIGHT)) -> Told:
    """What a slice of all of a file gives."""
    made = Told(SliceBegan(1, "a.py", (), 1.0))
    for each in (Listed("a.py", ("a.py",)), Listed("a.py", listed), *events):
        made.take(written.dumps(each).encode())  # type: ignore[arg-type]
    return made


def verdict(of: Told) -> Verdict:
    assert of.report is not None
    return of.report.verdict


def test_a_leak_of_a_scenario_is_not_lost_behind_the_proof_of_a_later_one(tmp_path: Path) -> None:
    leaks = CampaignEnded(reported(LEAKS, Verdict.LEAK, of(LEAKS)))
    proved = CampaignEnded(reported(RIGHT, Verdict.PROVED))
    for events in ((leaks, proved), (proved, leaks)):
        slice = told(*events)
        assert verdict(slice) is Verdict.LEAK
        assert [each.scenario for each in slice.findings] == [LEAKS]
        assert slice.report is not None
        assert (slice.report.executions, slice.report.scenario) == (2_000, "a.py")
        assert [each.title for each in Kept(tmp_path).take(slice)] == [LEAKS]


def test_two_scenarios_of_a_file_with_one_bug_are_two_findings(tmp_path: Path) -> None:
    both = [CampaignEnded(reported(each, Verdict.LEAK, of(each))) for each in (LEAKS, RIGHT)]
    met = Kept(tmp_path).take(told(*both))
    assert [each.title for each in met] == [LEAKS, RIGHT]
    assert len({each.key for each in met}) == 2


def test_the_worst_verdict_is_that_of_the_file_and_it_is_proved_where_all_are() -> None:
    def of_both(first: Verdict, second: Verdict) -> Verdict:
        return verdict(told(CampaignEnded(reported(LEAKS, first)), CampaignEnded(reported(RIGHT, second))))

    assert of_both(Verdict.ERROR, Verdict.PROVED) is Verdict.ERROR
    assert of_both(Verdict.PROVED, Verdict.INCONCLUSIVE) is Verdict.INCONCLUSIVE
    assert of_both(Verdict.PROVED, Verdict.NO_LEAK_FOUND) is Verdict.NO_LEAK_FOUND
    assert of_both(Verdict.PROVED, Verdict.PROVED) is Verdict.PROVED


def test_what_was_met_by_a_campaign_that_gave_no_report_is_kept_beside_the_reports_of_others() -> None:
    slice = told(CampaignEnded(reported(RIGHT, Verdict.PROVED)), FindingSeen(of(LEAKS)))
    assert [each.scenario for each in slice.findings] == [LEAKS]
    retracted = told(FindingSeen(of(LEAKS)), *(CampaignEnded(reported(each, Verdict.INCONCLUSIVE)) for each in (
        LEAKS, RIGHT)))  # fmt: skip
    assert retracted.findings == ()


def test_a_file_of_which_a_scenario_gave_no_report_is_neither_proved_nor_passed() -> None:
    one = CampaignEnded(reported(RIGHT, Verdict.PROVED))
    assert verdict(told(one)) is Verdict.INCONCLUSIVE
    assert verdict(told(one, listed=(RIGHT,))) is Verdict.PROVED


def test_nothing_of_several_is_ever_spared_and_the_files_of_all_of_them_are_told() -> None:
    def uses(title: str) -> tuple[Depended, Used, CampaignEnded]:
        source = Source(f"{title[6:]}.txt", "00")
        return Depended(title, (source,)), Used(title, Dependencies()), CampaignEnded(reported(title, Verdict.PROVED))

    both = told(*uses(LEAKS), *uses(RIGHT))
    assert both.dependencies is None
    assert [each.path for each in both.sources] == ["leaks.txt", "right.txt"]
    assert told(*uses(RIGHT), listed=(RIGHT,)).dependencies == Dependencies()


def test_a_file_that_is_looked_into_once_more_since_its_process_died_is_listed() -> None:
    slice = told(Listed("a.py", (LEAKS, RIGHT)))
    assert (slice.unlisted, slice.titles) == ([], (LEAKS, RIGHT))
