"""What is told of a leaked byte's past: where it lies, who wrote it last, what led there, when the redactor ran."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Any

import pytest

from redactfuzz import explore, native
from redactfuzz.model.finding import Finding
from redactfuzz.model.verdict import Verdict

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(platform.machine() != "x86_64", reason="cores are confirmed on x86-64"),
]

HEAD = """#include <fcntl.h>
#include <pthread.h>
#include <redactfuzz.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
enum { KEY = 32 };
static const unsigned char *secret(void) { return redactfuzz_canary("key", KEY); }
static void load(volatile unsigned char *to, const volatile unsigned char *from)
{
    for (int i = 0; i < KEY; i++) to[i] = from[i]; /* LOAD */
}
"""
MAIN = """
int main(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, work, NULL);
    pthread_join(thread, NULL);
    return 0;
}
"""
GLOBAL = """
static unsigned char keys[2][KEY];
unsigned char *listed;
REDACTFUZZ_REDACTOR static void redact(void) { if (listed) explicit_bzero(listed, KEY); } /* REDACT */
static void *work(void *unused)
{
    load(keys[1], secret());
    listed = keys[1]; /* LIST */
    redact();
    return unused;
}
"""
REWRITTEN = """
static unsigned char key[KEY];
REDACTFUZZ_REDACTOR static void redact(void)
{
    for (int i = 0; i < KEY; i++) ((volatile unsigned char *)key)[i] = 0; /* WIPE */
}
static void *work(void *unused)
{
    load(key, secret());
    redact();
    load(key, secret());
    return unused;
}
"""
HEAP = """
unsigned char *listed;
static void *work(void *unused)
{
    unsigned char *copy = malloc(48); /* ALLOCATE */
    listed = copy; /* LIST */
    load(copy + 16, secret());
    free(copy); /* FREE */
    return unused;
}
"""
STACK = """
static void *work(void *unused)
{
    unsigned char copy[KEY];
    load(copy, secret());
    explicit_bzero(copy, KEY);
    return unused;
}
"""
MAPPED = """
static void *work(void *unused)
{
    unsigned char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); /* MAP */
    load(page, secret());
    munmap(page, 4096);
    return unused;
}
"""
WRITTEN = """
static void *work(void *unused)
{
    FILE *log = fopen("log", "w");
    fprintf(log, "a line that comes before it\\n");
    fwrite(secret(), 1, KEY, log);
    fclose(log); /* FLUSH */
    return unused;
}
"""
FRAME = """
static char alternate[16384] __attribute__((aligned(64)));
static void handle(int number) { (void)number; for (int i = 0; i < 3; i++) ((volatile char *)alternate)[0] = 1; }
static void *work(void *unused)
{
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_ONSTACK};
    stack_t stack = {.ss_sp = alternate, .ss_size = sizeof alternate};
    const unsigned char *key = secret();
    sigaltstack(&stack, NULL);
    sigaction(SIGUSR1, &action, NULL);
    __asm__ volatile("movdqu (%0), %%xmm5" ::"r"(key) : "xmm5");
    raise(SIGUSR1); /* STRUCK */
    __asm__ volatile("pxor %%xmm5, %%xmm5" ::: "xmm5");
    return unused;
}
"""


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def line(mark: str) -> str:
    """The place of the line that bears a mark."""
    (number,) = [n for n, text in enumerate(Path("work.c").read_text().splitlines(), 1) if f"/* {mark} */" in text]
    return f"work.c:{number}"


def leaky(text: str, **options: Any) -> Finding:
    Path("work.c").write_text(HEAD + text + MAIN)
    given = {"crash": "kill", "seconds": 20.0, "executions": 3_000, **options}
    report = explore(native.scenario(Path.cwd() / "work.c", **given))
    assert report.verdict is Verdict.LEAK, report.reason
    assert report.finding is not None
    return report.finding


def told(finding: Finding, dump: str = "core") -> str:
    return next(leak.where for leak in finding.leaks if leak.dump == dump)


def step_at(finding: Finding, mark: str) -> int:
    """The number in the table of the last step at a marked line."""
    number = int(line(mark).partition(":")[2])
    return max(step.index for step in finding.steps if step.line == number and step.action is None) + 1


def test_static_memory_by_name_with_its_writer_the_word_that_lists_it_and_the_redactor() -> None:
    finding = leaky(GLOBAL)
    assert told(finding) == (
        f"global variable keys+32; last written at {line('LOAD')} by 'work' (step {step_at(finding, 'LOAD')});"
        f" its address is in global variable listed, stored at {line('LIST')} by 'work'"
        f" (step {step_at(finding, 'LIST')});"
        f" the redactor ran in step {step_at(finding, 'REDACT')}"
    )


def test_what_is_listed_by_the_time_of_the_crash_says_since_when() -> None:
    text = GLOBAL.replace("    redact();\n", "    keys[0][0] = 1; /* CRASH */\n    keys[0][1] = 1;\n    redact();\n")
    finding = leaky(text.replace("if (listed) explicit_bzero(listed, KEY)", "keys[0][2] = 1"))
    assert f"its address is in global variable listed, stored at {line('LIST')} by 'work'" in told(finding)


def test_a_secret_that_came_again_after_it_was_wiped_says_so() -> None:
    text = REWRITTEN.replace(
        "load(key, secret());\n    redact", 'redactfuzz_allow("key");\n    load(key, secret());\n    redact'
    )
    finding = leaky(text.replace("redact();\n", 'redact();\n    redactfuzz_forbid("key");\n'))
    assert f"last written at {line('LOAD')} by 'work'" in told(finding)
    assert f", after the redactor had written there at {line('WIPE')}" in told(finding)


def test_a_block_of_the_heap_with_who_allocated_and_freed_it() -> None:
    where = told(leaky(HEAP, crash="SIGSEGV"))
    assert where.startswith(f"heap block of 48 bytes allocated at {line('ALLOCATE')} by 'work'")
    assert f"last written at {line('LOAD')} by 'work'" in where
    assert f"its address is in global variable listed, stored at {line('LIST')} by 'work'" in where
    assert f", freed at {line('FREE')} by 'work'; " in where


def test_a_stack_says_whose_it_is() -> None:
    assert told(leaky(STACK)) == f"stack of 'work'; last written at {line('LOAD')} by 'work'"


def test_mapped_memory_says_who_mapped_it() -> None:
    finding = leaky(MAPPED)
    assert told(finding).startswith(
        f"memory mapped at {line('MAP')} by 'work' (step {step_at(finding, 'MAP')}); last written"
    )


def test_bytes_of_a_file_say_who_wrote_them() -> None:
    finding = leaky(WRITTEN, crash="none")
    assert told(finding, "log").startswith(f"in the file; last written at {line('FLUSH')} by 'work'")


def test_registers_in_a_signal_frame_say_who_was_struck_and_where() -> None:
    finding = leaky(FRAME, flags=["-O2"])
    frames = [leak.where for leak in finding.leaks if "when it was struck" in leak.where]
    assert frames == [
        f"global variable alternate+{frames[0].partition('+')[2].partition(':')[0]}: registers of 'work'"
        f" when it was struck at {line('STRUCK')}"
    ]


@pytest.mark.parametrize("target", ["mid_memset", "unprotect_before_wipe"])
def test_a_store_that_is_still_to_come_is_not_the_last_one(target: str) -> None:
    source = Path(__file__).parents[2] / "targets" / "native" / target / "vulnerable.c"
    report = explore(native.scenario(source, seed=1, flags=["-O2"], seconds=60.0))
    assert report.finding is not None
    text = source.read_text().splitlines()
    for leak in report.finding.leaks:
        number = int(leak.where.partition("last written at vulnerable.c:")[2].partition(" ")[0])
        assert "= from[i]" in text[number - 1] or "= key[i]" in text[number - 1], text[number - 1]
