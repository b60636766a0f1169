"""Secrets that only some schedules ask for, and those for which there is no room."""

from __future__ import annotations

import platform
import re

import pytest
import sources
from campaigning import (
    folder,  # noqa: F401  (a fixture)
    found,
)

from redactfuzz import raw
from redactfuzz.campaign.targets.program import ProgramTarget
from redactfuzz.model.plan import Policy, Stage
from redactfuzz.model.verdict import Verdict

pytestmark = pytest.mark.skipif(platform.machine() != "x86_64", reason="cores are confirmed on x86-64")


LATE = (
    sources.HEAD
    + """#include <sys/prctl.h>
static unsigned char early[32], late[32];
static volatile int between;
REDACTFUZZ_REDACTOR static void wipe(void) { explicit_bzero(early, sizeof early); }
static void on_crash(int number)
{
    wipe();
    prctl(PR_SET_DUMPABLE, 1);
    signal(number, SIG_DFL);
    raise(number);
}
static void *sets(void *unused) { between = 1; between = 0; return unused; }
static void *asks(void *unused)
{
    if (between) memcpy(late, redactfuzz_canary("late key", sizeof late), sizeof late);
    return unused;
}
int main(void)
{
    pthread_t first, second;
    prctl(PR_SET_DUMPABLE, 0);
    signal(SIGSEGV, on_crash);
    memcpy(early, redactfuzz_canary("early key", sizeof early), sizeof early);
    pthread_create(&first, NULL, sets, NULL);
    pthread_create(&second, NULL, asks, NULL);
    pthread_join(first, NULL);
    pthread_join(second, NULL);
    return 0;
}
"""
)


def test_a_secret_that_only_some_schedules_ask_for_is_planted_as_well() -> None:
    report = found(LATE)
    assert report.verdict is Verdict.LEAK, report.reason
    assert report.finding is not None
    assert {leak.canary for leak in report.finding.leaks} == {"late key"}


def test_so_is_one_that_a_thread_comes_to_when_another_waits_for_long() -> None:
    asks = "    if (between) memcpy"
    busy = "    if (!between) return NULL;\n    for (int i = 0; i < 32; i++) ((volatile unsigned char *)late)[i] = 0;\n"
    assert asks in LATE
    report = found(LATE.replace(asks, busy + asks))
    assert report.verdict is Verdict.LEAK, report.reason


def test_without_a_redactor_the_control_ends_when_every_secret_was_shown() -> None:
    """It would go on to its limit, for a redactor to be called, and leave no time for the search."""
    report = found(sources.LEAKY.replace("REDACTFUZZ_REDACTOR", ""))
    assert report.verdict is Verdict.LEAK, report.reason
    shown = next(control.detail for control in report.controls if control.name == "redactor bypassed")
    told = re.fullmatch("1 of 1 canaries shown in ([0-9]+) executions; no redactor is declared", shown)
    assert told is not None, shown
    assert int(told[1]) < ProgramTarget.pace.bypassed.together


def test_more_bytes_than_a_secret_has_are_refused_with_their_number() -> None:
    report = found(sources.LEAKY, canaries={"signing key": raw(24)})
    assert report.verdict is Verdict.ERROR
    assert report.reason is not None
    assert report.reason.what == "The program asks for 32 bytes of canary 'signing key', which has 24."


@pytest.mark.parametrize(
    ("asks", "says"),
    [
        ('redactfuzz_canary("key", 1 << 20)', "canary 'key': 1,048,576 bytes are asked for, of at most 16,384."),
        (f'redactfuzz_canary("{"k" * 64}", 16)', "the name of a canary is longer than 63 bytes: kkkkkkkkkkkkkkkk..."),
        (
            'for (char n[] = "00"; n[0] < 57; n[1]++ == 57 ? n[0]++, n[1] = 48 : 0) redactfuzz_canary(n, 16)',
            "90 canaries in one program; at most 64 are possible.",
        ),
    ],
)
def test_secrets_for_which_there_is_no_room_are_refused(asks: str, says: str) -> None:
    report = found(f"#include <redactfuzz.h>\nint main(void) {{ {asks}; return 0; }}\n")
    assert report.verdict is Verdict.ERROR, report.reason
    assert report.reason is not None
    assert report.reason.what.startswith(says)


def test_one_that_could_not_be_planted_in_time_rules_a_pass_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("redactfuzz.native.run.runtime._BY_CHANCE", (Stage(Policy.SEQUENTIAL, limit=1),))
    report = found(LATE.replace("(early, sizeof early)", "(early, sizeof early), explicit_bzero(late, sizeof late)"))
    assert report.verdict is Verdict.INCONCLUSIVE
    assert report.reason is not None
    assert "canary 'late key' is asked for in some schedules only" in report.reason.what
