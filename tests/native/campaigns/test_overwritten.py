"""A driver that dies of a program which wrote over its memory takes nobody along."""

from __future__ import annotations

import platform

import pytest
from campaigning import (
    folder,  # noqa: F401  (a fixture)
    found,
)

from redactfuzz.model.outcome import Outcome
from redactfuzz.native.drive.driver import Ending
from redactfuzz.native.run.batch import DriverBatch

DIES = """#include <redactfuzz.h>
#include <unistd.h>
int main(void)
{
    static unsigned char key[32];
    const unsigned char *from = redactfuzz_canary("key", sizeof key);
    for (unsigned i = 0; i < sizeof key; i++) key[i] = from[i];
    __asm__ volatile("syscall" : : "a"(231), "D"(3) : "rcx", "r11", "memory"); /* exit_group */
    return 0;
}
"""
OVER = "the program wrote over the driver's memory"


@pytest.mark.skipif(platform.machine() != "x86_64", reason="its system call is one of x86-64")
@pytest.mark.parametrize("value", [None, 255, 0])
def test_what_was_written_over_is_not_followed(value: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    lost = DriverBatch.lost

    def overwritten(run: DriverBatch, ending: Ending) -> Outcome:
        if value is not None:
            size = len(run._core.memory)
            run._core.memory[:] = bytes([value]) * size
        return lost(run, ending)

    monkeypatch.setattr(DriverBatch, "lost", overwritten)
    report = found(DIES, executions=20, isolation="none")
    assert report.finding is not None
    assert report.finding.bug is not None
    said = report.finding.bug.summary
    assert (OVER in said) is (value is not None), said
