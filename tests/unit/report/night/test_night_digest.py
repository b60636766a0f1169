"""What a page says of a night: the first line, verdicts, lives, what is new, numbers and what they assume."""

from __future__ import annotations

import attrs
import pytest
import sample_nights as nights
import sample_reports as sample

from redactfuzz.model.counted import Explored, Species
from redactfuzz.model.night import Alarm, AlarmKind, FindingMet, Life, NightEnded, NightEvent, Resumed, Why
from redactfuzz.model.part import Part
from redactfuzz.model.schedule import Granularity
from redactfuzz.model.verdict import Reason, Verdict
from redactfuzz.report.night.digest import Digest, digest
from redactfuzz.report.night.files import junit, sarif
from redactfuzz.report.night.of_targets import TargetView
from redactfuzz.report.night.told import Told

BEFORE = [Told.of(1, nights.FIRST)]


def of(events: tuple[NightEvent, ...], *before: Told, running: bool = False) -> Digest:
    return digest(Told.of(2, events), before, running=running)


def target(made: Digest, title: str) -> TargetView:
    (found,) = [each for each in made.targets if each.title == title]
    return found


@pytest.mark.parametrize(
    ("events", "line"),
    [
        (
            nights.ALARMED,
            "ALARM: a control failed: app/audit.py::empty: VACUOUS: The canary 'next key' never reached a dump.",
        ),
        (nights.SECOND, "LEAK: 3 findings in 2 scenarios, 1 of them new or changed"),
        (nights.CLEAN, "No leak found in 1 scenario, 0 of them proved"),
        (nights.EMPTY, "Nothing is known of this night: its journal holds no event"),
        ((nights.started(), NightEnded(0.0, Why.TIME, 1.0)), "Nothing found, but no scenario"),
    ],
    ids=["alarm", "leak", "clean", "empty", "no scenario"],
)
def test_the_first_line_is_the_alarm_or_else_the_verdict_of_the_night(
    events: tuple[NightEvent, ...], line: str
) -> None:
    assert of(events, *BEFORE).headline == line


def test_a_night_that_came_to_no_end_is_never_green() -> None:
    killed = of(nights.CLEAN[:-1])
    assert killed.headline.endswith("; it was killed, or its machine was: it has no end")
    assert killed.tone == "warn"
    assert of(nights.CLEAN[:-1], running=True).headline.endswith("; it is still running")
    assert of(nights.CLEAN).tone == "good"


def test_a_night_of_which_lines_are_lost_is_an_alarm_and_what_was_found_is_said_first() -> None:
    def read(events: tuple[NightEvent, ...], *unread: str) -> Digest:
        return digest(Told.of(2, events), unread=unread)

    made = read(nights.CLEAN, "0002.jsonl:3: it is no whole line of JSON", "0002.jsonl:4: FindingMet: key")
    assert made.headline == (
        "ALARM: its journal cannot be read whole: 0002.jsonl:3: it is no whole line of JSON (and 1 more line)"
    )
    assert '"executionSuccessful": false' in sarif(made)
    assert "journal cannot be read whole" in junit(made)
    found = read(nights.SECOND, "0002.jsonl:3: it is no whole line of JSON")
    assert found.headline.startswith("LEAK: 3 findings")
    assert len(found.alarms) == 1


def test_a_night_that_was_resumed_after_its_end_has_none() -> None:
    made = of((*nights.CLEAN, Resumed(nights.BEGAN, 42)))
    assert not made.over
    assert ("resumed", "1 time") in made.facts


def test_several_alarms_are_counted_in_the_first_line() -> None:
    made = of((*nights.ALARMED, Alarm(AlarmKind.SLOW, "half"), Alarm(AlarmKind.SLOW, "half")))
    assert made.headline.endswith("(and 1 more alarm)")
    assert [each.kind for each in made.alarms] == [AlarmKind.CONTROL, AlarmKind.SLOW]


def test_what_did_not_pass_is_not_called_clean() -> None:
    events = (nights.started(), *nights.listed(nights.VACUOUS), *nights.ran(1, nights.VACUOUS, sample.VACUOUS))
    made = of((*events, NightEnded(0.0, Why.TIME, 1.0)))
    assert made.headline == "No leak found, but 1 scenario of 1 did not pass"
    assert made.tone == "warn"


