"""What makes a night without findings mean nothing; and the twin of each, which is no alarm."""

from __future__ import annotations

import attrs
from night_samples import STARTED, ended, listed, night, report

from redactfuzz.model.counted import Kept
from redactfuzz.model.night import AlarmKind, NightEvent, SliceBegan, TargetListed
from redactfuzz.model.verdict import Reason, Verdict
from redactfuzz.night import alarms
from redactfuzz.night.journal import Night
from redactfuzz.night.rotation import DEATHS, Standing


def kinds(events: list[NightEvent], *before: Night) -> list[AlarmKind]:
    return [each.kind for each in alarms.of_night(events, before)]


def test_a_night_in_which_all_were_explored_has_none() -> None:
    events = [*listed("a.py::a"), ended()]
    assert kinds(events) == []
    assert kinds(events, night(*events)) == []


def test_no_scenario_at_all() -> None:
    assert kinds([]) == [AlarmKind.NOTHING]


def test_a_scenario_whose_turn_did_not_come_or_that_ran_nothing() -> None:
    assert kinds([*listed("a.py::a", "b.py::b"), ended()]) == [AlarmKind.UNEXPLORED]
    empty = ended("b.py::b", report(Verdict.INCONCLUSIVE, executions=0, reason=Reason("No execution was run.")))
    assert kinds([*listed("a.py::a", "b.py::b"), ended(), empty]) == [AlarmKind.UNEXPLORED]


def test_a_scenario_that_is_proved_and_unchanged_need_not_be_explored() -> None:
    assert kinds([TargetListed("a.py::a", ("a.py::a",), "PROVED in night 1")]) == []


def test_a_scenario_of_which_no_slice_gave_a_report() -> None:
    dead = attrs.evolve(ended(), report=None, how="was killed by SIGKILL")
    assert kinds([*listed("a.py::a"), dead]) == [AlarmKind.DIED]
    assert kinds([*listed("a.py::a"), dead, ended()]) == []


def test_a_scenario_that_had_no_more_turns_since_its_slices_died_one_after_the_other() -> None:
    """However much it was explored before: the night that went on without it is not as long as it says."""
    dead = attrs.evolve(ended(), report=None, how="was killed by SIGKILL")
    assert kinds([*listed("a.py::a"), ended(), *[dead] * DEATHS]) == [AlarmKind.DIED]
    assert kinds([*listed("a.py::a"), ended(), *[dead] * (DEATHS - 1)]) == [AlarmKind.BROKE]
    assert kinds([*listed("a.py::a"), *[dead] * (DEATHS - 1), ended(), dead]) == []


def test_a_control_that_failed_in_every_slice() -> None:
    vacuous = ended(of=report(Verdict.VACUOUS, reason=Reason("Without the redactor no dump shows a canary.")))
    assert kinds([*listed("a.py::a"), vacuous]) == [AlarmKind.CONTROL]
    assert kinds([*listed("a.py::a"), vacuous, ended()]) == []


def test_a_scenario_whose_last_slices_came_to_no_verdict_any_more() -> None:
    """One alone may have been chance, and one that came back is there."""
    broken = ended(of=report(Verdict.ERROR, reason=Reason("SyntaxError")))
    assert kinds([*listed("a.py::a"), ended(), broken, broken]) == [AlarmKind.BROKE]
    assert kinds([*listed("a.py::a"), ended(), broken]) == []
    assert kinds([*listed("a.py::a"), broken, broken, ended()]) == []


def test_what_was_said_of_a_scenario_before_it_was_listed_anew_does_not_count() -> None:
    proved = ended(of=report(Verdict.PROVED))
    assert kinds([*listed("a.py::a"), proved, *listed("a.py::a")]) == [AlarmKind.UNEXPLORED]
    assert kinds([*listed("a.py::a"), proved, *listed("a.py::a"), ended()]) == []


def test_a_scenario_of_which_no_slice_came_to_a_verdict() -> None:
    unsure = ended(of=report(Verdict.INCONCLUSIVE, reason=Reason("A call blocks where the tool cannot see.")))
    assert kinds([*listed("a.py::a"), unsure]) == [AlarmKind.UNDECIDED]
    assert kinds([*listed("a.py::a"), unsure, ended()]) == []
    assert kinds([*listed("a.py::a"), unsure, ended(of=report(Verdict.LEAK))]) == []


def test_fewer_scenarios_than_last_night() -> None:
    before = night(*listed("a.py::a", "b.py::b"))
    found = list(alarms.of_night([*listed("a.py::a"), ended()], [before]))
    assert [each.kind for each in found] == [AlarmKind.FEWER]
    assert "b.py::b" in found[0].what
    assert kinds([*listed("a.py::a"), ended()], night(*listed("a.py::a"))) == []


def test_half_of_last_nights_executions_for_the_same_work_of_a_processor() -> None:
    before = night(*listed("a.py::a"), ended(of=report(executions=10_000)))
    assert kinds([*listed("a.py::a"), ended(of=report(executions=4_000))], before) == [AlarmKind.SLOW]
    assert kinds([*listed("a.py::a"), ended(of=report(executions=6_000))], before) == []


def test_a_machine_that_is_busy_does_not_make_it_slow() -> None:
    """The same executions took three times as long by the clock, and the same by the processor."""
    before = night(*listed("a.py::a"), ended(of=report(executions=10_000)))
    slow = attrs.evolve(ended(of=report(executions=10_000, seconds=90.0)), seconds=100.0)
    assert kinds([*listed("a.py::a"), slow], before) == []


def test_slices_that_explain_a_leak_say_nothing_of_its_speed() -> None:
    before = night(*listed("a.py::a"), ended(of=report(executions=10_000)))
    leak = ended(of=report(Verdict.LEAK, executions=20))
    assert kinds([*listed("a.py::a"), leak], before) == []


