"""Known findings that nobody can run again tonight are no less known for that; and what a night is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from night_samples import ended, finding, listed, night, report, touched

from redactfuzz.model.events import ReplayResult
from redactfuzz.model.night import Alarm, AlarmKind, FindingMet, Life, NightEvent, SliceBegan, TargetListed
from redactfuzz.model.verdict import Verdict
from redactfuzz.night import slices
from redactfuzz.night.asked import Asked
from redactfuzz.night.job import Job
from redactfuzz.night.journal import FINDINGS, Journal, Night, of_kind
from redactfuzz.night.known import judged
from redactfuzz.night.told import Told


def job(folder: Path, before: Sequence[Night], seconds: float = 0.0) -> Job:
    asked = Asked(folder, seconds, until_stable=False, jobs=1, seed=7, memory=1 << 30)
    targets = [each for each in listed("a.py::a") if isinstance(each, TargetListed)]
    return Job(asked, targets, Journal.begin(folder), before, lambda event: None)


def lives(events: Sequence[NightEvent]) -> list[Life]:
    return [each.life for each in of_kind(events, FindingMet)]


def known(repro: str = "") -> Night:
    return night(FindingMet("k", "a.py::a", 1, Life.NEW, finding(repro=repro)))


def test_one_whose_file_is_gone_is_told_and_stays_known(tmp_path: Path) -> None:
    mine = job(tmp_path, [known("gone.rfz.json")])
    mine.resume([])
    assert lives(mine.events) == [Life.KNOWN]


def test_one_whose_file_is_gone_and_that_a_search_which_passed_did_not_meet_is_fixed(tmp_path: Path) -> None:
    mine = job(tmp_path, [known("gone.rfz.json")])
    mine.resume([ended(of=report(Verdict.NO_LEAK_FOUND))])
    assert lives(mine.events) == [Life.KNOWN, Life.FIXED]


def test_one_that_was_fixed_and_whose_file_is_gone_is_not_told_again(tmp_path: Path) -> None:
    mine = job(tmp_path, [night(FindingMet("k", "a.py::a", 1, Life.FIXED, finding()))])
    mine.resume([])
    assert lives(mine.events) == []


def test_one_whose_replay_cannot_be_started_stays_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> slices.Slice:
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(slices, "start", refused)
    (tmp_path / FINDINGS).mkdir()
    mine = job(tmp_path, [known(touched(tmp_path / FINDINGS))], 60.0)
    mine.resume([])
    assert lives(mine.events) == [Life.KNOWN]


def test_known_findings_for_which_there_was_no_time_are_an_alarm_and_stay_what_they_were(tmp_path: Path) -> None:
    (tmp_path / FINDINGS).mkdir()
    mine = job(tmp_path, [known(touched(tmp_path / FINDINGS))])
    mine.resume([])
    assert lives(mine.events) == []
    told = [each for each in of_kind(mine.events, Alarm) if each.kind is AlarmKind.NOT_REPLAYED]
    assert [each.title for each in told] == ["a.py::a"]
    assert "1 of 1" in told[0].what


def test_a_finding_for_whose_file_a_full_disk_had_no_room_is_known_and_the_night_goes_on(tmp_path: Path) -> None:
    """It has no name that could be removed: what would be is the folder."""
    (tmp_path / FINDINGS).mkdir()
    kept = touched(tmp_path / FINDINGS)
    mine = job(tmp_path, ())
    for repro in (kept, "", kept.replace("0001", "0002")):
        told = Told(SliceBegan(1, "a.py::a", (), 1.0))
        told.seen = [finding(repro=repro)]
        (met,) = mine._kept.take(told)
        assert Path(met.finding.repro).is_file()
    assert [each.name for each in (tmp_path / FINDINGS).iterdir()] == [Path(met.finding.repro).name]


@pytest.mark.parametrize("verdict", [Verdict.VACUOUS, Verdict.ERROR])
def test_replays_of_a_scenario_that_tests_nothing_any_more_do_not_mend_it(tmp_path: Path, verdict: Verdict) -> None:
    """Its redactor is not called any more, so that no schedule shows anything."""
    mine = job(tmp_path, [known()])
    mine.resume([])
    (only,) = mine._kept.known.values()
    mine.events += [only.met([ReplayResult.NOT_REPRODUCED] * 3)]
    assert only.life is Life.FIXED
    mine.events += [ended(of=report(verdict))]
    assert [(met.life, met.how) for met in mine._gone()] == [(Life.KNOWN, f"its scenario came to {verdict}")]
    only.met([ReplayResult.NOT_REPRODUCED] * 3)
    mine.events += [ended(of=report(Verdict.NO_LEAK_FOUND))]
    assert mine._gone() == []
    assert only.life is Life.FIXED


def test_that_is_so_where_the_night_was_killed_behind_its_replays(tmp_path: Path) -> None:
    fixed = FindingMet("k", "a.py::a", 0, Life.FIXED, finding(), again=0, times=3)
    mine = job(tmp_path, [known()])
    mine.resume([fixed, ended(of=report(Verdict.VACUOUS))])
    assert lives(mine.events) == [Life.FIXED, Life.KNOWN]


def test_one_of_which_a_void_night_told_nothing_is_no_less_flaky_for_that(tmp_path: Path) -> None:
    flaky = FindingMet("k", "a.py::a", 0, Life.FLAKY, finding(), again=1, times=10)
    mine = job(tmp_path, [night(flaky)])
    mine.resume([])
    (only,) = mine._kept.known.values()
    assert only.replays.times == 20
    void = [only.met([ReplayResult.NOT_REPRODUCED] * 40), ended(of=report(Verdict.VACUOUS))]
    mine.events += void
    mine.events += mine._gone()
    (after,) = judged([night(flaky), night(*mine.events, number=2)], ())
    assert (after.life, after.replays.times) == (Life.FLAKY, 20)


def test_one_that_this_machine_may_not_run_is_mended_where_its_scenario_is_proved(tmp_path: Path) -> None:
    """A repro file of another machine that asks for more than is agreed to: each night of a fresh runner has such."""
    for verdict, lived in ((Verdict.PROVED, [Life.FIXED]), (Verdict.NO_LEAK_FOUND, [])):
        folder = tmp_path / verdict
        folder.mkdir()
        mine = job(folder, [known(touched(folder))])
        mine._kept.known = {each.key: each for each in judged(mine.before, ())}
        (only,) = mine._kept.known.values()
        assert only.met((), untold="exit status 2: it asks for the absolute path").life is Life.KNOWN
        mine.events = [ended(of=report(verdict))]
        assert [met.life for met in mine._gone()] == lived
