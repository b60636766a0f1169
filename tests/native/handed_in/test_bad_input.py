"""What a user may hand in that cannot be explored, or only in part: it is told plainly, and leaves nothing behind.

No compiler, and sources that do not compile, are in test_build.py; machines that write no core in test_campaigns.py.
"""

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

from redactfuzz.campaign.session import spec
from redactfuzz.model.outcome import BugKind
from redactfuzz.model.verdict import Verdict

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(platform.machine() != "x86_64", reason="cores are confirmed on x86-64"),
]


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
