"""Programs whose campaign has no time left after the search: a finding is confirmed, and what was not done is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from redactfuzz import Report, Verdict, explore, native
from redactfuzz.campaign.session.deadline import Deadline
from redactfuzz.model.outcome import UNKNOWN_ENCODING

pytestmark = pytest.mark.once

_HEAD = """
#include <pthread.h>
#include <redactfuzz.h>
#include <string.h>
static volatile unsigned char key[32], table[64];
REDACTFUZZ_REDACTOR static void wipe(void) { for (int i = 0; i < 32; i++) key[i] = 0; }
"""
_THREE = (
    _HEAD
    + """
static char first[16], second[16], third[16];
int main(void)
{
    memcpy(first, redactfuzz_canary("first", 16), 16);
    memcpy(second, redactfuzz_canary("second", 16), 16);
    memcpy(third, redactfuzz_canary("third", 16), 16);
    wipe();
    return 0;
}
"""
)
_UNLISTED = (
    _HEAD
    + """
int main(void)
{
    const volatile unsigned char *secret = redactfuzz_canary("key", 32);
    redactfuzz_allow("key");
    for (int i = 0; i < 32; i++) key[i] = secret[i];
    for (int i = 0; i < 32; i++) table[2 * i] = (unsigned char)(key[i] * 53u + 9u);
    wipe();
    redactfuzz_forbid("key");
    return 0;
}
"""
)


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def no_allowance(monkeypatch: pytest.MonkeyPatch) -> None:
    def over(self: Deadline) -> None:
        self.seconds = 0.0
        self.start()

    monkeypatch.setattr(Deadline, "follow", over)


def _report(text: str) -> Report:
    source = Path.cwd() / "program.c"
    source.write_text(text, "utf-8")
    return explore(native.scenario(source, flags=["-O1"]), seed=0, executions=300)


def test_one_leak_is_confirmed_and_how_many_others_there_are_is_said(no_allowance: None) -> None:
    report = _report(_THREE)
    assert report.verdict is Verdict.LEAK
    assert report.others == ()
    assert any(note.startswith("confirmed: ") for note in report.notes)
    assert "2 more leaks were met, which nobody has looked into, because the time was over" in report.notes


def test_with_time_they_are_all_confirmed() -> None:
    report = _report(_THREE)
    assert len(report.findings) == 3
    assert not any("time" in note for note in report.notes)


def test_an_unknown_form_is_confirmed_once_and_told_without_another_comparison(no_allowance: None) -> None:
    report = _report(_UNLISTED)
    assert report.verdict is Verdict.LEAK, report.reason
    assert report.finding is not None
    assert {leak.encoding for leak in report.finding.leaks} == {UNKNOWN_ENCODING}
    assert report.finding.steps
    assert report.finding.cause
    assert Path(report.finding.repro).exists()
    assert "shrinking ended by the time limit" in report.notes


def test_a_search_without_time_to_compare_anything_does_not_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Deadline, "left", 0.0)
    monkeypatch.setattr(Deadline, "patience", 1e-6)
    report = _report(_UNLISTED)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert report.reason is not None
    assert any(word in report.reason.what for word in ("time", "budget", "No execution was run"))
