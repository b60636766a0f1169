"""What else than a leak is a bug of a program, and what is told of it: aborts, uncaught exceptions, deadlocks."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Any

import pytest

from redactfuzz import explore, native, token
from redactfuzz.model.finding import Report
from redactfuzz.model.outcome import Bug, BugKind
from redactfuzz.model.schedule import Action
from redactfuzz.model.verdict import Verdict
from redactfuzz.native.drive.control_block import NO_DUMP
from redactfuzz.native.drive.numbers import ORACLES

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(platform.machine() != "x86_64", reason="cores are confirmed on x86-64"),
]

ABORTS = """#include <pthread.h>
#include <stdlib.h>
static _Atomic int x;
static void *adds(void *unused) { x++; return unused; }
static void *checks(void *unused)
{
    if (x == 1) abort();
    return unused;
}
int main(void)
{
    pthread_t first, second;
    pthread_create(&first, NULL, adds, NULL);
    pthread_create(&second, NULL, checks, NULL);
    pthread_join(first, NULL);
    pthread_join(second, NULL);
    return 0;
}
"""
HANDLED = """#include <redactfuzz.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
static unsigned char key[32];
REDACTFUZZ_REDACTOR static void wipe(void) { explicit_bzero(key, sizeof key); }
static void load(void)
{
    const volatile unsigned char *secret = redactfuzz_canary("signing key", sizeof key);
    for (size_t i = 0; i < sizeof key; i++) ((volatile unsigned char *)key)[i] = secret[i];
}
"""
ABORTS_IN_HANDLER = (
    HANDLED
    + """
static void on_crash(int number)
{
    (void)number;
    wipe();
    prctl(PR_SET_DUMPABLE, 1);
    abort(); /* this handler's way to get a core */
}
int main(void)
{
    prctl(PR_SET_DUMPABLE, 0);
    signal(SIGSEGV, on_crash);
    load();
    return 0;
}
"""
)
ABORTS_IN_CHILD = (
    HANDLED
    + """
int main(void)
{
    load();
    wipe();
    if (fork() == 0) abort(); /* a core of a moment, while the process goes on */
    wait(NULL);
    return 0;
}
"""
)
ABORTS_WITH_KEY = (
    HANDLED
    + """
