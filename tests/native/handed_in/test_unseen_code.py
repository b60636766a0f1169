"""Code that nobody sees, stacks of the program's own, and cores that are not whole: they are told."""

from __future__ import annotations

import contextlib
import platform
import resource
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import sources
from handing_in import (
    HANDLED,
    HEAD,
    folder,  # noqa: F401  (a fixture)
    found,
    inconclusive,
    opaque,
)

from redactfuzz.campaign.session import spec
from redactfuzz.dumps.producers.core_pattern import Destination
from redactfuzz.model.verdict import Verdict
from redactfuzz.native.drive import driver
from redactfuzz.native.run import real

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(platform.machine() != "x86_64", reason="cores are confirmed on x86-64"),
]


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
