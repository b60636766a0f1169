"""What a user may hand in that cannot be explored, or only in part: it is told plainly, and leaves nothing behind.

No compiler, and sources that do not compile, are in test_build.py; machines that write no core in test_campaigns.py.
"""

from __future__ import annotations

import contextlib
import os
import platform
import resource
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sources

from redactfuzz import explore, native
from redactfuzz.campaign.checks import confirmation
from redactfuzz.campaign.session import spec
from redactfuzz.dumps.producers.core_pattern import Destination
from redactfuzz.model.finding import Report
from redactfuzz.model.outcome import BugKind
from redactfuzz.model.verdict import Verdict
from redactfuzz.native.drive import driver
from redactfuzz.native.run import real

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(platform.machine() != "x86_64", reason="cores are confirmed on x86-64"),
]

HEAD = sources.HEAD.replace("#include <assert.h>", "#define _GNU_SOURCE\n#include <assert.h>")
HANDLED = (
    HEAD
    + """
#include <dlfcn.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <wchar.h>
static unsigned char key[32], copy[4096];
REDACTFUZZ_REDACTOR static void wipe(void) { memset(key, 0, sizeof key); }
static void on_crash(int number)
{
    wipe();
    signal(number, SIG_DFL);
    raise(number);
}
static void keep(void)
{
    const volatile unsigned char *given = redactfuzz_canary("signing key", sizeof key);
    for (size_t i = 0; i < sizeof key; i++) key[i] = given[i]; /* byte by byte: nothing stays in a vector register */
}
/* Sees to it that the controls have something to see. */
static void begin(void)
{
    signal(SIGSEGV, on_crash);
    redactfuzz_allow("signing key");
    keep();
    wipe();
    redactfuzz_forbid("signing key");
}
"""
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    work, memory, temporary = (tmp_path / name for name in ("work", "memory", "temporary"))
    for each in (work, memory, temporary):
        each.mkdir()
    monkeypatch.chdir(work)
    monkeypatch.setattr(confirmation, "_IN_MEMORY", memory)
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setenv("TMPDIR", str(temporary))
    yield
    left = [path for place in (memory, temporary) for path in place.rglob("*") if path.is_file()]
    assert {path.name for path in left} <= {"lock"}, "of the folder of this run, which is gone with it"
    assert not Path(f"/proc/self/task/{os.getpid()}/children").read_text("ascii").split()


def found(text: str, **options: Any) -> Report:
    Path("program.c").write_text(text)
    given = {"seconds": 20.0, "executions": 500, **options}
    return explore(native.scenario(Path.cwd() / "program.c", **given))


def inconclusive(text: str, **options: Any) -> str:
    """Why it is; the finding of a leak would be wrong."""
    report = found(text, **options)
    assert report.verdict is Verdict.INCONCLUSIVE, (report.verdict, report.reason)
    assert report.reason is not None
    return report.reason.what


def bug(text: str, **options: Any) -> tuple[BugKind, str, str]:
    """Kind, summary and detail of what was found."""
    report = found(text, **options)
    assert report.verdict is Verdict.BUG, (report.verdict, report.reason)
    assert report.finding is not None
    assert report.finding.bug is not None
    return report.finding.bug.kind, report.finding.bug.summary, report.finding.bug.detail


def opaque(report: Report) -> str:
    """What a certificate says that could not be seen."""
    assert report.certificate is not None, report.reason
    return "; ".join(report.certificate.opaque)


# -- nothing to explore, and no end


def test_a_program_without_threads_that_returns_before_the_crash_is_struck_at_its_end() -> None:
    report = found("int main(void) { return 0; }\n")
    assert report.verdict.passed, report.reason
    assert found(HANDLED + "int main(void) { begin(); exit(0); }").verdict.passed
    text = 'int main(void) { begin(); memcpy(copy, redactfuzz_canary("signing key", 32), 32); return 0; }'
    left = found(HANDLED + text)
    assert left.verdict is Verdict.LEAK


ENDLESS = 'static void spin(void) { for (;;) __asm__ volatile(""); }\n'


@pytest.mark.parametrize(
    "text",
    [
        ENDLESS + "int main(void) { spin(); }\n",
        HANDLED + ENDLESS + "static void stuck(int number) { spin(); }\n"
        "int main(void) { begin(); signal(SIGSEGV, stuck); key[0] = 1; return 0; }\n",
    ],
    ids=["main", "handler"],
)
def test_a_loop_that_touches_no_memory_is_a_hang(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(spec, "HANG_SECONDS", 1.0)
    kind, summary, _ = bug(text)
    assert kind is BugKind.HANG
    assert "an endless loop" in summary


def test_a_stack_that_overflows_is_named() -> None:
    text = HEAD + (
        "static int deeper(volatile int *at) { volatile int to[200]; to[0] = *at; return deeper(to) + to[1]; }\n"
        "static void *run(void *unused) { int zero = 0; return (void *)(long)deeper(&zero); }\n"
        "int main(void) { pthread_t thread; pthread_create(&thread, NULL, run, NULL); pthread_join(thread, NULL); }\n"
    )
    kind, summary, detail = bug(text)
    assert (kind, summary) == (BugKind.FAULT, "stack overflow")
    assert "in deeper" in detail


NOWHERE = "((void *)0x123456789000)"


@pytest.mark.parametrize(
    "text",
    [
        f"memcpy({NOWHERE}, key, sizeof key);",
        f"printf((char *)key + 31, strlen({NOWHERE})); write(1, {NOWHERE}, 4);",
        f"free({NOWHERE});",
        f"pthread_mutex_lock({NOWHERE});",
        f"__atomic_fetch_add((int *){NOWHERE}, 1, __ATOMIC_SEQ_CST);",
        f"((void (*)(void)){NOWHERE})();",
    ],
    ids=["memcpy", "write", "free", "mutex", "atomic", "call"],
)
def test_a_pointer_to_nowhere_is_a_fault_of_the_program_wherever_it_is_followed(text: str) -> None:
    kind, summary, detail = bug(HANDLED + f"#include <stdio.h>\nint main(void) {{ {text} return 0; }}\n")
    assert (kind, summary) == (BugKind.FAULT, "Segmentation fault")
    assert "in main" in detail


def test_memory_that_is_given_back_while_another_thread_copies_it_is_a_fault() -> None:
    text = HANDLED + (
        "static unsigned char *pages;\n"
        "static void *copies(void *unused) { memcpy(copy, pages, sizeof copy); return unused; }\n"
        "int main(void)\n{\n    pthread_t thread;\n"
        "    pages = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);\n"
        "    pthread_create(&thread, NULL, copies, NULL);\n    munmap(pages, 4096);\n"
        "    pthread_join(thread, NULL);\n    return 0;\n}\n"
    )
    assert bug(text)[:2] == (BugKind.FAULT, "Segmentation fault")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("keep();", 'canary "signing key" is asked for before main(), by a constructor: ask for it from main() on'),
        ("*(volatile int *)16 = 1;", "Segmentation fault in a constructor of the program, before main()"),
        ('open("log", O_CREAT | O_WRONLY, 0600);', "a constructor of the program opens descriptor 3 before main()"),
        ("mmap(NULL, 1, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);", "maps, protects or advises pages"),
        ('setenv("NAME", "value", 1);', "a constructor of the program adds to the environment before main()"),
    ],
    ids=["canary", "fault", "descriptor", "mapping", "environment"],
)
def test_what_cannot_be_done_before_main_is_said(text: str, says: str) -> None:
    report = found(
        HANDLED + f"__attribute__((constructor)) static void early(void) {{ {text} }}\nint main(void) {{ begin(); }}\n"
    )
    assert report.verdict is Verdict.ERROR
    assert report.reason is not None
    assert says in report.reason.what


