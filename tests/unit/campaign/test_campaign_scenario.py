"""The decorator: what it leaves of the function, what calling raises, and how it stands under Hypothesis."""

from __future__ import annotations

import inspect
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import campaign_programs as programs
import hypothesis
import pytest
from campaign_model import ModelRuntime, Program, oracle
from hypothesis import given, settings
from hypothesis import strategies as st

from redactfuzz.campaign.face import scenario as scenarios
from redactfuzz.campaign.face.scenario import Ambient, CampaignFailed, LeakFound, explore, scenario, spec_of, surrounded
from redactfuzz.campaign.session.oracle import default_oracle
from redactfuzz.campaign.session.spec import OptionError, Options
from redactfuzz.model.events import BatchEnded, CampaignEnded, CampaignEvent
from redactfuzz.model.plan import Budget, Plan
from redactfuzz.model.verdict import Verdict


class Bodies:
    """Asks the body which toy program it stands for, then explores that."""

    def __init__(self) -> None:
        self.model = ModelRuntime()
        self.budgets: list[int] = []

    def explore(self, plan: Plan, budget: Budget) -> Iterator[Any]:
        program = plan.body("the race")
        for event in self.model.explore(attrs.evolve(plan, body=program), budget):
            if isinstance(event, BatchEnded) and not plan.bypass:
                self.budgets.append(event.counters.executions)
            yield event


@pytest.fixture(autouse=True)
def toys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Bodies, list[CampaignEvent]]]:
    from redactfuzz.campaign.face.run import run

    runtime, events = Bodies(), []
    monkeypatch.setitem(run.__globals__, "default_oracle", oracle)
    options = Options(profile="ci", repro_dir=tmp_path)
    with surrounded(Ambient(options, events.append, runtime=lambda: runtime, fixtures=frozenset({"folder"}))):
        yield runtime, events


@scenario
def passes(race: Any) -> Program:
    """Nothing to see."""
    return programs.FIXED


@scenario(executions=400, seed=3)
def leaks(race: Any) -> Program:
    return programs.VULNERABLE


@scenario
def takes_more(folder: str, race: Any, *, size: int = 2) -> Program:
    assert race == "the race"
    assert folder == "/tmp/x"
    return programs.VULNERABLE if size > 3 else programs.FIXED


def test_the_function_stays_a_function() -> None:
    assert inspect.isfunction(leaks)
    assert (leaks.__name__, leaks.__doc__, passes.__doc__) == ("leaks", None, "Nothing to see.")
    assert leaks.__code__.co_filename.endswith("scenario.py")
    assert list(inspect.signature(takes_more).parameters) == ["folder", "size"]


def test_a_pass_returns_and_a_leak_raises_with_its_report(tmp_path: Path) -> None:
    passes()
    with pytest.raises(LeakFound) as caught:
        leaks()
    report = caught.value.report
    assert (report.verdict, report.seed) == (Verdict.LEAK, 3)
    assert isinstance(caught.value, AssertionError)
    assert "the dump held 'key'" in str(caught.value)
    assert f"redactfuzz replay {tmp_path.as_posix()}/leaks-" in str(caught.value)


def test_another_verdict_raises_too_but_is_no_leak() -> None:
    @scenario
    def vacuous(race: Any) -> Program:
        return programs.NO_DUMP

    with pytest.raises(CampaignFailed) as caught:
        vacuous()
    assert not isinstance(caught.value, LeakFound)
    assert "VACUOUS" in str(caught.value)
    assert "the crash handler returned None" in str(caught.value)


def test_other_arguments_are_bound_around_the_race() -> None:
    takes_more("/tmp/x")
    takes_more(folder="/tmp/x", size=1)
    with pytest.raises(LeakFound):
        takes_more("/tmp/x", size=4)
    with pytest.raises(TypeError):
        takes_more()


def test_explore_gives_the_report_and_takes_options_and_arguments() -> None:
    assert explore(leaks).verdict is Verdict.LEAK
    assert explore(takes_more, folder="/tmp/x", size=9, seed=8).seed == 8

    def plain(anything: Any) -> Program:
        return programs.FIXED

    report = explore(plain, executions=60)
    assert (report.verdict, report.executions) == (Verdict.NO_LEAK_FOUND, 60)


def test_a_scenario_may_be_a_method() -> None:
    class TestKeys:
        program = programs.VULNERABLE

        @scenario
        def test_it(self, race: Any) -> Program:
            return self.program

    with pytest.raises(LeakFound):
        TestKeys().test_it()


def test_the_events_reach_the_observer(toys: tuple[Bodies, list[CampaignEvent]]) -> None:
    passes()
    assert isinstance(toys[1][-1], CampaignEnded)


