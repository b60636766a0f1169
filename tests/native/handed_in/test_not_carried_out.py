"""What comes from outside of a process, or goes there, is not carried out: it is told, and is no bug."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest
from handing_in import (
    HANDLED,
    folder,  # noqa: F401  (a fixture)
    found,
    inconclusive,
    opaque,
)

from redactfuzz.model.verdict import Verdict

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(platform.machine() != "x86_64", reason="cores are confirmed on x86-64"),
]


# -- what comes from outside, or goes there


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("if (vfork() == 0) _exit(0);", "calls vfork, which is not carried out"),
        ('execl("/bin/true", "true", (char *)NULL);', "calls execl, which is not carried out"),
        (
            'if (fork() == 0) { execl("/bin/true", "true", (char *)NULL); _exit(0); }',
            "calls execl, which is not carried out",
        ),
        ('system("true");', "calls system, which is not carried out"),
        ("signal(SIGALRM, on_crash); alarm(1); pause();", "calls alarm, whose signal never comes here"),
        (
            "struct itimerval soon = {.it_value.tv_usec = 1}; signal(SIGALRM, on_crash);"
            " setitimer(ITIMER_REAL, &soon, NULL);",
            "calls setitimer, whose signal never comes here",
        ),
        (
            "timer_t timer; struct itimerspec soon = {.it_value.tv_sec = 1}; signal(SIGALRM, on_crash);"
            " timer_create(CLOCK_MONOTONIC, NULL, &timer); timer_settime(timer, 0, &soon, NULL);",
            "calls timer_settime, whose signal never comes here",
        ),
        ('fputws(L"wide", stdout);', "calls fputws, which is not carried out"),
        ("assert(tmpfile() != NULL);", "calls tmpfile, which is not carried out"),
        (
            "struct iovec all = {copy, 99}; for (int i = 0; i < 9; i++) pwritev(i, &all, 1, 0);",
            "calls pwritev, which is",
        ),
    ],
)
def test_what_is_not_carried_out_makes_a_pass_inconclusive(text: str, says: str) -> None:
    assert says in inconclusive(HANDLED + f"int main(void) {{ begin(); {text} return 0; }}\n")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "pthread_mutex_t lock = {0}; signal(SIGALRM, _exit); alarm(1); for (;;) pthread_mutex_lock(&lock);",
            "may come of that: deadlock",
        ),
        (
            'int status; if (fork() == 0) { execl("/bin/true", "true", (char *)NULL); _exit(7); }'
            " wait(&status); assert(WEXITSTATUS(status) == 0);",
            "may come of that: assertion WEXITSTATUS(status) == 0 failed",
        ),
        (
            "for (int i = 0; i < 1200; i++) { pthread_t one; assert(pthread_create(&one, NULL, none, NULL) == 0);"
            " pthread_join(one, NULL); }",
            "more than 1021 threads are started in one execution, and no further one is. What went wrong then may",
        ),
    ],
    ids=["alarm", "exec", "threads"],
)
def test_what_goes_wrong_after_something_was_not_carried_out_is_no_bug(text: str, says: str) -> None:
    none = "static void *none(void *unused) { return unused; }\n"
    assert says in inconclusive(HANDLED + none + f"int main(void) {{ begin(); {text} return 0; }}\n")


def test_an_alarm_that_would_only_end_the_process_is_listed() -> None:
    report = found(HANDLED + "int main(void) { begin(); alarm(5); alarm(0); return 0; }\n")
    assert report.verdict is Verdict.NO_LEAK_FOUND, report.reason
    assert "calls alarm, whose signal never comes here at program.c" in opaque(report)


def test_shared_memory_by_name_is_no_real_file() -> None:
    text = HANDLED + (
        "int main(void)\n{\n    int file;\n    begin();\n"
        '    file = shm_open("/redactfuzz-test", O_RDWR | O_CREAT | O_EXCL, 0600);'
        "\n    assert(file >= 0 && ftruncate(file, 4096) == 0);\n    unsigned char *shared = mmap(NULL, 4096,"
        " PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);\n    assert(shared != MAP_FAILED);\n    shared[5] = 1;\n"
        '    assert(shm_unlink("/redactfuzz-test") == 0 && shm_unlink("/redactfuzz-test") != 0);\n    return 0;\n}\n'
    )
    assert found(text).verdict.passed
    assert not Path("/dev/shm/redactfuzz-test").exists()


def test_signals_that_every_thread_blocks_reach_who_waits_for_them() -> None:
    text = HANDLED + (
        "static sigset_t all;\nstatic void *wait_for(void *unused)\n{\n    int number = 0;\n"
        "    assert(sigwait(&all, &number) == 0 && number == SIGUSR1);\n    return unused;\n}\n"
        "int main(void)\n{\n    pthread_t thread;\n    struct timespec soon = {0, 1000};\n    begin();\n"
        "    sigemptyset(&all);\n    sigaddset(&all, SIGUSR1);\n    pthread_sigmask(SIG_BLOCK, &all, NULL);\n"
        "    pthread_create(&thread, NULL, wait_for, NULL);\n    kill(getpid(), SIGUSR1);\n"
        "    pthread_join(thread, NULL);\n"
        "    assert(sigtimedwait(&all, NULL, &soon) == -1);\n    kill(getpid(), SIGUSR1);\n"
        "    assert(sigwaitinfo(&all, NULL) == SIGUSR1);\n    return 0;\n}\n"
    )
    report = found(text)
    assert report.verdict.passed, (report.reason, report.finding)


def test_sigsuspend_takes_a_signal_under_its_mask_and_puts_the_mask_back() -> None:
    text = HANDLED + (
        "static volatile int seen;\nstatic void note(int number) { seen = number; }\n"
        "int main(void)\n{\n    sigset_t all, none, now;\n    begin();\n    signal(SIGUSR1, note);\n"
        "    sigemptyset(&none);\n    sigemptyset(&all);\n    sigaddset(&all, SIGUSR1);\n"
        "    sigprocmask(SIG_BLOCK, &all, NULL);\n    raise(SIGUSR1);\n    assert(!seen);\n"
        "    assert(sigsuspend(&none) == -1 && seen == SIGUSR1);\n    sigprocmask(SIG_BLOCK, NULL, &now);\n"
        "    assert(sigismember(&now, SIGUSR1));\n    return 0;\n}\n"
    )
    assert found(text).verdict.passed
