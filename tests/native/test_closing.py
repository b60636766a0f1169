"""A driver in the middle of a search is ended when its batch is closed, and not waited for."""

from __future__ import annotations

import itertools
import signal
import subprocess

import pytest
from modelled import ANY, LIMITS, SECONDS, built
from test_reduction import drawn

from redactfuzz.native.compile import build
from redactfuzz.native.compile.compiler import toolchain
from redactfuzz.native.compile.shared import Shared
from redactfuzz.native.drive import driver as driving
from redactfuzz.native.drive.control_block import ControlBlock, DriverConfig
from redactfuzz.native.drive.driver import Command, Driver
from redactfuzz.native.drive.vault import Vault
from redactfuzz.schedule.engine import Engine, size_of

pytestmark = pytest.mark.once


def test_one_that_searches_is_not_waited_for_when_it_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    given, wait = [], subprocess.Popen.wait

    def waits(process: subprocess.Popen[str], timeout: float | None = None) -> int:
        given.append(timeout)
        return wait(process, timeout)

    monkeypatch.setattr(subprocess.Popen, "wait", waits)
    with Shared("core", size_of([ANY], **LIMITS)) as core:
        Engine([ANY], 7, memory=core.memory, **LIMITS)
        vault, control_block = Vault(()), ControlBlock()
        control_block.configure(DriverConfig(crash="none", executions=2**40, seconds=3600.0))
        command = Command(build.driver(toolchain()), built("drawn.c").path, drawn(0, "none").threads)
        process = Driver(command, control_block, vault.shared.descriptor, core.descriptor)
        try:
            events = itertools.takewhile(lambda _: control_block.execution < 3, process.events(SECONDS))
            assert all(event is None for event in events)
        finally:
            given.clear()  # of the compiler
            process.close()
            vault.close()
            control_block.close()
    assert given == [driving._CLOSING_SECONDS, None]  # None: after it was killed
    assert process.ending is not None
    assert process.ending.status == -signal.SIGKILL
