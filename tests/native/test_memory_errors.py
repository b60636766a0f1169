"""An access of the heap outside of live blocks, or of an ended frame, is a bug; right code beside it is none."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Any

import pytest

from redactfuzz import explore, native
from redactfuzz.model.finding import Report
from redactfuzz.model.outcome import BugKind
from redactfuzz.model.verdict import Verdict

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(platform.machine() != "x86_64", reason="cores are confirmed on x86-64"),
]

SESSIONS = """#include <pthread.h>
#include <stdlib.h>
struct session { int id; int users; char name[40]; };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct session *current;
static int sum;
static void *uses(void *unused)
{
    pthread_mutex_lock(&lock);
    struct session *s = current;
    EARLY
    if (s != NULL) sum += s->users;
    LATE
    return unused;
}
static void *ends(void *unused)
{
    pthread_mutex_lock(&lock);
    struct session *s = current;
    current = NULL;
    pthread_mutex_unlock(&lock);
    free(s);
    return unused;
}
int main(void)
{
    pthread_t one, other;
    current = calloc(1, sizeof *current);
    pthread_create(&one, NULL, uses, NULL);
    pthread_create(&other, NULL, ends, NULL);
    pthread_join(one, NULL);
    pthread_join(other, NULL);
    return 0;
}
"""
TARGETS = Path(__file__).parents[2] / "targets" / "native"
UNLOCK = "pthread_mutex_unlock(&lock);"
BLOCKS = """#include <malloc.h>
#include <stdlib.h>
#include <string.h>
struct pair { char text[20]; int number; };
static volatile int length;
static char other[100];
int main(void)
{
    int three = 3;
    __asm__ volatile("" : "+r"(three)); /* the compiler knows nothing of it */
    int *numbers = malloc(three * sizeof *numbers);
    char *text = malloc(24 + three - 3);
    for (int i = 0; i < three; i++) numbers[i] = i;
    memset(text, 'x', 24);
    DOES
    free(text);
    free(numbers);
    return 0;
}
"""
WRONG = {
    "one int beyond": ("numbers[three] = 1;", "memory beyond a heap block is written: 4 bytes"),
    "one int before": ("length = numbers[-three / 3];", "memory beyond a heap block is read: 4 bytes"),
    "a fill": ("memset(text, 0, 22 + three);", "memory beyond a heap block is written: 25 bytes"),
    "a copy": ("memcpy(other, text, 22 + three);", "memory beyond a heap block is read: 25 bytes"),
    "a text": ("length = (int)strlen(text);", "memory beyond a heap block is read: "),
    "shrunk": ("numbers = realloc(numbers, 4); numbers[1] = 1;", "memory beyond a heap block is written: 4 bytes"),
    "freed text": ("free(text); length = strcmp(text, other); text = NULL;", "a heap block that was freed is read"),
}  # fmt: skip
RIGHT = {
    "its last": "numbers[three - 1] = 1; text[23] = 0; length = (int)strlen(text);",
    "usable": "length = (int)malloc_usable_size(numbers); numbers[length / 4 - 1] = 1;",
    "grown": "numbers = realloc(numbers, 100); numbers[24] = 1; text = realloc(text, 200000); text[199999] = 1;",
    "given again": "free(text); text = malloc(20); memset(text, 0, 20); text = realloc(text, 24); text[23] = 0;",
    "aligned": "void *at; free(text); if (posix_memalign(&at, 64, 65)) abort(); memset(at, 1, 65); text = at;",
    "a word of a text": "text = realloc(text, 13); text[12] = 0; length = (int)*(volatile unsigned long *)(text + 8);",
}
FRAMES = """#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <time.h>
static sem_t done;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static jmp_buf back;
static int *volatile where;
static volatile int sum;
static volatile char *pad;
static void deep(int n) { volatile char room[400]; pad = room; room[n] = 1; sum += room[n]; }
static void handles(int number) { where[0] = where[99] = number; }
static void *other(void *given)
{
    OTHER
    return given;
}
__attribute__((noinline)) static void waits(void)
{
    int result[INTS] = {0};
    pthread_t thread;
    where = result;
    STARTS
    WAITS
}
int main(void)
{
    sem_init(&done, 0, 0);
    waits();
    deep(1);
    AFTER
    return 0;
}
"""
START = "pthread_create(&thread, NULL, other, NULL); pthread_detach(thread);"
TIMED = "struct timespec soon = {0}; sem_timedwait(&done, &soon);"
ENDED = {
    "a store into the frame of a caller that does not wait": ("*where = 1;", START, "", ""),
    "a fill of it": ("memset(where, 1, 100);", START, "", ""),
    "a read of it": ("sum = *where;", START, "", ""),
    "a store after it waited for a limited time": ("*where = 1; sem_post(&done);", START, TIMED, ""),
    "a store after it says that it is done": ("sem_post(&done); *where = 1;", START, "sem_wait(&done);", ""),
    "a pointer of its own": ("", "", "", "deep(2); *where = 1;"),
    "a store into the stack of a thread that has ended": (
        "int mine = 0; where = &mine;",
        "pthread_create(&thread, NULL, other, NULL); pthread_join(thread, NULL);",
        "*where = 1;",
        "",
    ),
}  # fmt: skip
ALIVE = {
    "it says when it is done": ("*where = 1; sem_post(&done);", START, "sem_wait(&done);", ""),
    "both hold a lock, and a null pointer says that the frame has ended": (
        "pthread_mutex_lock(&lock); if (where != NULL) *where = 1; pthread_mutex_unlock(&lock);",
        START,
        "pthread_mutex_lock(&lock); where = NULL; pthread_mutex_unlock(&lock);",
        "",
    ),
    "it is in a call that is deeper": ("*where = 1; sem_post(&done);", START, "deep(3); sem_wait(&done); deep(4);", ""),
    "a handler runs in an array of the frame": (
        "",
        "char room[65536]; stack_t stack = {.ss_sp = room, .ss_size = sizeof room}; sigaltstack(&stack, NULL);"
        " struct sigaction action = {.sa_handler = handles, .sa_flags = SA_ONSTACK};"
        " sigaction(SIGUSR1, &action, NULL);",
        "int low[100]; where = low; raise(SIGUSR1); sum = low[0]; where = result; raise(SIGUSR1); sum = result[99];",
        "",
    ),
    "a jump out of a deeper call": (
        "",
        "if (setjmp(back) == 0) { deep(5); longjmp(back, 1); }",
        "result[99] = 1; sum = result[99];",
        "",
    ),
}  # fmt: skip


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def explored(text: str, **options: Any) -> Report:
    Path("program.c").write_text(text)
    given = {"seconds": 20.0, "executions": 2_000, "crash": "none", **options}
    return explore(native.scenario(Path.cwd() / "program.c", **given))


def test_a_use_after_free_by_another_thread_is_told_with_both_places() -> None:
    report = explored(SESSIONS.replace("EARLY", UNLOCK).replace("LATE", ""))
    assert report.verdict is Verdict.BUG, report.reason
    assert report.finding is not None
    assert report.finding.bug is not None
    bug = report.finding.bug
    assert (bug.kind, bug.thread) == (BugKind.MEMORY, "uses")
    assert bug.summary == "a heap block that was freed is read: 4 bytes"
    assert bug.detail.splitlines()[:2] == [
        "at program.c:12 in uses: if (s != NULL) sum += s->users;",
        "heap block of 48 bytes allocated at program.c:28 by 'main', freed at program.c:22 by 'ends'",
    ]
    assert report.finding.preemptions == 1


def test_a_use_that_the_lock_keeps_apart_is_proved() -> None:
    report = explored(SESSIONS.replace("EARLY", "").replace("LATE", UNLOCK), executions=100_000)
    assert report.verdict is Verdict.PROVED, report.reason


def test_other_oracles_alone_leave_it_out() -> None:
    assert explored(SESSIONS.replace("EARLY", UNLOCK).replace("LATE", ""), oracles=["deadlock"]).verdict.passed


def test_what_leaks_after_a_memory_error_is_found() -> None:
    vulnerable = (TARGETS / "free_without_wipe" / "vulnerable.c").read_text()
    before = "int main(void)\n{\n"
    assert before in vulnerable
    error = f"{before}    volatile char *volatile gone = malloc(40);\n    free((void *)gone);\n    gone[20] = 1;\n"
    report = explored(vulnerable.replace(before, error), crash="SIGSEGV")
    assert report.verdict is Verdict.LEAK, report.reason


@pytest.mark.parametrize(("does", "says"), WRONG.values(), ids=WRONG)
def test_what_lies_in_no_live_block_must_not_be_touched(does: str, says: str) -> None:
    report = explored(BLOCKS.replace("DOES", does), flags=["-O0", "-fno-builtin"])
    assert report.verdict is Verdict.BUG, report.reason
    assert report.finding is not None
    assert report.finding.bug is not None
    assert report.finding.bug.kind is BugKind.MEMORY
    assert report.finding.bug.summary.startswith(says)


@pytest.mark.parametrize("does", RIGHT.values(), ids=RIGHT)
def test_what_lies_in_a_live_block_may_be_touched(does: str) -> None:
    report = explored(BLOCKS.replace("DOES", does), flags=["-O0", "-fno-builtin"])
    assert report.verdict.passed, report.reason


def with_frames(does: tuple[str, str, str, str]) -> str:
    text = FRAMES
    for place, code in zip(("OTHER", "STARTS", "WAITS", "AFTER"), does, strict=True):
        text = text.replace(f"    {place}\n", f"    {code}\n")
    return text


@pytest.mark.parametrize("flags", ["-O0", "-O2"])
@pytest.mark.parametrize("does", ENDED.values(), ids=ENDED)
def test_a_stack_frame_that_has_ended_must_not_be_touched(does: tuple[str, str, str, str], flags: str) -> None:
    report = explored(with_frames(does), flags=[flags, "-fno-builtin", "-DINTS=100"])
    assert report.verdict is Verdict.BUG, report.reason
    assert report.finding is not None
    assert report.finding.bug is not None
    assert report.finding.bug.kind is BugKind.MEMORY
    assert report.finding.bug.summary.startswith("a stack frame that has ended is ")


@pytest.mark.parametrize("strategy", ["default", "dpor"])
@pytest.mark.parametrize("flags", ["-O0", "-O2"])
@pytest.mark.parametrize("does", ALIVE.values(), ids=ALIVE)
def test_a_live_stack_frame_may_be_touched(does: tuple[str, str, str, str], flags: str, strategy: str) -> None:
    flags_of = [flags, "-fno-builtin", "-DINTS=100"]
    report = explored(with_frames(does), flags=flags_of, strategy=strategy, executions=100_000)
    # Nobody reports what a jump touches, so a reduction alone proves nothing about it.
    proved = "longjmp" not in "".join(does) or strategy != "dpor"
    assert report.verdict is (Verdict.PROVED if proved else Verdict.NO_LEAK_FOUND), report.reason


@pytest.mark.parametrize("does", [one for name, one in ENDED.items() if "fill" not in name])
def test_a_frame_of_two_integers_that_has_ended_must_not_be_touched(does: tuple[str, str, str, str]) -> None:
    """It lies right below the frame of its caller."""
    report = explored(with_frames(does), flags=["-O2", "-fno-builtin", "-DINTS=2"])
    assert report.verdict is Verdict.BUG, report.reason
    assert report.finding is not None
    assert report.finding.bug is not None
    assert report.finding.bug.summary.startswith("a stack frame that has ended is ")
