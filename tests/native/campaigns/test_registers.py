"""What registers hold is in the core, of threads that are not struck as well."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest
import sources
from campaigning import (
    folder,  # noqa: F401  (a fixture)
    found,
)

from redactfuzz.dumps.producers.core_pattern import Destination
from redactfuzz.model.verdict import Verdict
from redactfuzz.native.run import real

pytestmark = pytest.mark.skipif(platform.machine() != "x86_64", reason="cores are confirmed on x86-64")


HOLDS = (
    sources.HEAD
    + """#include <semaphore.h>
static unsigned char key[16];
static sem_t loaded, never;
REDACTFUZZ_REDACTOR static void wipe(void) { for (int i = 0; i < 16; i++) ((volatile unsigned char *)key)[i] = 0; }
static void *hold(void *unused)
{
    __asm__ volatile("LOAD" : : "m"(key));
    wipe();
    CLEAR
    sem_post(&loaded);
    sem_wait(&never);
    return unused;
}
int main(void)
{
    pthread_t thread;
    redactfuzz_allow("key");
    const volatile unsigned char *given = redactfuzz_canary("key", sizeof key);
    for (int i = 0; i < 16; i++) key[i] = given[i];
    sem_init(&loaded, 0, 0);
    sem_init(&never, 0, 0);
    pthread_create(&thread, NULL, hold, NULL);
    sem_wait(&loaded);
    redactfuzz_forbid("key");
    return 0;
}
"""
)
"""The key is in a register of a thread that waits, and the main thread is struck."""


SSE = ("movdqu %0, %%xmm15", "pxor %%xmm15, %%xmm15")
HIGHEST = ("vmovdqu32 %0, %%xmm31", "vpxord %%zmm31, %%zmm31, %%zmm31")
"""Of AVX-512, which some processors have."""


@pytest.mark.parametrize(
    ("where", "load", "clear"),
    [
        ("the kernel's core", *SSE),
        ("the core that redactfuzz wrote itself", *SSE),
        ("the kernel's core", *(HIGHEST if "avx512vl" in Path("/proc/cpuinfo").read_text() else SSE)),
    ],
)
def test_registers_of_threads_that_are_not_struck_are_in_the_core(
    where: str, load: str, clear: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "itself" in where:
        monkeypatch.setattr(real, "destination", lambda: Destination("core_pattern hands cores to a program"))
    holds = HOLDS.replace("LOAD", load)
    report = found(holds.replace("CLEAR", ""))
    assert report.verdict is Verdict.LEAK, report.reason
    assert report.finding is not None
    assert [leak.where for leak in report.finding.leaks] == ["registers of 'hold'"]
    assert any("confirmed: " in note and where in note for note in report.notes), report.notes
    cleared = found(holds.replace("CLEAR", f'__asm__ volatile("{clear}" : :);'), executions=200)
    assert cleared.verdict in (Verdict.PROVED, Verdict.NO_LEAK_FOUND), cleared.reason


FRAME = (
    "#define _GNU_SOURCE\n"
    + sources.HEAD
    + """#include <ucontext.h>
static void look(int number, siginfo_t *info, void *context)
{
    const unsigned char *area = (const void *)((ucontext_t *)context)->uc_mcontext.fpregs;
    struct _fpx_sw_bytes told;
    unsigned end;
    memcpy(&told, area + 464, sizeof told);
    assert(told.magic1 == FP_XSTATE_MAGIC1 && told.extended_size == told.xstate_size + sizeof end);
    memcpy(&end, area + told.xstate_size, sizeof end);
    assert(end == FP_XSTATE_MAGIC2);
    assert(memcmp(area + 512, &told.xstate_bv, sizeof told.xstate_bv) == 0);
}
static void *thread(void *unused) { return unused; }
int main(void)
{
    struct sigaction action = {.sa_sigaction = look, .sa_flags = SA_SIGINFO};
    pthread_t other;
    sigaction(SIGUSR1, &action, NULL);
    pthread_create(&other, NULL, thread, NULL);
    raise(SIGUSR1);
    pthread_join(other, NULL);
    return 0;
}
"""
)


def test_a_handler_learns_where_the_vector_registers_in_its_frame_end() -> None:
    """One that wipes them asks the frame how far they go."""
    report = found(FRAME, crash="none")
    assert report.verdict is Verdict.PROVED, report.reason or report.finding
