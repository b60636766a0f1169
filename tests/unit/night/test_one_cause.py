"""A bug that is met twice in a night is one finding, whichever of the two is explained."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest
from night_samples import finding, listed, night, report

from redactfuzz.campaign.explain import causes
from redactfuzz.model.events import ReplayResult
from redactfuzz.model.finding import Finding
from redactfuzz.model.night import FindingMet, Life, NightEvent, SliceBegan, TargetListed
from redactfuzz.model.outcome import Bug, BugKind
from redactfuzz.model.repro import SUFFIX
from redactfuzz.model.verdict import Verdict
from redactfuzz.night.job import Asked, Job
from redactfuzz.night.journal import FINDINGS, Journal, of_kind
from redactfuzz.night.kept import Kept
from redactfuzz.night.known import Known, judged
from redactfuzz.night.told import Told

RAW = finding(window=False)
"""What a search had found, and was killed."""


class Slice(Told):
    """One that has ended."""

    seconds = 1.0

    def __init__(self, *found: Finding, whole: bool) -> None:
        super().__init__(SliceBegan(1, "a.py::a", ("redactfuzz", "run"), 1.0))
        self.seen = list(found)
        if whole:
            self.reports = [report(Verdict.LEAK, finding=found[0], others=found[1:])]


def told(folder: Path, *slices: Slice, replayed: Finding | None = None) -> list[FindingMet]:
    """What a night says of them, of which the first may be a file that nobody knew."""
    (target,) = [each for each in listed("a.py::a") if isinstance(each, TargetListed)]
    asked = Asked(folder, None, until_stable=False, jobs=1, seed=7, memory=1 << 30)
    events: list[NightEvent] = []
    job = Job(asked, [target], Journal.begin(folder), (), events.append)
    if replayed is not None:
        job._finish(Known("a-0001.rfz.json", "a.py::a", replayed), Slice(replayed, whole=True))  # type: ignore[arg-type]
    for each in slices:
        job._finish(job.rotation.standings[0], each)  # type: ignore[arg-type]
    return of_kind(events, FindingMet)


def test_what_a_killed_search_had_found_is_one_with_what_explains_it_later(tmp_path: Path) -> None:
    raw, explained = told(tmp_path, Slice(finding(), whole=True), Slice(finding(), whole=True), replayed=RAW)
    assert raw.key == explained.key
    assert (raw.life, explained.life) == (Life.NEW, Life.NEW)
    assert not causes.explained(raw.finding)
    assert causes.explained(explained.finding), "it is told once more, now that more is known"


def test_so_it_is_where_a_worker_was_killed(tmp_path: Path) -> None:
    met = told(tmp_path, Slice(RAW, whole=False), Slice(finding(), whole=True), Slice(RAW, whole=False))
    assert len({each.key for each in met}) == 1
    assert [causes.explained(each.finding) for each in met] == [False, True]


def test_another_cause_of_the_same_secret_is_another_finding_once_the_first_is_explained(tmp_path: Path) -> None:
    met = told(tmp_path, Slice(RAW, whole=False), Slice(finding(), finding("flush"), whole=True))
    assert len({each.key for each in met}) == 2


def test_the_next_night_knows_it_by_its_explanation(tmp_path: Path) -> None:
    met = told(tmp_path, Slice(RAW, whole=False), Slice(finding(), whole=True))
    (known,) = judged([night(*met)], ())
    assert causes.same("a.py::a", finding(line=90), known.finding)
    assert not causes.same("a.py::a", finding("flush"), known.finding)


def test_two_bugs_that_say_the_same_but_for_a_number_are_two_where_they_come_from_two_functions() -> None:
    def bug(function: str, code: int) -> Finding:
        raised = Bug(BugKind.EXCEPTION, f"RuntimeError: upstream answered {code}", "worker", raised_at="app.py:3")
        return attrs.evolve(finding(function), leaks=(), bug=raised, verdict=Verdict.BUG, window=None)

    assert causes.key("a.py::a", bug("fetch", 404)) == causes.key("a.py::a", bug("fetch", 500))
    assert causes.key("a.py::a", bug("fetch", 404)) != causes.key("a.py::a", bug("store", 500))


CUT = attrs.evolve(finding("read"), cut=True)
"""One whose explanation was ended by its time: its window is what was seen of it by then."""


def known_as(finding: Finding, life: Life, *, tonight: bool = False) -> Known:
    return Known(causes.key("a.py::a", finding), "a.py::a", finding, life, tonight=tonight)


def test_an_explanation_that_was_cut_short_tells_no_finding_from_another() -> None:
    assert not causes.explained(CUT)
    assert causes.explained(attrs.evolve(CUT, cut=False))
    assert causes.same("a.py::a", CUT, finding())
    assert not causes.same("a.py::a", attrs.evolve(CUT, cut=False), finding())


def test_slices_that_are_cut_short_at_another_place_each_are_one_finding(tmp_path: Path) -> None:
    met = told(tmp_path, *(Slice(attrs.evolve(CUT, steps=finding(name).steps), whole=True) for name in ("a", "b", "c")))
    assert len({each.key for each in met}) == 1


@pytest.mark.parametrize("life", [Life.FIXED, Life.MOVED])
def test_what_is_mended_is_not_what_nobody_could_explain_tonight(life: Life) -> None:
    """An entry of suppressions for the one would hide the other."""
    assert not known_as(finding(), life).may_be("a.py::a", CUT)
    assert known_as(finding(), life, tonight=True).may_be("a.py::a", CUT)
    assert known_as(finding(), Life.KNOWN).may_be("a.py::a", CUT)


def test_the_file_of_what_shows_a_known_finding_once_more_does_not_stay(tmp_path: Path) -> None:
    folder = tmp_path / FINDINGS
    folder.mkdir()
    paths = [folder / f"a-{number}{SUFFIX}" for number in range(3)]
    for path in paths:
        path.write_text("{}")
    kept = Kept(folder)
    for path in paths:
        kept.take(Slice(attrs.evolve(CUT, repro=str(path)), whole=True))
    (known,) = kept.known.values()
    assert [*folder.iterdir()] == [Path(known.finding.repro)]


@pytest.mark.parametrize("life", [Life.FIXED, Life.MOVED])
def test_one_that_got_its_key_before_it_was_explained_is_the_same_after_its_code_moved(life: Life) -> None:
    explained = finding()
    known = Known(causes.key("a.py::a", RAW), "a.py::a", explained, life)
    assert known.key != causes.key("a.py::a", explained)
    assert known.may_be("a.py::a", finding(line=90))
    assert not known.may_be("a.py::a", finding("flush"))


def test_of_one_that_has_moved_the_first_file_of_the_night_stays(tmp_path: Path) -> None:
    folder = tmp_path / FINDINGS
    folder.mkdir()
    kept = Kept(folder)
    moved = known_as(attrs.evolve(finding(line=1), repro=str(folder / "gone")), Life.MOVED)
    moved.replayed = True
    kept.known[moved.key] = moved
    for number in range(3):
        path = folder / f"a-{number}{SUFFIX}"
        path.write_text("{}")
        kept.take(Slice(attrs.evolve(finding(line=90), repro=str(path)), whole=True))
    assert [each.name for each in folder.iterdir()] == [f"a-0-{moved.key}{SUFFIX}"]


def gives(bits: float) -> Finding:
    """So much of the secret."""
    found = finding()
    leak = attrs.evolve(found.leaks[0], recovered=bits, entropy=256.0, part="whole" if bits == 256.0 else "tail")
    return attrs.evolve(found, leaks=(leak,))


def test_one_that_becomes_worse_later_in_a_night_is_told_once_more(tmp_path: Path) -> None:
    """A suppression of what it was does not hide what it has become."""
    met = told(tmp_path, *(Slice(gives(bits), whole=True) for bits in (96.0, 96.0, 256.0, 256.0, 96.0)))
    assert [each.worse for each in met] == [0, 1]
    assert len({each.key for each in met}) == 1


def test_what_is_mended_is_news_in_one_night_and_known_in_each(tmp_path: Path) -> None:
    """Its replays go on: in a month it comes back as what it was."""
    (target,) = [each for each in listed("a.py::a") if isinstance(each, TargetListed)]
    for life, still in ((Life.KNOWN, False), (Life.FIXED, True)):
        folder = tmp_path / life
        folder.mkdir()
        events: list[NightEvent] = []
        asked = Asked(folder, None, until_stable=False, jobs=1, seed=7, memory=1 << 30)
        job = Job(asked, [target], Journal.begin(folder), (), events.append)
        done = Slice(whole=False)
        done.replays, done.reports = [ReplayResult.NOT_REPRODUCED] * 3, [report(Verdict.NO_LEAK_FOUND)]
        job._finish(known_as(finding(), life), done)  # type: ignore[arg-type]
        assert [(each.life, each.still) for each in of_kind(events, FindingMet)] == [(Life.FIXED, still)]
