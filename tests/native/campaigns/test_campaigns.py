"""Whole campaigns over real programs, with the real driver."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest
import sources
from campaigning import (
    SECONDS,
    folder,  # noqa: F401  (a fixture)
    found,
    scenario,
)

from redactfuzz import LeakFound, explore, native, token
from redactfuzz.model.outcome import BugKind, LeakKind
from redactfuzz.model.schedule import Action
from redactfuzz.model.verdict import Verdict
from redactfuzz.report.rows import Mark, rows

pytestmark = pytest.mark.skipif(platform.machine() != "x86_64", reason="cores are confirmed on x86-64")



def test_a_leak_is_found_confirmed_and_explained() -> None:
    report = found(sources.LEAKY)
    assert report.verdict is Verdict.LEAK, report.reason
    finding = report.finding
    assert finding is not None
    assert finding.kind is LeakKind.TRANSIENT
    assert {leak.canary for leak in finding.leaks} == {"signing key"}
    assert "stack of 'rotate'" in finding.leaks[0].where
    assert any("confirmed: a process that really died left it in the kernel's core" in note for note in report.notes)
    assert any("the plain build, its threads in order and struck at rotate.c:" in note for note in report.notes)
    assert finding.window is not None
    assert any("memcpy(copy, redactfuzz_canary" in step.source for step in finding.steps)


def test_the_example_of_the_how_to_page_leaks_as_it_says() -> None:
    page = (Path(__file__).parents[3] / "docs" / "how-to" / "native-programs.md").read_text("utf-8")
    Path("signer.c").write_text(page.partition("```c\n")[2].partition("```")[0])
    report = explore(native.scenario(Path.cwd() / "signer.c", seconds=SECONDS))
    assert report.verdict is Verdict.LEAK, report.reason
    finding = report.finding
    assert finding is not None
    assert finding.preemptions == 1
    assert any(note.startswith("confirmed: ") for note in report.notes)
    assert finding.leaks[0].where.startswith("global variable key; last written at signer.c:23 by 'load'")


IN_HANDLER = (
    sources.HEAD
    + """#include <sys/prctl.h>
