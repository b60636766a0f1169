"""What a reduction of a program cannot take ends it with a reason, and never as a proof."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest
from modelled import executions

from redactfuzz import Verdict, explore, native, token
from redactfuzz.model.plan import Policy, Stage
from redactfuzz.model.schedule import Granularity
from redactfuzz.native.drive.numbers import End
from redactfuzz.schedule.engine import State

pytestmark = pytest.mark.once

ONE_OF_EACH = Stage(Policy.DPOR, Granularity.INSTRUCTIONS)
HEAD = """#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>
static volatile int x, y;
"""
# Its threads go another way by a clock of the processor, which no tool controls, or do not.
DIFFERS = """
static unsigned drawn(void)
{
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return low >> 4 & 7;
}
static void *count(void *unused)
{
    unsigned n = drawn() * WAY;
    for (unsigned i = 0; i < n; i++) y = y + 1;
    x = x + 1;
    return unused;
}
int main(void)
{
    pthread_t threads[2];
    char *key = getenv("KEY");
    memset(key, 0, strlen(key));
    for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, count, NULL);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    return 0;
}
"""
LONG = """
static void *count(void *unused) { for (int i = 0; i < 1000000; i++) x = i; return unused; }
int main(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, count, NULL);
    int seen = x;
    pthread_join(thread, NULL);
    return seen == -1;
}
"""
# One call reads a thousand places, of which another thread changes the last.
MANY = """
enum { PLACES = 1000 };
static char cells[PLACES][2];
static struct iovec parts[PLACES];
static void *change(void *unused) { cells[PLACES - 1][0] = 1; return unused; }
int main(void)
{
    pthread_t thread;
    char last = 0;
    for (int i = 0; i < PLACES; i++) parts[i] = (struct iovec){cells[i], 1};
    int file = open("out", O_RDWR | O_CREAT, 0600);
    pthread_create(&thread, NULL, change, NULL);
    writev(file, parts, PLACES);
    pthread_join(thread, NULL);
    pread(file, &last, 1, PLACES - 1);
    return last;
}
"""


def source(folder: Path, text: str) -> Path:
    path = folder / "program.c"
    path.write_text(HEAD + text, encoding="utf-8")
    return path


@pytest.mark.skipif(platform.machine() != "x86_64", reason="rdtsc is x86-64's")
@pytest.mark.parametrize("differs", [True, False])
def test_threads_that_go_another_way_each_time_are_told_with_step_and_thread(
    differs: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    program = source(tmp_path, f"#define WAY {int(differs)}{DIFFERS}")
    scenario = native.scenario(program, canaries={"KEY": token()}, env={"KEY": "KEY"}, crash="none")
    report = explore(scenario, strategy="dpor", seconds=60.0, executions=2_000, seed=1)
    assert report.verdict is (Verdict.INCONCLUSIVE if differs else Verdict.VACUOUS), report.reason  # it dumps nothing
    assert report.reason is not None
    told = report.reason.what
    assert ("step" in told and "thread 'count" in told and "at program.c" in told) is differs


def test_an_execution_of_a_million_steps_is_cut_and_the_reduction_with_it(tmp_path: Path) -> None:
    events = executions(str(source(tmp_path, LONG)), stage=ONE_OF_EACH, at_most=50)
    assert len(events) == 1  # there is no room for what would follow
    assert events[0].engine is State.STEP_LIMIT


def test_a_call_that_reads_a_thousand_places_depends_on_who_changes_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    events = executions(str(source(tmp_path, MANY)), stage=ONE_OF_EACH, at_most=100)
    assert {(event.state, event.status) for event in events} == {(End.EXITED, 0), (End.EXITED, 1)}
    assert 1 < len(events) < 10
