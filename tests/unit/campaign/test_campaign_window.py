"""The race window is exact, and the sentence of cause says what the steps say."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest
from campaign_model import ModelRuntime, Op, Program, oracle
from campaign_programs import WORK, program, report, scrub
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from redactfuzz.campaign import Options, ScenarioSpec, last_report
from redactfuzz.campaign.explain.cause import cause
from redactfuzz.campaign.explain.window import NOWHERE, Moment, _moved, moments
from redactfuzz.campaign.face.run import run
from redactfuzz.model.finding import Finding
from redactfuzz.model.outcome import Bug, BugKind, Leak, LeakKind, Outcome
from redactfuzz.model.schedule import Action, Granularity, Schedule, Site, Step
from redactfuzz.model.verdict import Verdict
from redactfuzz.schedule.shrink import Failing


def settled(of: Program, folder: Path) -> Finding:
    spec = ScenarioSpec("toy", __file__, of)
    found = last_report(run(spec, Options(profile="ci", repro_dir=folder), ModelRuntime(), oracle=oracle())).finding
    assert found is not None
    return found


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=st.integers(0, 5), wide=st.integers(0, 6), after=st.integers(0, 5))
def test_the_window_is_every_moment_between_the_flag_and_the_wipe(
    tmp_path: Path, before: int, wide: int, after: int
) -> None:
    pads = ["pad"] * 6
    finding = settled(program(*pads[:before], "clean", *pads[:wide], "key", *pads[:after]), tmp_path)
    window = finding.window
    assert window is not None
    # The strike takes the place of the step after the flag, or of any up to the wipe.
    assert (window.first, window.last) == (before + 1, before + 1 + wide)
    assert window.leaking == wide + 1
    assert finding.steps[window.last].action is Action.CRASH, "the steps show the whole window"
    assert [step.source for step in finding.steps[window.first : window.last]] == ["self.other = 0"] * wide


def test_a_window_that_ends_between_two_threads_is_told_beyond_the_strike(tmp_path: Path) -> None:
    threads = {"flag": scrub("clean"), "wipe": scrub("pad", "key"), "work": WORK}
    finding = settled(program(threads=threads, crash=(Op(report, "report()"),)), tmp_path)
    assert finding.preemptions == 0, "the crash strikes when one thread has ended and displaces nobody"
    assert finding.window is not None
    assert finding.window.leaking > 1
    assert "It leaks as well when that happens later, up to model.py:2 (`self.key = None`)" in finding.cause


@pytest.mark.parametrize(
    ("foreign", "shown"), [((), 4), ((4,), 3), ((3, 4), 2), ((2, 3, 4), 4)], ids=["own", "last", "two", "all"]
)
def test_the_strike_is_shown_in_the_users_code_where_one_leaks(foreign: tuple[int, ...], shown: int) -> None:
    path = "/venv/lib/python3.11/site-packages/package/x.py"
    steps = [step(n, "a", f"+{n}") for n in range(6)]
    steps = [attrs.evolve(one, file=path) if one.index in foreign else one for one in steps]
    found = Failing(Schedule(Granularity.CALLS), Outcome(1, 0))
    places = moments(steps)
    moved = _moved(found, places, dict.fromkeys((2, 3, 4), found), 5, 2, steps)
    assert (moved.window.first, moved.window.last, moved.window.leaking) == (2, shown, 3)
    assert moved.beyond == (None if shown == 4 else steps[4]), "the rest of the window is told"


def step(index: int, thread: str, place: str, action: Action | None = None, **fields: bool) -> Step:
    line = int(place[1:]) if place else 0
    return Step(
        index, thread, f"/app/{thread}.py", line, thread, f"do({line})", Site("m", thread, place), action, **fields
    )


def test_a_thread_stands_at_its_next_step_and_nowhere_when_it_has_ended() -> None:
    a1, a2, b1 = (Site("m", name, place) for name, place in (("a", "+1"), ("a", "+2"), ("b", "+1")))
    steps = [
        step(0, "a", "+1"),
        step(1, "a", "+1"),
        step(2, "b", "+1", Action.SWITCH, deviation=True, preempts=True),
        step(3, "b", "+1"),
        step(4, "a", "+2"),
        step(5, "c", "+1"),
    ]
    assert moments(steps) == [
        Moment(0, "", NOWHERE, 1),
        Moment(1, "a", a1, 1),
        Moment(2, "a", a2, 1),
        Moment(3, "b", b1, 1),
        Moment(4, "b", NOWHERE, 1),
        Moment(5, "a", NOWHERE, 1),
    ]


LEAK = Leak("signing key", "base64", 0, 44, "crash", "00000000")


def finding(*steps: Step, kind: LeakKind | None = LeakKind.TRANSIENT, bug: Bug | None = None) -> Finding:
    return Finding(
        "x.py::s",
        Verdict.BUG if bug else Verdict.LEAK,
        Schedule(Granularity.CALLS),
        1,
        1,
        0,
        kind=None if bug else kind,
        leaks=() if bug else (LEAK,),
        bug=bug,
        steps=steps,
    )


def test_the_cause_says_where_each_thread_was_stopped() -> None:
    told = cause(
        finding(
            step(0, "rotate", "+41"),
            step(1, "sign", "+7", Action.SWITCH, deviation=True, preempts=True),
            step(2, "crash", "", Action.CRASH, deviation=True, preempts=True),
            step(3, "crash", "+90"),
        ),
        ahead=step(2, "sign", "+8"),
    )
    assert told == (
        "Thread 'rotate' was stopped after it had run rotate.py:41 (`do(41)`) and 'sign' went on; then the crash struck"
        " when 'sign' had run sign.py:7 (`do(7)`) but not yet sign.py:8 (`do(8)`), and the dump held 'signing key'"
        " (base64, 44 bytes)."
    )


@pytest.mark.parametrize(
    ("functions", "verb"),
    [
        (("work", "work", "note"), "begun"),
        (("work", "note", "work"), "run"),
        (("work", "note", "work", "note"), "begun"),
        (("work", "note", "inner", "work", "other"), "begun"),
    ],
    ids=["called", "returned", "called again", "called after others"],
)
def test_a_call_that_has_not_returned_has_begun(functions: tuple[str, ...], verb: str) -> None:
    steps = [attrs.evolve(step(n, "a", f"+{n}"), function=name) for n, name in enumerate(functions)]
    last, later = len(steps) - 2, len(steps) - 1
    crash = attrs.evolve(step(later, "a", "", Action.CRASH, deviation=True), file="")
    told = cause(finding(*steps[:-1], crash), ahead=steps[-1])
    assert f"when 'a' had {verb} a.py:{last} (`do({last})`) but not yet a.py:{later} (`do({later})`)" in told


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        (
            LeakKind.SEQUENTIAL,
            "one after the other ('a' then 'b'), the dump held 'signing key' (base64, 44 bytes): a plain",
        ),
        (LeakKind.PERMANENT, "even after every thread had finished the dump held 'signing key'"),
        (LeakKind.TRANSIENT, "and the dump held 'signing key'"),
    ],
)
def test_the_cause_says_when_the_crash_must_come(kind: LeakKind, says: str) -> None:
    steps = [step(0, "a", "+1"), step(1, "b", "+1", Action.SWITCH, deviation=True), step(2, "crash", "", Action.CRASH)]
    assert says in cause(finding(*steps, kind=kind))


def test_an_expiry_is_told() -> None:
    told = cause(finding(step(0, "a", "+1"), step(1, "b", "+5", Action.EXPIRE, deviation=True)))
    assert "the timed wait of 'b' at b.py:5 (`do(5)`) expired" in told[:1].lower() + told[1:]
    assert "It needs" not in told


def test_the_cause_says_which_wait_must_end_while_others_stand_still() -> None:
    early = attrs.evolve(step(1, "b", "+5", Action.EXPIRE, deviation=True), note="its 300 s sleep ends")
    told = cause(finding(step(0, "a", "+1"), early))
    assert told.endswith(" It needs the 300 s sleep of 'b' to end while the other threads stand still.")


@pytest.mark.parametrize(("moment", "says"), [(12, "at its call 12"), (-7, "before its store 7")])
def test_the_cause_says_when_a_child_of_fork_is_struck(moment: int, says: str) -> None:
    of_child = Schedule(Granularity.CALLS, child=2, moment=moment)
    told = cause(attrs.evolve(finding(step(0, "a", "+1")), schedule=of_child))
    assert told.endswith(f" The child of fork, number 2, is struck {says}.")


@pytest.mark.parametrize("kind", list(BugKind))
def test_every_bug_has_its_sentence(kind: BugKind) -> None:
    told = cause(finding(step(0, "a", "+1"), bug=Bug(kind, "lock 3 of 'b'", "a")))
    assert "lock 3 of 'b'" in told
    assert told[0].isupper()
    assert told.endswith(".")


def test_many_deviations_are_cut_short() -> None:
    steps = [step(i, "ab"[i % 2], "+1", Action.SWITCH, deviation=True, preempts=True) for i in range(12)]
    told = cause(finding(*steps))
    assert "8 more deviations" in told
    assert told.count("was stopped") <= 4


def test_a_part_of_a_secret_is_called_a_part() -> None:
    part = attrs.evolve(finding(step(0, "a", "+1")), leaks=(attrs.evolve(LEAK, part="head", length=9),))
    assert "part of 'signing key' (base64, 9 bytes)" in cause(part)