def test_a_name_that_no_canary_has_is_listed() -> None:
    report = found(HANDLED + 'int main(void) { begin(); redactfuzz_forbid("singing key"); return 0; }\n')
    assert report.verdict is Verdict.NO_LEAK_FOUND, report.reason
    assert report.certificate is not None
    assert any('no canary has the name "singing key"' in note for note in report.certificate.notes)


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
        ("timer_t timer; timer_create(CLOCK_MONOTONIC, NULL, &timer);", "calls timer_create, which is not carried out"),
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


# -- code that cannot be seen


def test_libraries_and_code_that_is_loaded_are_named_and_rule_out_a_proof() -> None:
    text = HANDLED + (
        "int main(void)\n{\n    double (*cosine)(double);\n    void *handle;\n    begin();\n"
        '    handle = dlopen("libm.so.6", RTLD_NOW);\n    cosine = (double (*)(double))dlsym(handle, "cos");\n'
        "    return cosine(0.0) != 1.0;\n}\n"
    )
    report = found(text)
    assert report.verdict is Verdict.NO_LEAK_FOUND, report.reason
    assert "dlopen loads code that is not instrumented" in opaque(report)
    assert "dlsym is a library function that redactfuzz does not know" in opaque(report)
    assert report.certificate is not None
    assert report.certificate.isolation == "process"