def test_a_corpus_that_is_empty_was_lost_unless_it_is_new() -> None:
    asked = attrs.evolve(STARTED, corpus="corpora")
    assert [each.kind for each in alarms.of_corpus(asked, is_new=False)] == [AlarmKind.NO_CORPUS]
    assert list(alarms.of_corpus(asked, is_new=True)) == []
    assert list(alarms.of_corpus(attrs.evolve(asked, entries=3), is_new=False)) == []
    assert list(alarms.of_corpus(STARTED, is_new=False)) == []


def test_a_night_before_that_cannot_be_read() -> None:
    before = Night(1, (STARTED, *listed("a.py::a")), ("0001.jsonl:3: it is no whole line of JSON",))
    assert kinds([*listed("a.py::a"), ended()], before) == [AlarmKind.UNREADABLE]


def test_a_slice_that_had_little_of_a_processor_says_nothing_of_speed() -> None:
    """One second in which a cache was warm would make every other night slow."""
    short = ended(of=report(executions=1_000), cpu=9.9)
    long = ended(of=report(executions=1_000), cpu=10.0)
    assert alarms.speeds([short]) == {}
    assert alarms.speeds([short, long]) == {"a.py::a": {report().strategy: 100.0}}


def test_a_corpus_of_which_last_night_entries_were_run_again_and_tonight_none() -> None:
    started = attrs.evolve(STARTED, corpus="corpora", entries=3)
    before = Night(1, (started, *listed("a.py::a"), ended(replayed=2)))
    renamed = [started, *listed("b.py::a"), ended("b.py::a")]
    assert AlarmKind.NO_CORPUS in kinds(renamed, before)
    assert AlarmKind.NO_CORPUS in kinds([started, *listed("a.py::a"), ended()], before)
    assert kinds([started, *listed("a.py::a"), ended(replayed=1)], before) == []
    assert kinds([STARTED, *listed("a.py::a"), ended()], before) == []  # none was asked for
    spared = TargetListed("a.py::a", ("a.py::a",), "PROVED in night 1")
    assert kinds([started, spared, *listed("b.py::b"), ended("b.py::b")], before) == []
    assert kinds([started, *listed("a.py::a"), ended()], Night(1, (started, *listed("a.py::a"), ended()))) == []


def test_what_last_night_had_not_come_to_is_compared_with_the_night_before_it() -> None:
    """One that was killed after its first slice had begun says nothing of a corpus."""
    started = attrs.evolve(STARTED, corpus="corpora", entries=3)
    first = Night(1, (started, *listed("a.py::a"), ended(replayed=2)))
    killed = Night(2, (started, *listed("a.py::a"), SliceBegan(1, "a.py::a", ("redactfuzz", "run"), 60.0)))
    tonight = [started, *listed("a.py::a"), ended()]
    assert kinds(tonight, first, killed) == [AlarmKind.NO_CORPUS]
    assert kinds([started, *listed("a.py::a"), ended(replayed=1)], first, killed) == []


def test_a_night_of_one_file_between_does_not_hide_what_is_gone() -> None:
    one = attrs.evolve(STARTED, paths=("tests/a.py",))
    first, between = night(*listed("a.py::a", "b.py::b")), Night(2, (one, *listed("a.py::a"), ended()))
    tonight: list[NightEvent] = [STARTED, *listed("a.py::a"), ended()]
    assert kinds(tonight, first, between) == [AlarmKind.FEWER]
    assert kinds([one, *listed("a.py::a"), ended()], between, first) == []
    assert kinds([STARTED, *listed("a.py::a", "b.py::b"), ended(), ended("b.py::b")], first, between) == []


def test_a_corpus_that_does_not_take_in_what_was_found() -> None:
    lost = ended(of=report(seeds=Kept(3, trouble="the corpus cannot be written (Read-only file system)")))
    (found,) = alarms.of_night([*listed("a.py::a"), lost])
    assert (found.kind, found.title) == (AlarmKind.UNKEPT, "a.py::a")
    assert "Read-only" in found.what
    assert kinds([*listed("a.py::a"), lost, ended()]) == [], "there was room again"


def test_a_file_that_could_not_be_imported_last_night_and_can_be_now_is_not_gone() -> None:
    """It is listed as a whole where nobody knows its scenarios."""
    whole, scenario = "tests/d.py", "tests/d.py::test_d"
    assert kinds([*listed(scenario), ended(scenario)], night(*listed(whole))) == []
    assert kinds([*listed(whole), ended(whole)], night(*listed(scenario))) == []
    assert kinds([*listed("tests/e.py"), ended("tests/e.py")], night(*listed(whole))) == [AlarmKind.FEWER]


def test_a_scenario_whose_slices_were_lost_with_their_workers_is_not_said_to_kill_them() -> None:
    lost = attrs.evolve(ended(), report=None, how="was lost with its worker (KilledWorker)", lost=True)
    assert kinds([*listed("a.py::a"), *[lost] * (DEATHS + 1)]) == [AlarmKind.UNEXPLORED]
    assert kinds([*listed("a.py::a"), lost, attrs.evolve(lost, lost=False)]) == [AlarmKind.DIED]
    standing = Standing("a.py::a")
    for _ in range(DEATHS):
        standing.took(1.0, None, added=0, found=0, lost=True)
    assert standing.deaths == 0


def test_seeds_of_another_interpreter_are_there_though_none_is_run() -> None:
    started = attrs.evolve(STARTED, corpus="corpora", entries=3)
    before = Night(1, (started, *listed("a.py::a"), ended(replayed=2)))
    tonight = [started, *listed("a.py::a"), ended(of=report(seeds=Kept(left=2)))]
    assert kinds(tonight, before) == []