def test_a_scenario_that_was_not_reached_is_not_called_clean() -> None:
    made = of((nights.started(), *nights.listed(nights.RIGHT), NightEnded(0.0, Why.TIME, 1.0)))
    assert made.headline == "Nothing found, but 1 of 1 scenario not explored"
    assert target(made, nights.RIGHT).verdict == ""


def slices(*verdicts: Verdict) -> Digest:
    events = [
        each
        for number, verdict in enumerate(verdicts, 1)
        for each in nights.ran(number, "a.py::b", nights.passed("a.py::b", verdict))
    ]
    return of((nights.started(), *nights.listed("a.py::b"), *events))


@pytest.mark.parametrize(
    ("verdicts", "said"),
    [
        ([Verdict.NO_LEAK_FOUND, Verdict.PROVED, Verdict.NO_LEAK_FOUND], Verdict.PROVED),
        ([Verdict.PROVED, Verdict.INCONCLUSIVE], Verdict.INCONCLUSIVE),
        ([Verdict.VACUOUS, Verdict.NO_LEAK_FOUND], Verdict.VACUOUS),
        ([Verdict.BUG, Verdict.LEAK, Verdict.NO_LEAK_FOUND], Verdict.LEAK),
    ],
)
def test_of_several_slices_the_worst_is_said_and_a_proof_is_not_taken_back(
    verdicts: list[Verdict], said: Verdict
) -> None:
    assert target(slices(*verdicts), "a.py::b").verdict == said


def test_a_slice_that_was_interrupted_takes_nothing_back_unless_it_is_all_there_is() -> None:
    cut = attrs.evolve(sample.VACUOUS, verdict=Verdict.INCONCLUSIVE, interrupted=True, reason=Reason("cut short"))
    events = (nights.started(), *nights.ran(1, "a.py::b", nights.passed("a.py::b")), *nights.ran(2, "a.py::b", cut))
    assert target(of(events), "a.py::b").verdict == Verdict.NO_LEAK_FOUND
    alone = target(of((nights.started(), *nights.ran(2, "a.py::b", cut))), "a.py::b")
    assert (alone.verdict, alone.why) == (Verdict.INCONCLUSIVE, "cut short")


def test_a_finding_of_the_night_overrules_a_passing_slice() -> None:
    found = nights.met(0, Life.KNOWN, nights.finding(scenario=nights.RIGHT), "k", 3, 3)
    made = target(of((*nights.CLEAN[:-1], found)), nights.RIGHT)
    assert (made.verdict, made.findings, made.certificate) == (Verdict.LEAK, 1, ())


def test_one_that_is_fixed_overrules_nothing() -> None:
    found = nights.met(0, Life.FIXED, nights.finding(scenario=nights.RIGHT), "k", 0, 3)
    made = of((*nights.CLEAN[:-1], found, nights.CLEAN[-1]))
    assert target(made, nights.RIGHT).verdict == Verdict.NO_LEAK_FOUND
    assert (len(made.findings), len(made.fixed)) == (0, 1)


def test_what_was_spared_says_why_and_what_it_was_proved_to_be() -> None:
    made = target(of(nights.SECOND, *BEFORE), nights.PROVED)
    assert (made.verdict, made.part, made.slices) == (Verdict.PROVED, 1.0, 0)
    assert made.spared == "PROVED in night 1, and its 3 files are the same"
    assert dict(made.certificate)["covered"]
    unknown = target(of(nights.SECOND), nights.PROVED)
    assert (unknown.verdict, unknown.report) == ("", None)


@pytest.mark.parametrize(
    ("lives", "life"),
    [
        ([Life.NEW, Life.KNOWN], Life.NEW),
        ([Life.FLAKY, Life.KNOWN], Life.FLAKY),
        ([Life.FIXED, Life.MOVED], Life.MOVED),
        ([Life.MOVED, Life.FIXED], Life.FIXED),
        ([Life.KNOWN, Life.KNOWN], Life.KNOWN),
        ([Life.FIXED], Life.FIXED),
    ],
)
def test_a_finding_that_is_met_again_is_one_and_no_less_new(lives: list[Life], life: Life) -> None:
    events = (nights.started(), *(nights.met(0, each, nights.finding(), "k") for each in lives))
    made = of(events)
    (only,) = [*made.findings, *made.fixed]
    assert only.life == life


def test_the_one_that_explains_best_is_shown() -> None:
    short, bare = nights.finding(), nights.finding(steps=(), window=None, shrunk=False)
    (only,) = of((nights.started(), nights.met(1, Life.NEW, short, "k"), nights.met(2, Life.KNOWN, bare, "k"))).findings
    assert only.lanes.steps == len(short.steps)