def test_threads_of_a_library_are_noticed() -> None:
    text = HANDLED + (
        '#include <netdb.h>\nint main(void)\n{\n    static struct gaicb ask = {.ar_name = "localhost"};\n'
        "    struct gaicb *list[1] = {&ask};\n    begin();\n    getaddrinfo_a(GAI_NOWAIT, list, 1, NULL);\n"
        "    return 0;\n}\n"
    )
    assert "a library has started threads" in inconclusive(text, oracles=["assert"])


COPIED = (
    'const unsigned char *from = redactfuzz_canary("signing key", 32); unsigned char *to = copy + 2048;'
    ' unsigned long size = 32; __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");'
)


def test_what_inline_assembly_writes_is_found() -> None:
    report = found(HANDLED + f"int main(void) {{ begin(); {COPIED} return 0; }}\n")
    assert report.verdict is Verdict.LEAK, report.reason
    clean = found(HANDLED + f"int main(void) {{ begin(); {COPIED} explicit_bzero(copy, sizeof copy); return 0; }}\n",
                  crash="none")  # fmt: skip
    assert clean.verdict is Verdict.VACUOUS or clean.verdict.passed
    barrier = found(HANDLED + 'int main(void) { begin(); __asm__ volatile("" ::: "memory"); return 0; }\n')
    assert barrier.certificate is not None, barrier.reason
    assert barrier.certificate.isolation == "none"


def test_a_lock_of_inline_assembly_is_no_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spec, "HANG_SECONDS", 1.0)
    text = HEAD + (
        "static int lock, count;\nstatic void *adds(void *unused)\n{\n    int old, now;\n"
        '    do __asm__ volatile("movl $1, %0; xchgl %0, %1" : "=&r"(old), "+m"(lock) : : "memory"); while (old);\n'
        '    now = count;\n    count = now + 1;\n    __asm__ volatile("movl $0, %0" : "+m"(lock) : : "memory");\n'
        "    return unused;\n}\nint main(void)\n{\n    pthread_t thread;\n"
        "    pthread_create(&thread, NULL, adds, NULL);\n    adds(NULL);\n    pthread_join(thread, NULL);\n"
        "    assert(count == 2);\n    return 0;\n}\n"
    )
    said = inconclusive(text)
    assert "an endless loop" in said
    assert "where redactfuzz does not see it: inline assembly at program.c:" in said


def test_what_an_object_file_of_the_users_writes_is_found() -> None:
    Path("other.c").write_text(
        "#include <string.h>\nstatic unsigned char hidden[4096];\n"
        "void hide(const unsigned char *from);\n"
        "void hide(const unsigned char *from) { memcpy(hidden + 2048, from, 32); }\n"
    )
    subprocess.run(["cc", "-fPIC", "-O1", "-c", "other.c", "-o", "other.o"], check=True)
    text = HANDLED + (
        "void hide(const unsigned char *from);\n"
        'int main(void) { begin(); hide(redactfuzz_canary("signing key", 32)); return 0; }\n'
    )
    report = found(text, flags=[str(Path("other.o").absolute())])
    assert report.verdict is Verdict.LEAK, report.reason


