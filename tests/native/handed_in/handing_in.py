"""A program of a user, as a test hands it in, and what is said of it."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sources

from redactfuzz import explore, native
from redactfuzz.campaign.checks import confirmation
from redactfuzz.model.finding import Report
from redactfuzz.model.outcome import BugKind
from redactfuzz.model.verdict import Verdict

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


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    work, memory, temporary = (tmp_path / name for name in ("work", "memory", "temporary"))
    for each in (work, memory, temporary):
        each.mkdir()
    monkeypatch.chdir(work)
    monkeypatch.setattr(confirmation, "_IN_MEMORY", memory)
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setenv("TMPDIR", str(temporary))
    before = children()
    yield
    left = [path for place in (memory, temporary) for path in place.rglob("*") if path.is_file()]
    assert {path.name for path in left} <= {"lock"}, "of the folder of this run, which is gone with it"
    assert children() <= before


def children() -> set[tuple[str, str]]:
    """Processes of ours, with their commands. A helper of multiprocessing, of other tests, stays to the end."""
    found = set()
    for number in Path(f"/proc/self/task/{os.getpid()}/children").read_text("ascii").split():
        with contextlib.suppress(OSError):
            found.add((number, Path(f"/proc/{number}/cmdline").read_text("utf-8", "replace")))
    return found
