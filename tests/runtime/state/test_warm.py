"""Where the first execution goes another way than the second, both are searched; where they part is said."""

from __future__ import annotations

import functools
import re

import pytest
import warming
from driving import SEQUENTIAL, bounded, run

from redactfuzz import Race, explore
from redactfuzz.model.finding import Report
from redactfuzz.model.outcome import ProblemKind
from redactfuzz.model.plan import Isolation
from redactfuzz.model.schedule import Granularity
from redactfuzz.model.verdict import Certificate, Verdict


@functools.cache
def searched(name: str, executions: int = 120, **options: int) -> Report:
    return explore(getattr(warming, name), executions=executions, seconds=60.0, **options)


def passed(name: str, executions: int = 120, **options: int) -> Certificate:
    report = searched(name, executions, **options)
    assert report.verdict.passed, report.reason
    assert report.certificate is not None
    return report.certificate


def test_a_leak_that_only_the_first_execution_of_a_process_has_is_found() -> None:
    report = searched("cold_leak")
    assert report.verdict is Verdict.LEAK
    assert report.finding is not None
    assert report.finding.preemptions == 1
    assert not warming.READY, "this process is one where it has never run"


def test_its_right_twin_passes_and_the_certificate_says_what_share_was_cold() -> None:
    certificate = passed("cold_right")
    assert certificate.isolation == "warm"
    (told,) = [each for each in certificate.counts if "first of a process" in each]
    cold = int(told.split(": ")[1].split(" ")[0].replace(",", ""))
    assert cold >= 25, told
    assert f"({100 * cold / certificate.executions:.0f} %)" in told
    assert any("each the first of a process" in each for each in certificate.covered)
    assert any("each the first of a process" not in each for each in certificate.covered)


def test_a_leak_that_only_later_executions_have_is_found_and_its_right_twin_passes() -> None:
    report = searched("warm_leak")
    assert report.verdict is Verdict.LEAK
    assert passed("warm_right").isolation == "warm"


@pytest.mark.parametrize("name", ["cold_leak", "warm_leak"])
def test_such_a_finding_says_how_it_was_isolated_and_where_the_runs_parted(name: str) -> None:
    (told,) = [note for note in searched(name).notes if "parted at step" in note]
    assert "warming.py:" in told
    assert ".uses" in told or " in rules_too_early" in told
    assert "with thread 'user'" in told


def test_everything_is_proved_only_where_all_was_run_cold_and_warm() -> None:
    whole = searched("cold_right", 100, preemptions=1)
    assert whole.verdict is Verdict.PROVED
    assert whole.certificate is not None
    assert not [note for note in whole.certificate.notes if "no proof" in note]
    assert whole.certificate.granularity == Granularity.INSTRUCTIONS
    assert sum("each the first of a process: all" in each for each in whole.certificate.covered) == 3
    classes = searched("cold_right")
    assert classes.verdict is Verdict.PROVED
    assert classes.certificate is not None
    (cold,) = [e for e in classes.certificate.covered if e.startswith("one") and "each the first of a process" in e]
    assert ": all" in cold
    cut = searched("cold_right", 60)
    assert cut.verdict is Verdict.NO_LEAK_FOUND
    assert cut.certificate is not None
    assert [note for note in cut.certificate.notes if "no proof" in note]


def test_a_scenario_whose_runs_are_never_the_same_gets_processes_and_the_place_is_told() -> None:
    certificate = passed("never_the_same", 30)
    assert certificate.isolation == "process"
    (told,) = [note for note in certificate.notes if "parted at step" in note]
    assert ".counts" in told
    assert "; warming.TURNS had changed" in told
    assert "15 to 70 times" in told
    assert "when the scenario's file is imported" in told, "what to do"


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("asks_of_all_that_it_made", "warming.MADE"),
        ("asks_for_the_first_time", r"[\w.]+\._abc_impl"),  # of the class, or of one below it
        ("asks_of_a_pattern", "re._cache"),
    ],
)
def test_what_changed_is_named_by_module_and_attribute_also_where_they_part_in_the_library(
    name: str, changed: str
) -> None:
    re.purge()  # a full cache grows no more
    (told,) = [note for note in passed(name, 20).notes if "parted at step" in note]
    assert re.search(rf"; ([\w.]+, )*{changed}(, [\w.]+)* had changed;", told), told


def test_where_warm_executions_turn_out_to_differ_each_gets_a_process_after_all() -> None:
    certificate = passed("settles_late", 40)
    assert certificate.isolation == "process"
    assert any("After a warm-up it could not be told" in note for note in certificate.notes)


def test_the_runtime_offers_a_warm_up_and_runs_in_processes_unless_it_is_told_to_warm_up() -> None:
    assert run(warming.cold_leak, SEQUENTIAL, isolation=Isolation.AUTO).isolation is Isolation.PROCESS
    try:
        ran = run(warming.cold_leak, bounded(1, Granularity.CALLS), isolation=Isolation.WARM)
        assert ran.leaks == 0
        assert ran.exhausted
        assert not [problem for problem in ran.problems if problem.kind is ProblemKind.NONDETERMINISM]
    finally:
        warming.READY.clear()
        warming.RULES.clear()


class Nested:
    class Inner:
        redact = False


def nested(race: Race, *, always: bool) -> None:
    """What one execution leaves lies in a class within a class, where nobody looks for it."""
    key = race.canary("key").text
    redact = race.redactor(lambda text: text.replace(key, "[key]") if always or Nested.Inner.redact else text)

    def start() -> None:
        Nested.Inner.redact = True

    race.thread(start)
    race.crash(lambda: redact(f"key {key}"))


def test_a_leak_that_only_the_first_execution_has_is_found_where_nothing_seems_to_be_carried_over() -> None:
    report = explore(lambda race: nested(race, always=False), executions=500, seconds=60.0, seed=1)
    assert report.verdict is Verdict.LEAK, report.reason
    right = explore(lambda race: nested(race, always=True), executions=500, seconds=60.0, seed=1)
    assert right.verdict.passed, right.reason
    assert right.certificate is not None
    assert any("each the first of a process" in line for line in right.certificate.covered)
