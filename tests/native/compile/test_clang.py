"""Campaigns over programs that clang compiles, where it is installed."""

from __future__ import annotations

import platform
import shutil
from pathlib import Path

import pytest
import sources

from redactfuzz import explore, native
from redactfuzz.model.finding import Report
from redactfuzz.model.verdict import Verdict

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(platform.machine() != "x86_64", reason="cores are confirmed on x86-64"),
    pytest.mark.skipif(shutil.which("clang") is None, reason="clang is NOT CHECKED here: it is not installed"),
]

UNHOOKED = """
#include <assert.h>
#include <pthread.h>

struct job {
    int first, second;
};
long double wide;

static void *other(void *given)
{
    assert(((struct job *)given)->second != 1);
    return NULL;
}

int main(void)
{
    struct job job = {0, 0};
    pthread_t thread;
#ifdef WIDE
    wide = 1;
#endif
    pthread_create(&thread, NULL, other, &job);
#ifdef FIELD
    job.second = 1;
    __asm__ volatile("" ::: "memory");
    job.second = 0;
#endif
    pthread_join(thread, NULL);
    return 0;
}
"""


@pytest.fixture(autouse=True)
def by_clang(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CC", "clang")


def found(text: str, *flags: str, executions: int = 3_000) -> Report:
    Path("rotate.c").write_text(text)
    return explore(native.scenario(Path.cwd() / "rotate.c", flags=flags), seconds=20.0, executions=executions)


def test_it_builds_what_leaks_and_what_is_clean() -> None:
    report = found(sources.LEAKY)
    assert report.verdict is Verdict.LEAK, report.reason
    assert any(note.startswith("confirmed: ") for note in report.notes)
    clean = found(sources.FIXED)
    assert clean.verdict in (Verdict.PROVED, Verdict.NO_LEAK_FOUND), clean.reason
    assert clean.certificate is not None
    assert "clang" in clean.certificate.build


def test_a_field_of_a_local_variable_gets_the_hooks_that_clang_leaves_out() -> None:
    report = found(UNHOOKED, "-DFIELD")
    assert report.verdict is Verdict.BUG, report.reason
    assert found(UNHOOKED).verdict is Verdict.PROVED


def test_a_store_that_clang_puts_no_hook_before_is_named_and_nothing_is_proved() -> None:
    report = found(UNHOOKED, "-DWIDE", executions=200)
    assert report.verdict is Verdict.NO_LEAK_FOUND, report.reason
    assert "the function main writes memory without a hook" in str(report.certificate)