static unsigned char key[32];
static volatile int wiping;
REDACTFUZZ_REDACTOR static void wipe(void) { wiping = 1; explicit_bzero(key, sizeof key); }
static void on_crash(int number)
{
    prctl(PR_SET_DUMPABLE, 1);
    wipe();
    signal(number, SIG_DFL);
    raise(number);
}
int main(void)
{
    prctl(PR_SET_DUMPABLE, 0);
    signal(SIGSEGV, on_crash);
    memcpy(key, redactfuzz_canary("signing key", sizeof key), sizeof key);
    return 0;
}
"""
)


def test_a_crash_that_strikes_at_the_end_of_itself_is_told_before_the_one_inside_its_handler() -> None:
    finding = found(IN_HANDLER).finding
    assert finding is not None
    assert [step.struck for step in finding.steps if step.struck] == ["main"]
    assert [step.action for step in finding.steps if step.action] == [Action.CRASH]
    assert finding.cause.startswith(
        "The crash struck when 'main' had brought the process to its end; then the second crash struck "
    )
    rows_of_crashes = [row for row in rows(finding.steps, finding.window) if row.mark is Mark.CRASH]
    assert len(rows_of_crashes) == 2


def test_without_a_redactor_a_race_is_told_as_one_all_the_same() -> None:
    report = found(sources.LEAKY.replace("REDACTFUZZ_REDACTOR ", ""))
    assert report.verdict is Verdict.LEAK, report.reason
    assert report.finding is not None
    assert report.finding.kind is LeakKind.TRANSIENT
    assert "plain build" not in report.finding.cause


def test_calling_a_scenario_raises_when_it_leaks() -> None:
    with pytest.raises(LeakFound):
        scenario(sources.LEAKY)()


def test_the_fixed_twin_passes_with_its_controls_and_says_what_it_is_about() -> None:
    report = found(sources.FIXED)
    assert report.verdict.passed, report.reason
    certificate = report.certificate
    assert certificate is not None
    assert [control.passed for control in certificate.controls] == [True] * 4
    assert any("processes that really died" in text for text in certificate.counts)
    assert any("plain build" in text for text in certificate.counts)
    assert certificate.inputs == ("crash SIGSEGV", "the same canaries in every execution")
    assert any("sequentially consistent" in text for text in certificate.assumptions)
    assert certificate.python == ""


def test_a_wipe_that_the_optimiser_removes_is_a_leak_of_the_plain_build_alone() -> None:
    report = found(sources.ELIDED, flags=["-O2"], crash="kill")
    assert report.verdict is Verdict.LEAK, report.reason
    assert report.finding is not None
    assert "removed by the optimiser" in report.finding.cause
    kept = sources.ELIDED.replace("memset(copy, 0, 32)", "explicit_bzero(copy, 32)")
    assert "removed by the optimiser" not in str(found(kept, flags=["-O2"], crash="kill"))


def test_a_program_without_a_canary_is_checked_by_its_other_oracles() -> None:
    report = found(sources.ASSERTS, crash="none")
    assert report.verdict is Verdict.BUG, report.reason
    assert report.finding is not None
    assert report.finding.bug is not None
    assert report.finding.bug.kind is BugKind.ASSERT
    assert "counted == 2" in report.finding.bug.summary
    safe = found(sources.SAFE, crash="none")
    assert safe.verdict.passed, safe.reason
    assert [control.detail for control in safe.controls[:3]] == ["not applicable: the program has no canary"] * 3


def test_a_small_program_is_proved() -> None:
    report = found(sources.SAFE, crash="none", executions=100_000)
    assert report.verdict is Verdict.PROVED, report.reason


def test_a_machine_that_chooses_otherwise_what_cores_hold_is_told_of() -> None:
    chosen = Path("/proc/self/coredump_filter")
    usual, before = found(sources.SAFE, executions=100), chosen.read_text("ascii").strip()
    try:
        chosen.write_text("0x23", "ascii")  # no pages of headers
        report = found(sources.SAFE, executions=100)
    finally:
        chosen.write_text(f"0x{before}", "ascii")
    assert usual.verdict.passed
    assert report.verdict is usual.verdict
    told = "the filter of cores is 0x23 here"
    assert told in str(report.certificate)
    assert told not in str(usual.certificate)


def test_a_deadlock_says_who_holds_what() -> None:
    report = found(sources.DEADLOCK, crash="none")
    assert report.verdict is Verdict.BUG, report.reason
    assert report.finding is not None
    bug = report.finding.bug
    assert bug is not None
    assert bug.kind is BugKind.DEADLOCK
    assert "'forth' waits for" in bug.detail
    assert "'back' waits for" in bug.detail


def test_oracles_that_are_not_asked_for_are_no_bugs() -> None:
    report = found(sources.ASSERTS, crash="none", oracles=["deadlock"])
    assert report.verdict.passed, report.reason


def test_no_dump_at_all_is_a_bug_when_it_is_asked_for() -> None:
    report = found(sources.SAFE, crash="none", oracles=["dump"])
    assert report.finding is not None
    assert report.finding.bug is not None
    assert report.finding.bug.kind is BugKind.NO_DUMP


def test_a_canary_in_the_environment_and_arguments_of_its_own() -> None:
    options = {"canaries": {"api key": token()}, "env": {"KEY": "api key", "LANG": "C"}, "crash": "none"}
    report = found(sources.GIVEN, args=["--verbose"], **options)
    assert report.verdict is Verdict.LEAK, report.reason
    assert report.finding is not None
    assert {leak.dump for leak in report.finding.leaks} == {"report.txt"}
    assert report.finding.kind is LeakKind.SEQUENTIAL
    silent = found(sources.GIVEN, **options)
    assert silent.verdict is Verdict.VACUOUS  # nothing is declared to be a redactor


def test_a_redactor_may_be_named() -> None:
    text = sources.FIXED.replace("REDACTFUZZ_REDACTOR static void wipe", "static void wipe")
    assert found(text).verdict is Verdict.VACUOUS
    assert found(text, redactor="wipe").verdict.passed
    missing = found(text, redactor="no_such_function")
    assert missing.verdict is Verdict.ERROR
    assert missing.reason is not None
    assert "no_such_function is no function" in missing.reason.what
