"""What models looked at or did that nobody reported: each was PROVED and could leak; and deaths by other numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from redactfuzz import Report, Verdict, explore, native

SOURCE = """
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <redactfuzz.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
enum { KEY = 16 };
enum { ATTRIBUTES, HANDLE, KIND, WRITER, EXPECTED, HALVES, LIMIT, ERRNO, NESTED };
static int what, right;
static unsigned char secret[KEY], out[KEY];
static int got;
static _Atomic int ready;
static _Atomic uint32_t half[2];
static sem_t seven;
static int *volatile place;
static pthread_mutexattr_t attributes;
static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP, other;
static pthread_rwlock_t rw = PTHREAD_RWLOCK_INITIALIZER;
static _Atomic int one = 1;
static int expected;
static volatile long late = 5;
REDACTFUZZ_REDACTOR static void redact(void) { explicit_bzero(secret, KEY); }
static void *nothing(void *unused) { return unused; }
static __attribute__((noinline)) void tells(void)
{
    volatile int local = 0;
    uintptr_t at = (uintptr_t)&local;
    half[0] = (uint32_t)at;
    half[1] = (uint32_t)(at >> 32);
    local = 0;
    got = local == 7;
    half[1] = 0;
}
static void *a(void *unused)
{
    switch (what) {
    case ATTRIBUTES: { volatile int *kind = (volatile int *)&attributes; if (!right) *kind = 1; *kind = 0; break; }
    case NESTED: {
        pthread_t own;
        pthread_create(&own, NULL, nothing, NULL);
        ready = 1;
        pthread_join(own, NULL);
        break;
    }
    case KIND: pthread_mutex_lock(&lock); ready = !right; got = pthread_mutex_lock(&lock) != 0; break;
    case WRITER: pthread_rwlock_wrlock(&rw); ready = !right; got = pthread_rwlock_wrlock(&rw) == 0; break;
    case EXPECTED: got = atomic_compare_exchange_strong(&one, &expected, 7) && !right; break;
    case HALVES: tells(); break;
#ifdef KEPT
    case ERRNO: if (KEPT) place = &errno; errno = 7; errno = 0; break;
#endif
    }
    return unused;
}
static void *b(void *unused)
{
    switch (what) {
    case ATTRIBUTES:
        pthread_mutex_init(&other, &attributes);
        pthread_mutex_lock(&other);
        got = pthread_mutex_trylock(&other) == 0;
        break;
    case HANDLE: if (ready && late == 5) got = 1; break;
    case KIND: if (ready) *(volatile int *)((char *)&lock + 16) = PTHREAD_MUTEX_ERRORCHECK; break;
    case WRITER: if (ready) pthread_rwlock_init(&rw, NULL); break;
    case EXPECTED: *(volatile int *)&expected = 9; atomic_store(&one, 0); break;
    case HALVES: { uint32_t high = half[1], low = half[0];
        if (high && !right) sem_getvalue(&seven, (int *)((uintptr_t)high << 32 | low)); break; }
    case NESTED: got = ready && late == 5; break;
    default: { int *there = place; if (there) got = *(volatile int *)there == 7; break; }
    }
    return unused;
}
int main(int count, char **words)
{
    pthread_t first, second;
    what = words[1][0] - '0';
    right = count > 2;
    memcpy(secret, redactfuzz_canary("key", KEY), KEY);
    sem_init(&seven, 0, 7);
    if (what == LIMIT) {
        struct rlimit limit = {3, 3};
        setrlimit(right ? RLIMIT_CORE : RLIMIT_NOFILE, &limit);
    }
    pthread_create(&second, NULL, what == NESTED ? a : b, NULL);
    ready = what == HANDLE && !right;
    pthread_create((pthread_t *)&late, NULL, what == NESTED ? b : a, NULL);
    first = (pthread_t)late;
    if (what == HANDLE) ready = 1;
    pthread_join(first, NULL);
    pthread_join(second, NULL);
    if (got) memcpy(out, redactfuzz_canary("key", KEY), KEY);
    redact();
    int file = open("report", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file >= 0) {
        write(file, secret, KEY);
        write(file, out, KEY);
        close(file);
    }
    return 0;
}
"""
LEAKS = {"ATTRIBUTES": "0", "HANDLE": "1", "KIND": "2", "WRITER": "3", "EXPECTED": "4"}
UNPROVED = {"5": "uses an address on another thread's stack", "6": "RLIMIT_CORE"}
ERRNO, NESTED = "7", "8"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One file, which is built once for all that needs no flags."""
    path = tmp_path_factory.mktemp("looks") / "looks.c"
    path.write_text(SOURCE, "utf-8")
    return path


def searched(source: Path, *words: str, flags: tuple[str, ...] = ()) -> Report:
    scenario = native.scenario(source, args=words, flags=flags, crash="none")
    return explore(scenario, executions=20_000, seconds=600.0, seed=0, strategy="dpor")


@pytest.mark.parametrize("what", LEAKS.values(), ids=LEAKS)
def test_what_a_model_looks_at_is_behind_a_point_and_reported(source: Path, what: str) -> None:
    assert searched(source, what).verdict is Verdict.LEAK
    report = searched(source, what, "right")
    assert report.verdict is Verdict.PROVED, report


@pytest.mark.parametrize("what", UNPROVED)
def test_what_is_not_carried_out_or_comes_unseen_rules_out_a_proof(source: Path, what: str) -> None:
    report = searched(source, what)
    assert report.verdict is Verdict.NO_LEAK_FOUND, report
    assert UNPROVED[what] in str(report.certificate)
    twin = searched(source, what, "right")
    assert twin.verdict is Verdict.PROVED, twin


def test_an_address_of_errno_that_is_kept_rules_out_a_proof(source: Path) -> None:
    assert "the address of errno in a " in str(searched(source, ERRNO, flags=("-DKEPT=1",)).certificate)
    assert "the address of errno" not in str(searched(source, ERRNO, flags=("-DKEPT=0",)).certificate)


def test_threads_that_have_other_numbers_in_another_order_die_by_the_same_schedule(source: Path) -> None:
    report = searched(source, NESTED)
    assert report.verdict is Verdict.PROVED, report
