"""A data race is no leak, but it withholds a proof: what orders two accesses, or makes them atomic, excuses them."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest

from redactfuzz import explore, native
from redactfuzz.model.finding import Report
from redactfuzz.model.verdict import Verdict

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(platform.machine() != "x86_64", reason="cores are confirmed on x86-64"),
]

COUNTS = """#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static sem_t brought;
static atomic_int ready;
static atomic_int total;
static int sum;
static void *adds(void *unused)
{
    FIRST
    return unused;
}
static void *reads(void *unused)
{
    THEN
    return unused;
}
static void ends(int signal) { (void)signal; _Exit(sum > 100); }
int main(void)
{
    pthread_t one, other;
    sem_init(&brought, 0, 0);
    signal(SIGUSR1, ends);
    pthread_create(&one, NULL, adds, NULL);
    BETWEEN
    pthread_create(&other, NULL, reads, NULL);
    AFTER
    pthread_join(other, NULL);
    return 0;
}
"""
JOIN = "pthread_join(one, NULL);"
RIGHT = {
    "a lock": (
        "pthread_mutex_lock(&lock); sum++; pthread_mutex_unlock(&lock);",
        "pthread_mutex_lock(&lock); sum--; pthread_mutex_unlock(&lock);",
        "",
        JOIN,
    ),
    "atomics": ("total++;", "total--;", "", JOIN),
    "a flag": (
        "sum = 1; atomic_store(&ready, 1);",
        "if (atomic_load(&ready)) sum++;",
        "",
        JOIN,
    ),
    "a semaphore": ("sum = 1; sem_post(&brought);", "sem_wait(&brought); sum++;", "", JOIN),
    "the end of a thread": ("sum = 1;", "sum++;", JOIN, ""),
    "reads alone": ("if (sum > 5) total++;", "if (sum > 7) total--;", "", JOIN),
    "a handler": ("sum = 1; sum = 2;", "total--;", "", JOIN),
}
RACES = {
    "two writers": ("sum++;", "sum--;", "", JOIN),
    "a flag that is not atomic": ("sum = 1;", "if (sum) total++;", "", JOIN),
    "one lock of two": ("pthread_mutex_lock(&lock); sum = 1; pthread_mutex_unlock(&lock);", "sum = 2;", "", JOIN),
}


def explored(folder: Path, parts: tuple[str, str, str, str], crash: str) -> Report:
    text = COUNTS
    for name, part in zip(("FIRST", "THEN", "BETWEEN", "AFTER"), parts, strict=True):
        text = text.replace(name, part)
    (folder / "program.c").write_text(text)
    return explore(native.scenario(folder / "program.c", seconds=20.0, executions=20_000, crash=crash))


def races_in(report: Report) -> list[str]:
    assert report.certificate is not None, report.reason
    return [note for note in report.certificate.notes if note.startswith("data race: ")]


@pytest.mark.parametrize("name", RIGHT)
def test_what_a_lock_an_atomic_or_an_order_keeps_apart_is_proved(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    report = explored(tmp_path, RIGHT[name], "SIGUSR1" if name == "a handler" else "none")
    assert races_in(report) == []
    assert report.verdict is Verdict.PROVED, (report.reason, report.certificate)


@pytest.mark.parametrize("name", RACES)
def test_a_data_race_is_a_note_and_withholds_the_proof(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    report = explored(tmp_path, RACES[name], "none")
    assert report.verdict is Verdict.NO_LEAK_FOUND, report.reason
    first, *_ = races_in(report)
    assert "program.c:12" in first
    assert "program.c:17" in first
    assert "(sum)" in first
    assert report.certificate is not None
    assert "data race" in report.certificate.obstacles[0]
