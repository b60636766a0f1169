"""New, known, fixed, regressed, flaky, moved; and when two findings are one."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest
import strangers
from night_samples import finding, night, touched

from redactfuzz.campaign.explain import causes
from redactfuzz.model.events import ReplayResult
from redactfuzz.model.night import FindingMet, Life
from redactfuzz.model.repro import Identity, Repro, Shown, dumps
from redactfuzz.model.schedule import Site, Step, Window
from redactfuzz.model.verdict import Verdict
from redactfuzz.night.known import TIMES, Known, judged, unknown

SHOWN, GONE, LEFT = ReplayResult.REPRODUCED, ReplayResult.NOT_REPRODUCED, ReplayResult.DIVERGED


def met(life: Life, *, repro: str = "", window: bool = True, slice: int = 1) -> FindingMet:
    found = finding(repro=repro, window=window)
    return FindingMet(causes.key("a.py::a", found), "a.py::a", slice, life, found)


def test_the_same_race_at_other_lines_is_one_cause_and_another_function_canary_or_dump_is_another() -> None:
    key = causes.key("a.py::a", finding(line=3))
    assert causes.key("a.py::a", finding(line=90)) == key
    others = (finding("flush"), finding(canary="token"), finding(dump="log"))
    keys = {key, causes.key("b.py::b", finding()), *(causes.key("a.py::a", each) for each in others)}
    assert len(keys) == 5


def test_a_window_of_one_moment_is_known_by_where_the_crash_strikes_and_not_by_the_crash() -> None:
    """The step there is the first one of the handler, which is the same whoever is displaced."""
    start = Step(1, "crash", "", 0, "crash", "", Site("<start>", "crash", ""))

    def one(function: str) -> str:
        found = finding(function)
        return causes.key("a.py::a", attrs.evolve(found, steps=(found.steps[0], start), window=Window(1, 1, 1, 3)))

    assert one("rotate") == one("rotate")
    assert one("rotate") != one("flush")


def test_a_finding_that_was_not_explained_is_the_known_one_of_the_same_secret_and_dump() -> None:
    known = finding()
    assert causes.same("a.py::a", finding(window=False), known)
    assert not causes.same("a.py::a", finding(window=False, dump="log"), known)
    assert not causes.same("a.py::a", finding("flush"), known)  # it is explained, and another one


def test_what_displaces_nobody_has_no_window_to_wait_for() -> None:
    """A leak without a race is explained as it is, and two of them at one secret and dump are one by their key."""
    race, plain = finding(window=False), finding(window=False, displaces=False)
    assert not causes.explained(race)
    assert causes.explained(plain)
    assert not causes.same("a.py::a", plain, finding())


@pytest.mark.parametrize(
    ("before", "replays", "now"),
    [
        (Life.NEW, [SHOWN] * TIMES, Life.KNOWN),
        (Life.KNOWN, [SHOWN] * TIMES, Life.KNOWN),
        (Life.KNOWN, [GONE] * TIMES, Life.FIXED),
        (Life.KNOWN, [SHOWN, GONE, SHOWN], Life.FLAKY),
        (Life.KNOWN, [LEFT] * TIMES, Life.MOVED),
        (Life.NEW, [], Life.KNOWN),
        (Life.KNOWN, [], Life.KNOWN),
        (Life.FIXED, [], Life.FIXED),
        (Life.FIXED, [SHOWN] * TIMES, Life.REGRESSED),
        (Life.FIXED, [GONE] * TIMES, Life.FIXED),
        (Life.FIXED, [LEFT] * TIMES, Life.FIXED),
    ],
)
def test_what_replays_make_of_it(before: Life, replays: list[ReplayResult], now: Life) -> None:
    known = Known("k", "a.py::a", finding(), before)
    told = known.met(replays)
    assert told.life is now
    assert (told.again, told.times) == (replays.count(SHOWN), len(replays))


@pytest.mark.parametrize("before", [Life.NEW, Life.KNOWN, Life.FLAKY, Life.REGRESSED, Life.FIXED, Life.MOVED])
def test_replays_that_could_not_tell_make_it_neither_fixed_nor_better(before: Life) -> None:
    """As where the dump cannot be read any more: whoever sees nothing has not seen that it is gone."""
    known = Known("k", "a.py::a", finding(), before)
    told = known.met([GONE] * TIMES, untold="INCONCLUSIVE: the dump cannot be read")
    assert told.life is (Life.KNOWN if before is Life.NEW else before)
    assert (told.how, told.times) == ("INCONCLUSIVE: the dump cannot be read", 0)
    sure = Known("k", "a.py::a", finding(), before).met([GONE] * TIMES)
    assert (sure.life, sure.how) == (Life.FIXED, "")


def test_replays_that_showed_it_or_left_its_schedule_say_so_whatever_else_went_wrong() -> None:
    for replays, life in (([SHOWN] * TIMES, Life.KNOWN), ([SHOWN, GONE], Life.FLAKY), ([LEFT] * TIMES, Life.MOVED)):
        told = Known("k", "a.py::a", finding(), Life.KNOWN).met(replays, untold="INCONCLUSIVE: it diverged")
        assert (told.life, told.how, told.times) == (life, "", len(replays))


def replayed(again: int, times: int, life: Life) -> FindingMet:
    return attrs.evolve(met(life, slice=0), again=again, times=times)


def test_one_that_is_flaky_is_run_so_often_that_it_would_be_seen_and_only_then_is_it_fixed() -> None:
    """It came about once in four runs: three that are clean are chance in two nights of five."""
    (known,) = judged([night(replayed(1, 4, Life.FLAKY))], ())
    assert known.replays.times == 11  # 0.75 ** 11 < 0.05
    assert known.again().command[-1] == "11"
    assert known.again().seconds == pytest.approx(220)
    cut = known.met([GONE] * 4)
    assert cut.life is Life.FLAKY
    assert not known.tonight
    (known,) = judged([night(replayed(1, 4, Life.FLAKY)), night(cut, number=2)], ())
    assert known.replays.times == 7  # four were clean before
    assert known.met([GONE] * 7).life is Life.FIXED


def test_one_of_which_a_night_saw_all_replays_is_no_less_flaky_for_that() -> None:
    (known,) = judged([night(replayed(1, 3, Life.FLAKY)), night(replayed(3, 3, Life.KNOWN), number=2)], ())
    assert known.replays.times == 3  # (1 / 3) ** 3 < 0.05
    assert known.met([GONE] * 2).life is Life.FLAKY


def test_how_often_it_came_about_does_not_outlast_a_repair_or_a_change_of_the_code() -> None:
    for life in (Life.FIXED, Life.MOVED):
        (known,) = judged([night(replayed(1, 3, Life.FLAKY)), night(replayed(0, 9, life), number=2)], ())
        assert known.replays.times == TIMES
        assert not known.replays.are_chance(1)


def test_one_that_diverged_and_that_no_search_meets_is_gone() -> None:
    known = Known("k", "a.py::a", finding(), Life.KNOWN)
    assert known.met([LEFT] * TIMES).life is Life.MOVED
    assert known.gone().life is Life.FIXED
    assert known.met([SHOWN] * TIMES).life is Life.REGRESSED


def test_what_a_search_makes_of_it() -> None:
    assert Known("k", "a.py::a", finding()).life_if_found(finding()) is Life.NEW
    assert Known("k", "a.py::a", finding(), Life.KNOWN).life_if_found(finding()) is Life.KNOWN
    assert Known("k", "a.py::a", finding(), Life.FIXED).life_if_found(finding()) is Life.REGRESSED


@pytest.mark.parametrize("replays", [[GONE] * TIMES, [LEFT] * TIMES])
def test_one_whose_schedule_shows_it_no_more_but_that_a_search_meets_has_moved(replays: list[ReplayResult]) -> None:
    known = Known("k", "a.py::a", finding(), Life.KNOWN)
    known.met(replays)
    assert known.life_if_found(finding()) is Life.MOVED


def test_each_is_judged_by_the_night_in_which_it_was_met_last() -> None:
    found = judged([night(met(Life.NEW)), night(met(Life.FIXED), number=2)], ())
    assert [each.life for each in found] == [Life.FIXED]
    assert [each.tonight for each in judged([night(met(Life.NEW))], [met(Life.KNOWN)])] == [True]


def test_the_explained_finding_is_kept_when_a_later_one_is_not(tmp_path: Path) -> None:
    explained = met(Life.NEW, repro=touched(tmp_path))
    later = FindingMet(explained.key, "a.py::a", 9, Life.KNOWN, finding(window=False, repro="gone.rfz.json"))
    (known,) = judged([night(explained, later)], ())
    assert known.finding.window is not None
    assert known.replayable


def test_a_finding_whose_file_is_gone_is_not_replayed() -> None:
    (known,) = judged([night(met(Life.NEW, repro="gone.rfz.json"))], ())
    assert not known.replayable


def test_a_repro_file_that_no_journal_names_has_the_title_that_a_search_would_give_it(tmp_path: Path) -> None:
    identity = Identity(Verdict.LEAK, (Shown("key", "utf-8"),))
    scenario = Repro("rotates", "a.py", identity, finding().schedule, 1, 1, "3.11.7")
    program = attrs.evolve(scenario, path="p.c", scenario="p", program=strangers.program(sources=["p.c"]).program)
    for name, repro in (("a-0001.rfz.json", scenario), ("p-0002.rfz.json", program)):
        (tmp_path / name).write_text(dumps(repro))
    assert [each.title for each in unknown(tmp_path, ())] == ["a.py::rotates", "p.c"]
    assert [each.life for each in unknown(tmp_path, ())] == [None, None]


def test_files_that_are_no_repro_files_and_links_are_no_findings(tmp_path: Path) -> None:
    touched(tmp_path, "x-0000.rfz.json")
    (tmp_path / "y-0000.rfz.json").symlink_to(tmp_path / "x-0000.rfz.json")
    assert unknown(tmp_path, ()) == []


def test_one_that_was_fixed_and_comes_back_by_another_schedule_has_regressed() -> None:
    """Its own schedule does not show it, tonight as the night before."""
    (known,) = judged([night(met(Life.NEW)), night(met(Life.FIXED), number=2)], ())
    known.met([ReplayResult.NOT_REPRODUCED] * 3)
    assert known.life_if_found(finding()) is Life.REGRESSED
    (other,) = judged([night(met(Life.NEW))], ())
    other.met([ReplayResult.NOT_REPRODUCED] * 3)
    assert other.life_if_found(finding()) is Life.MOVED


def test_what_another_machine_wrote_is_run_again_where_it_is_trusted() -> None:
    (known,) = judged([night(met(Life.NEW))], ())
    assert "--trust" not in known.again().command
    assert known.again(trust=True).command[-1] == "--trust"