int main(void)
{
    signal(SIGABRT, SIG_DFL);
    load();
    abort();
}
"""
)
THROWS = """#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>
struct Refused : virtual std::runtime_error
{
    explicit Refused(const std::string &what) : std::runtime_error(what) {}
};
static int x;
static void adds(int n) { x += n; }
int main()
{
    std::thread first(adds, 1);
    std::thread second([] {
        if (x == 1) throw THROWN;
    });
    first.join();
    second.join();
}
"""
ABBA = """#include <pthread.h>
static pthread_mutex_t first = PTHREAD_MUTEX_INITIALIZER, second = PTHREAD_MUTEX_INITIALIZER;
static void *forth(void *unused)
{
    pthread_mutex_lock(&first);
    pthread_mutex_lock(&second);
    pthread_mutex_unlock(&second);
    pthread_mutex_unlock(&first);
    return unused;
}
static void *back(void *unused)
{
    pthread_mutex_lock(&second);
    pthread_mutex_lock(&first);
    pthread_mutex_unlock(&first);
    pthread_mutex_unlock(&second);
    return unused;
}
int main(void)
{
    pthread_t one, other;
    pthread_create(&one, NULL, forth, NULL);
    pthread_create(&other, NULL, back, NULL);
    pthread_join(one, NULL);
    pthread_join(other, NULL);
    return 0;
}
"""
UNSAFE_HANDLER = """#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
static void on_crash(int number)
{
    void *report = malloc(10);
    (void)number;
    free(report);
    _exit(1);
}
static void *works(void *unused)
{
    free(malloc(100));
    return unused;
}
int main(void)
{
    pthread_t worker;
    signal(SIGSEGV, on_crash);
    pthread_create(&worker, NULL, works, NULL);
    pthread_join(worker, NULL);
    return 0;
}
"""


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def explored(text: str, name: str = "program.c", **options: Any) -> Report:
    Path(name).write_text(text)
    given = {"seconds": 20.0, "executions": 2_000, **options}
    return explore(native.scenario(Path.cwd() / name, **given))


def bug_of(report: Report) -> Bug:
    assert report.verdict is Verdict.BUG, report.reason
    assert report.finding is not None
    assert report.finding.bug is not None
    return report.finding.bug


# -- abort


@pytest.mark.parametrize("crash", ["SIGSEGV", "kill", "none"])
def test_an_abort_is_a_bug_and_is_told_with_its_line(crash: str) -> None:
    bug = bug_of(explored(ABORTS, crash=crash))
    assert (bug.kind, bug.thread) == (BugKind.ABORT, "checks")
    assert bug.summary == "abort() was called"
    assert bug.detail.startswith("at program.c:7 in checks: if (x == 1) abort();")


def test_an_abort_that_cannot_happen_is_none() -> None:
    report = explored(ABORTS.replace("x == 1", "x == 2"), crash="none", executions=100_000)
    assert report.verdict is Verdict.PROVED, report.reason


def test_an_abort_counts_when_failed_asserts_do() -> None:
    assert explored(ABORTS, oracles=["deadlock"]).verdict.passed
    assert bug_of(explored(ABORTS, oracles=["assert"])).kind is BugKind.ABORT


@pytest.mark.parametrize("text", [ABORTS_IN_HANDLER, ABORTS_IN_CHILD], ids=["handler", "child"])
def test_a_crash_handler_may_end_so_and_a_child_that_is_made_for_its_core(text: str) -> None:
    report = explored(text, crash="SIGSEGV" if "on_crash" in text else "none")
    assert report.verdict.passed, report.reason


def test_the_core_of_an_abort_is_searched_before_it_is_called_a_bug() -> None:
    report = explored(ABORTS_WITH_KEY)
    assert report.verdict is Verdict.LEAK, report.reason
    assert any(note.startswith("confirmed: ") and "the kernel's core" in note for note in report.notes)


# -- exceptions


def thrown(expression: str, **options: Any) -> Report:
    return explored(THROWS.replace("THROWN", expression), "throws.cpp", flags=["-std=c++17"], **options)


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ('std::runtime_error("x is " + std::to_string(x))', "'std::runtime_error': x is 1"),
        ('Refused("by \\xff us")', "'Refused': by ? us"),
        ("x", "'int'"),
    ],
    ids=["standard", "virtual base", "no std::exception"],
)
def test_an_exception_that_nobody_catches_is_a_bug_with_its_own_words(expression: str, says: str) -> None:
    bug = bug_of(thrown(expression))
    assert (bug.kind, bug.thread) == (BugKind.ABORT, "main::{lambda()#1}")
    assert bug.summary == f"terminate called after throwing an instance of {says}"
    assert bug.detail.startswith("its thread was last seen at ")


def test_a_thread_that_is_destroyed_before_it_is_joined_is_told_as_libstdcxx_does() -> None:
    report = explored(THROWS.replace("second.join();", "").replace("throw THROWN", "x = 2"), "throws.cpp")
    assert bug_of(report).summary == "terminate called without an active exception"


def test_an_exception_that_somebody_catches_is_none() -> None:
    text = THROWS.replace("throw THROWN;", "try { throw Refused({}); } catch (const std::runtime_error &) {}")
    assert explored(text, "throws.cpp", crash="none").verdict.passed


def test_a_secret_in_what_reaches_stderr_and_none_of_our_words() -> None:
    options = {"canaries": {"api key": token()}, "env": {"KEY": "api key"}, "crash": "none"}
    expression = 'Refused("no key " + std::string(std::getenv("KEY")))'
    report = thrown(expression, **options)
    assert report.verdict is Verdict.LEAK, report.reason
    assert report.finding is not None
    assert "stderr" in {leak.dump for leak in report.finding.leaks}
    # In legitimate use it is no leak, and what() is shown without it.
    allowed = expression.replace('Refused("', '(redactfuzz_allow("api key"), Refused("') + ")"
    text = THROWS.replace("#include <thread>", "#include <thread>\n#include <redactfuzz.h>").replace("THROWN", allowed)
    bug = bug_of(explored(text, "throws.cpp", **options))
    assert bug.summary.endswith("an instance of 'Refused': no key <canary api key>")


# -- deadlocks


def test_a_deadlock_names_its_locks_and_where_they_were_taken() -> None:
    report = explored(ABBA, crash="none")
    bug = bug_of(report)
    assert bug.kind is BugKind.DEADLOCK
    assert bug.detail.splitlines() == [
        "'main' waits for the end of 'forth', at program.c:24",
        "'forth' waits for a mutex that 'back' holds (global variable second, taken at program.c:13), at program.c:6",
        "'back' waits for a mutex that 'forth' holds (global variable first, taken at program.c:5), at program.c:14",
    ]
    assert bug.thread == "forth"
    assert report.finding is not None
    assert report.finding.preemptions == 1, "the search after it looks for leaks alone, and says nothing of bugs"


def test_a_handler_that_interrupted_malloc_and_calls_it_says_who_holds_the_lock_and_where() -> None:
    report = explored(UNSAFE_HANDLER)
    bug = bug_of(report)
    assert bug.kind is BugKind.DEADLOCK
    assert bug.thread == "works"
    assert (
        "'works' waits for the lock of malloc that it holds itself (taken at program.c:14), in a signal handler"
        " at program.c:7" in bug.detail.splitlines()
    )
    assert report.finding is not None
    crashes = [step for step in report.finding.steps if step.action is Action.CRASH]
    assert len(crashes) == 1, "the second crash has not struck: the execution ended because nobody could go on"


def test_a_thread_starts_at_its_own_routine() -> None:
    report = explored(ABBA, crash="none")
    assert report.finding is not None
    first = {step.thread: step for step in reversed(report.finding.steps)}
    assert [first[name].function for name in ("forth", "back")] == ["forth", "back"]


def test_the_how_to_page_names_every_oracle() -> None:
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "native-programs.md").read_text("utf-8")
    assert all(f"| `{name}` |" in page for name in (*ORACLES, NO_DUMP))


def test_a_pass_says_what_struck_and_which_bugs_counted() -> None:
    report = explored(ABBA, oracles=["assert", "fault"], second_crash=False)
    assert report.verdict.passed, report.reason
    assert report.certificate is not None
    assert report.certificate.inputs[:2] == ("crash SIGSEGV (one alone)", "of bugs only assert, fault")