STRUCK = """
static unsigned char alternate[65536];
static void nothing(int number) { (void)number; }
static void *work(void *unused)
{
    struct sigaction action = {.sa_handler = nothing, .sa_flags = SA_ONSTACK};
    stack_t stack = {.ss_sp = alternate, .ss_size = sizeof alternate};
    sigaltstack(&stack, NULL);
    sigaction(SIGUSR1, &action, NULL);
    redactfuzz_allow("signing key");
    keep();
    __asm__ volatile("movdqu %0, %%xmm5" : : "m"(*(const unsigned char(*)[16])key) : "xmm5");
    raise(SIGUSR1);
    __asm__ volatile("pxor %%xmm5, %%xmm5" : : : "xmm5");
    wipe();
    stack.ss_flags = SS_DISABLE;
    sigaltstack(&stack, NULL);
    explicit_bzero(alternate, sizeof alternate);
    redactfuzz_forbid("signing key");
    return unused;
}
int main(void)
{
    pthread_t thread;
    begin();
    pthread_create(&thread, NULL, work, NULL);
    pthread_join(thread, NULL);
    return 0;
}
"""


def test_registers_that_a_thread_has_cleared_are_in_no_core_of_ours() -> None:
    """The runtime keeps a copy of those with which a thread was struck: a real death must not show it."""
    report = found(HANDLED + STRUCK)
    assert report.verdict is Verdict.NO_LEAK_FOUND, report.reason
    assert report.certificate is not None
    assert any("really died" in text for text in report.certificate.counts), report.certificate.counts


# -- stacks


OWN_STACK = """
static char stack[65536] __attribute__((aligned(4096)));
static void *work(void *unused)
{
    volatile unsigned char local[2048]; /* deep enough that the end of the thread does not write over it */
    const volatile unsigned char *given = redactfuzz_canary("signing key", 32);
    redactfuzz_allow("signing key");
    for (size_t i = 0; i < 32; i++) local[i] = given[i];
    return unused;
}
int main(void)
{
    pthread_attr_t attributes;
    pthread_t thread;
    begin();
    pthread_attr_init(&attributes);
    pthread_attr_setstack(&attributes, stack, sizeof stack);
    pthread_create(&thread, &attributes, work, NULL);
    pthread_join(thread, NULL);
    WIPE
    redactfuzz_forbid("signing key");
    return 0;
}
"""


def test_what_a_thread_leaves_on_a_stack_of_the_programs_can_be_wiped() -> None:
    wiped = found(HANDLED + OWN_STACK.replace("WIPE", "explicit_bzero(stack, sizeof stack);"), crash="kill")
    assert wiped.verdict is Verdict.NO_LEAK_FOUND, (wiped.verdict, wiped.reason)
    assert wiped.certificate is not None
    assert any("has run on another stack than the program gave it" in note for note in wiped.certificate.notes)
    left = found(HANDLED + OWN_STACK.replace("WIPE", ""), crash="kill")
    assert left.verdict is Verdict.LEAK, left.reason


# -- cores


def test_a_core_that_does_not_fit_confirms_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    write = driver.Driver.write_core

    def small(self: driver.Driver, path: Path, seconds: float) -> bool:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, hard))
        try:
            return write(self, path, seconds)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    monkeypatch.setattr(driver.Driver, "write_core", small)
    monkeypatch.setattr(real, "destination", lambda: Destination("core_pattern hands cores to a program"))
    assert "the core of the stopped process cannot be written" in inconclusive(sources.LEAKY)


def test_a_core_that_the_kernel_cut_off_confirms_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextlib.contextmanager
    def limited(wanted: bool) -> Iterator[None]:
        soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (1 << 16 if wanted else 0, hard))
        yield
        resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))

    monkeypatch.setattr(driver, "_core_limit", limited)
    assert "the kernel's core is cut off" in inconclusive(sources.LEAKY)