def test_no_frame_of_ours_lies_under_the_body() -> None:
    def frames(race: Any) -> Any:
        return inspect.stack()[1].function

    body: Any = spec_of(frames).body
    assert body("race") == "test_no_frame_of_ours_lies_under_the_body"

    def bound(race: Any, size: int) -> Any:
        return inspect.stack()[1].function

    body = spec_of(bound, size=1).body
    assert body("race") == "test_no_frame_of_ours_lies_under_the_body"


def test_the_spec_names_file_and_function() -> None:
    spec = spec_of(takes_more, folder="/tmp/x")
    assert (spec.name, Path(spec.path).name) == ("takes_more", Path(__file__).name)
    assert spec.title.endswith("test_campaign_scenario.py::takes_more")


def test_wrong_use_is_refused_when_the_function_is_decorated() -> None:
    with pytest.raises(OptionError, match="choose one of"):
        scenario(strategy="dfs")
    with pytest.raises(TypeError, match="below other decorators"):
        scenario(staticmethod(passes))  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="takes no parameter"):

        @scenario
        def nothing() -> None: ...

    with pytest.raises(TypeError):
        scenario(speed=1)  # type: ignore[call-overload]


# -- Hypothesis


def test_an_example_gets_a_share_of_the_executions_and_no_deadline(toys: tuple[Bodies, list[CampaignEvent]]) -> None:
    @settings(max_examples=3, database=None, deadline=200)
    @given(size=st.integers(0, 3))
    @scenario(executions=2_000)
    def drawn(race: Any, size: int) -> Program:
        time.sleep(0.005)
        return programs.FIXED

    drawn()
    reports = [event.report for event in toys[1] if isinstance(event, CampaignEnded)]
    assert {report.executions for report in reports} == {100}


def test_the_settings_below_given_have_no_deadline() -> None:
    @given(size=st.integers(0, 3))
    @scenario
    def drawn(race: Any, size: int) -> Program:
        return programs.FIXED

    assert drawn._hypothesis_internal_use_settings.deadline is None  # type: ignore[attr-defined]


def test_two_leaks_never_shrink_into_one_another() -> None:
    other = attrs.evolve(
        programs.VULNERABLE,
        canaries=("other",),
        crash=tuple(
            attrs.evolve(op, do=lambda s: s.emit(*(["other"] * (s.clean and s.key))))
            for op in programs.VULNERABLE.crash
        ),
    )

    @settings(max_examples=40, database=None, derandomize=True, report_multiple_bugs=True)
    @given(size=st.integers(0, 100))
    @scenario
    def drawn(race: Any, size: int) -> Program:
        return programs.VULNERABLE if size > 50 else other if size > 20 else programs.FIXED

    with pytest.raises(ExceptionGroup) as caught:
        drawn()
    leaked = {leak.canary for error in caught.value.exceptions for leak in error.report.finding.leaks}  # type: ignore[union-attr]
    assert leaked == {"key", "other"}
    smallest = {note for error in caught.value.exceptions for note in getattr(error, "__notes__", ())}
    assert any("size=51" in note for note in smallest)
    assert any("size=21" in note for note in smallest)


def test_what_was_drawn_is_stored_and_fixtures_are_not(
    toys: tuple[Bodies, list[CampaignEvent]], tmp_path: Path
) -> None:
    from redactfuzz.campaign import load

    @settings(max_examples=5, database=None, derandomize=True)
    @given(size=st.just(7), names=st.just(["a"]), odd=st.just(object()))
    @scenario
    def drawn(race: Any, folder: str, size: int, names: list[str], odd: object) -> Program:
        return programs.VULNERABLE

    with pytest.raises(LeakFound) as caught:
        drawn(folder="s3cret-of-a-fixture")
    path = Path(caught.value.report.finding.repro)  # type: ignore[union-attr]
    repro = load(path)
    assert repro.workload == {"size": 7, "names": ["a"]}
    assert "odd" in repro.workload_note
    assert "s3cret" not in path.read_text()


def test_nothing_of_hypothesis_is_asked_outside_of_it() -> None:
    assert not hypothesis.currently_in_test_context()
    passes()
    assert scenarios.drawn.in_example() is False


def test_text_is_stored_only_where_fixtures_are_known() -> None:
    bound = {"token": "abc", "count": 3, "flag": True, "bad": float("nan"), "nested": [1, ["x"]]}
    assert scenarios.drawn.workload(bound, None)[0] == {"count": 3, "flag": True}
    assert scenarios.drawn.workload(bound, frozenset({"token"}))[0] == {"count": 3, "flag": True, "nested": [1, ["x"]]}


def test_the_default_oracle_makes_and_finds_canaries() -> None:
    from redactfuzz.model.canary import token
    from redactfuzz.model.outcome import Dump

    real = default_oracle()
    canary = real.mint(1, "key", token(32), 4)
    inspection = real.inspect(1)([Dump("crash", f"x {canary.text}")], {"key": canary}, {}, 4)
    assert [leak.canary for leak in inspection.leaks] == ["key"]
    assert real.inspect(1) is real.inspect(1)