def test_what_asks_for_somebody_first_comes_first() -> None:
    lives = list(Life)
    made = of((nights.started(), *(nights.met(0, life, nights.finding(), f"k{life}") for life in lives)))
    assert [each.life for each in made.findings] == [Life.NEW, Life.REGRESSED, Life.MOVED, Life.FLAKY, Life.KNOWN]


def test_what_is_suppressed_is_shown_and_does_not_count() -> None:
    why = {"k": "until 2027-03-31: fixed upstream"}
    events = (nights.started(), nights.met(1, Life.NEW, nights.finding(), "k"), NightEnded(0.0, Why.TIME, 1.0))
    made = digest(Told.of(2, events), suppressed=why)
    assert made.headline == (
        "Nothing found but 1 suppressed finding in 1 scenario, 0 of them proved; no search went on behind it"
    )
    assert (made.tone, made.findings, made.news) == ("warn", (), ())
    assert [each.suppressed for each in made.suppressed] == ["until 2027-03-31: fixed upstream"]
    assert made.targets[0].verdict == Verdict.LEAK
    other = digest(Told.of(2, (*events, nights.met(1, Life.NEW, nights.CROWDED, "k2"))), suppressed=why)
    assert other.headline.startswith("LEAK: 1 finding in 1 scenario, 1 of them new or changed")


def test_what_is_new_since_last_night() -> None:
    made = of(nights.SECOND, *BEFORE)
    said = {(each.what, each.title) for each in made.news}
    assert said == {
        ("new", nights.FLAKY),
        ("flaky", nights.FLAKY),
        ("fixed", nights.RIGHT),
        ("new scenario", nights.VACUOUS),
        ("new scenario", nights.FLAKY),
        ("gone", "app/gone.py::old"),
    }
    assert [each.what for each in of(nights.SECOND).news] == ["new", "flaky", "fixed"]


def test_what_was_mended_before_and_is_no_news() -> None:
    for still in (False, True):
        events = [attrs.evolve(each, still=still) if isinstance(each, FindingMet) else each for each in nights.SECOND]
        assert ("fixed" in {each.what for each in of(tuple(events), *BEFORE).news}) is not still


def test_another_verdict_and_more_of_a_proof_are_news() -> None:
    events = (
        nights.started(),
        *nights.listed(nights.RIGHT),
        *nights.ran(1, nights.RIGHT, nights.passed(nights.RIGHT, Verdict.PROVED)),
    )
    (verdict,) = [each for each in of(events, *BEFORE).news if each.what == "verdict"]
    assert verdict.text == "NO_LEAK_FOUND last night, PROVED now"
    further = attrs.evolve(
        nights.passed(nights.RIGHT), stages=(Explored("dpor", Granularity.CALLS, 8100, False, 9000.0),)
    )
    (proof,) = [
        each
        for each in of((nights.started(), *nights.ran(1, nights.RIGHT, further)), *BEFORE).news
        if each.what == "proof"
    ]
    assert proof.text == "50 % of its classes of schedules last night, 90 % now"


def test_a_night_that_had_come_to_nothing_is_not_what_another_one_is_compared_with() -> None:
    events = (nights.started(), *nights.listed("a"), *nights.ran(1, "a", nights.passed("a")))
    last, empty = Told.of(1, events), Told.of(2, ())
    assert [each.what for each in of(events, last, empty).news] == []
    other = Told.of(1, (nights.started(), *nights.listed("b")))
    assert [each.what for each in of(events, other, empty).news] == ["new scenario", "gone"]


def test_parts_of_trees_that_are_not_the_same_are_not_added_up() -> None:
    def night(*known: str) -> tuple[NightEvent, ...]:
        parts = [Part(number, 2, each) for number, each in enumerate(known, 1)]
        found = [attrs.evolve(nights.passed("a"), stages=(), part=each) for each in parts]
        return (nights.started(), *(event for each in found for event in nights.ran(1, "a", each)))

    assert [each.part for each in of(night("k", "k")).targets] == [1.0]
    assert [each.part for each in of(night("k", "other")).targets] == [0.5]


def test_a_proof_within_a_bound_says_so() -> None:
    proved = nights.passed("a", Verdict.PROVED)
    assert proved.certificate is not None
    for bound, said in ((None, ""), (1, "complete to 1 preemption between")):
        certificate = attrs.evolve(proved.certificate, granularity="calls", preemptions=bound)
        (row,) = of((nights.started(), *nights.ran(1, "a", attrs.evolve(proved, certificate=certificate)))).targets
        assert row.bound.startswith(said)
        assert bool(row.bound) == bool(bound)


