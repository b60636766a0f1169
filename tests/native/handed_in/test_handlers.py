"""Handlers of signals, and jumps out of them."""

from __future__ import annotations

import platform

import pytest
from handing_in import (
    HANDLED,
    HEAD,
    bug,
    folder,  # noqa: F401  (a fixture)
    found,
)

from redactfuzz.model.outcome import BugKind
from redactfuzz.model.verdict import Verdict

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(platform.machine() != "x86_64", reason="cores are confirmed on x86-64"),
]


# -- handlers


def test_malloc_in_a_handler_that_interrupted_malloc_is_a_deadlock() -> None:
    text = HANDLED + (
        "static void unsafe(int number) { free(malloc(10)); on_crash(number); }\n"
        "int main(void) { begin(); signal(SIGSEGV, unsafe); free(malloc(100)); return 0; }\n"
    )
    kind, summary, detail = bug(text)
    assert (kind, summary) == (BugKind.DEADLOCK, "deadlock of main")
    assert "'main' waits for the lock of malloc that it holds itself" in detail


JUMPS = HANDLED + (
    "static sigjmp_buf place; static volatile sig_atomic_t jumped;\n"
    "static void back(int number) { jumped++; siglongjmp(place, 1); }\n"
)


def test_a_handler_that_jumps_out_leaves_the_signal_unblocked() -> None:
    text = JUMPS + (
        "int main(void)\n{\n    sigset_t now;\n    begin();\n    signal(SIGUSR1, back);\n"
        "    for (volatile int i = 0; i < 6; i++) {\n        if (sigsetjmp(place, 1) == 0) raise(SIGUSR1);\n"
        "        sigprocmask(SIG_BLOCK, NULL, &now);\n        assert(!sigismember(&now, SIGUSR1));\n    }\n"
        "    assert(jumped == 6);\n    return 0;\n}\n"
    )
    report = found(text)
    assert report.verdict.passed, (report.verdict, report.reason, report.finding)
    assert report.certificate is not None
    assert report.certificate.isolation == "none"


def test_a_jump_that_keeps_no_mask_leaves_the_signal_blocked() -> None:
    text = JUMPS + (
        "int main(void)\n{\n    sigset_t now;\n    begin();\n    signal(SIGUSR1, back);\n"
        "    if (sigsetjmp(place, 0) == 0) raise(SIGUSR1);\n    sigprocmask(SIG_BLOCK, NULL, &now);\n"
        "    assert(sigismember(&now, SIGUSR1));\n    return 0;\n}\n"
    )
    assert found(text).verdict.passed


BUFFERS = HEAD + "#include <setjmp.h>\nstatic jmp_buf place;\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "static void *jump(void *unused) { longjmp(place, 1); return unused; }\n"
            "int main(void) { pthread_t thread; if (setjmp(place) == 0) { pthread_create(&thread, NULL, jump, NULL);"
            " pthread_join(thread, NULL); } return 0; }\n",
            "longjmp into a function of another thread",
        ),
        (
            "static int set(void) { volatile char room[256]; room[0] = 1; return setjmp(place) + room[0]; }\n"
            "int main(void) { if (set() == 1) longjmp(place, 1); return 0; }\n",
            "longjmp into a function that has returned",
        ),
        ("int main(void) { longjmp(place, 1); }\n", "longjmp to where no setjmp was called"),
    ],
    ids=["thread", "returned", "unset"],
)
def test_a_jump_to_where_nobody_is_is_misuse(text: str, says: str) -> None:
    kind, summary, _ = bug(BUFFERS + text)
    assert (kind, summary) == (BugKind.MISUSE, says)


# -- a signal that others send

SENT = """
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <redactfuzz.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>
static unsigned char key[16];
REDACTFUZZ_REDACTOR static void redact(void) { explicit_bzero(key, sizeof key); }
static void on_term(int number)
{
    int file = open("report", O_WRONLY | O_CREAT, 0600);
    redact();
    if (number == 0 || write(file, key, sizeof key) != sizeof key || write(file, "end", 3) != 3) _exit(2);
    _exit(1);
}
int main(void)
{
    const unsigned char *from = redactfuzz_canary("key", sizeof key);
    MASKS
    signal(SIGTERM, on_term);
    for (size_t i = 0; i < sizeof key; i++) key[i] = from[i];
    redact();
    return 0;
}
"""
MASKS = "sigset_t all; sigfillset(&all); sigprocmask(SIG_BLOCK, &all, NULL); sigprocmask(SIG_UNBLOCK, &all, NULL);"


def test_a_signal_that_others_send_is_no_proof_where_it_may_be_blocked() -> None:
    """What is pending, or comes to a thread that waits, is not explored; a fault cannot be blocked, and is proved."""
    options = {"executions": 20_000, "strategy": "dpor"}
    masked = found(SENT.replace("MASKS", MASKS), crash="SIGTERM", **options)
    assert masked.verdict is not Verdict.PROVED
    assert masked.certificate is not None
    assert "one that is blocked and pending, that sigprocmask takes" in "; ".join(masked.certificate.notes)
    plain = found(SENT.replace("MASKS", ""), crash="SIGTERM", **options)
    assert plain.verdict is Verdict.PROVED, plain.reason