def test_the_speed_is_compared_for_one_strategy_by_time_of_processors() -> None:
    def night(executions: int, strategy: str) -> tuple[NightEvent, ...]:
        report = attrs.evolve(nights.passed("a"), executions=executions, strategy=strategy)
        began, ended = nights.ran(1, "a", report)
        return (nights.started(), began, attrs.evolve(ended, cpu=60.0))  # type: ignore[arg-type]

    then = Told.of(1, night(60_000, "pos"))
    assert target(of(night(30_000, "pos"), then), "a").ratio == 0.5
    assert target(of(night(30_000, "surw"), then), "a").ratio is None
    slow = [each for each in of(night(30_000, "pos"), then).news if each.what == "speed"]
    assert [each.tone for each in slow] == ["warn"]
    assert not [each for each in of(night(59_000, "pos"), then).news if each.what == "speed"]


def test_chances_are_said_for_independent_draws_alone_and_by_strategy() -> None:
    stages = (
        Explored("pos", Granularity.CALLS, 3000, False, 0.0),
        Explored("surw", Granularity.CALLS, 500, False, 0.0),
        Explored("pos", Granularity.CALLS, 9000, False, 0.0, otherwise=True),
        Explored("bounded", Granularity.CALLS, 70_000, True, 0.0),
    )
    report = attrs.evolve(nights.passed("a"), stages=stages, species=Species(4000, 37, 2))
    chance = target(of((nights.started(), *nights.ran(1, "a", report))), "a").chance
    assert (chance.clean, chance.cleanly, chance.bound) == (3000, "pos at calls", 3.0 / 3000)
    assert chance.unseen == "0.05 %"
    never = attrs.evolve(report, species=Species(4000, 37, 0))
    assert target(of((nights.started(), *nights.ran(1, "a", never))), "a").chance.unseen == "< 0.075 %"
    none = attrs.evolve(report, stages=stages[3:], species=Species())
    chance = target(of((nights.started(), *nights.ran(1, "a", none))), "a").chance
    assert (chance.clean, chance.bound, chance.unseen) == (0, None, "")


@pytest.mark.parametrize("verdict", [Verdict.LEAK, Verdict.PROVED, Verdict.INCONCLUSIVE])
def test_a_bound_is_said_where_nothing_was_found_and_nothing_proved(verdict: Verdict) -> None:
    other = attrs.evolve(nights.passed("a"), verdict=verdict)
    assert target(of((nights.started(), *nights.ran(1, "a", other))), "a").chance.bound is None
    assert target(of((nights.started(), *nights.ran(1, "a", nights.passed("a")))), "a").chance.bound is not None


def test_the_discovery_curve_rises_to_all_findings_that_are_left() -> None:
    findings, kinds = of(nights.SECOND).curves
    assert findings.summary == "3 after 50 min 0 s of exploring, over all processes."
    assert kinds.summary.startswith("37 ")
    assert of(nights.EMPTY).curves == ()


def test_a_finding_says_since_when_and_from_where() -> None:
    known = next(each for each in of(nights.SECOND, *BEFORE).findings if each.life == Life.KNOWN)
    assert known.since == "night 1, 2026-11-27 00:00 UTC"
    assert known.again == "5 of 5"
    new = next(each for each in of(nights.SECOND, *BEFORE).findings if each.life == Life.NEW)
    said = dict(new.provenance)
    assert said["slice"].startswith("redactfuzz run app/pool.py::stop --profile nightly")
    assert said["tool"] == "redactfuzz 0.1.0"
    assert said["seed"] == "42"


def test_five_thousand_steps_are_a_page_and_the_strike_is_on_it() -> None:
    steps = sample.steps(
        *((f"t{number % 3}", 100 + number) for number in range(5000)),
        *(("crash", "strikes", sample.Action.CRASH), ("crash", 40)),
    )  # type: ignore[arg-type]
    found = FindingMet("k", "a", 1, Life.NEW, nights.finding(steps=steps, window=sample.Window(4990, 5000, 2, 5)))
    (only,) = of((nights.started(), found)).findings
    assert only.lanes.steps == 5002
    assert len(only.lanes.rows) <= 310
    assert {"crash", "opens"} <= {row.kind for row in only.lanes.rows}
