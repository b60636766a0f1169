"""The machines that native programs can be explored on here: this one, aarch64 emulated, and any, by ucontext."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from redactfuzz.model.canary import mint, raw
from redactfuzz.model.plan import Stage
from redactfuzz.native.compile import build
from redactfuzz.native.compile.build import BuildRequest
from redactfuzz.native.compile.compiler import Toolchain, toolchain
from redactfuzz.native.compile.shared import Shared
from redactfuzz.native.drive.control_block import ControlBlock, DriverConfig
from redactfuzz.native.drive.driver import Command, Driver, plain_environment
from redactfuzz.native.drive.events import Ended, RawExecution
from redactfuzz.native.drive.numbers import Where
from redactfuzz.native.drive.vault import Delivery, Vault, Way
from redactfuzz.native.explain.sites import Sites
from redactfuzz.schedule.engine import Engine, size_of

ROOT = Path(__file__).parents[2]
PROGRAMS = {path.name: path for path in (ROOT / "tests" / "native" / "programs").glob("*/*")}
"""By name."""
TARGETS = ROOT / "targets" / "native"
RUNTIME = ROOT / "redactfuzz" / "native" / "runtime"
LIMITS = {"threads": 1024, "steps": 200_000, "frontier": 16 << 20, "replay": 0}
SECONDS = 300.0
"""An emulated execution takes about twenty times as long; no result depends on it."""
CROSS = "aarch64-linux-gnu-"
EMULATOR = "qemu-aarch64"
LIBRARIES = Path("/usr/aarch64-linux-gnu")
MISSING = [tool for tool in (f"{CROSS}gcc", f"{CROSS}g++", f"{CROSS}objcopy", EMULATOR) if shutil.which(tool) is None]


@attrs.frozen
class Machine:
    """Where programs are built for, and how they are run."""

    name: str
    tools: Toolchain
    defines: tuple[str, ...] = ()
    emulator: tuple[str, ...] = ()
    environment: Mapping[str, str] = attrs.field(factory=dict, hash=False)
    """Of the driver."""

    def program(self, path: Path, folder: Path) -> Path:
        """An executable of this machine as one that runs here: a script that starts the emulator."""
        if not self.emulator:
            return path
        script = folder / path.name
        script.write_text(f'#!/bin/sh\nexec {" ".join(self.emulator)} {path} "$@"\n')
        script.chmod(0o755)
        return script


@attrs.frozen
class Found:
    """What a batch came to. Two machines agree when these are equal."""

    executions: int
    steps: int
    leaks: int
    bugs: int
    dumps: int
    exhausted: bool
    summaries: frozenset[str]
    """Of bugs."""
    seen: frozenset[tuple[int, int, Where]]
    """Canary, encoding and place of each leak."""
    redactions: int = attrs.field(eq=False)
    counted: frozenset[str] = attrs.field(eq=False)
    problems: frozenset[str] = attrs.field(eq=False)
    status: int = attrs.field(eq=False)
    """Of the driver, as ``Popen.returncode``."""
    said: str = attrs.field(eq=False)
    """By the driver, on its standard error."""


def here() -> Machine:
    """This machine, with the switches in assembly where there are some."""
    return Machine("here", toolchain())


def portable() -> Machine:
    """This machine, as one that is known by ucontext alone."""
    return Machine("portable", toolchain(), ("-DRFN_PORTABLE",))


def aarch64() -> Machine:
    """Emulated. Addresses of at most 39 bits, as its smaller kernels have them, are asked for in ``narrow``."""
    tools = [CROSS + tool for tool in ("gcc", "g++", "objcopy", "nm", "objdump")]
    cc, cxx, objcopy, nm, objdump = tools
    return Machine("aarch64", Toolchain((cc,), (cxx,), objcopy, nm, objdump), (), (EMULATOR, "-L", str(LIBRARIES)))


def narrow(machine: Machine) -> Machine:
    """The same where addresses have 39 bits."""
    return attrs.evolve(machine, emulator=(*machine.emulator, "-R", hex(1 << 39)))


def planted(names: Sequence[str], size: int) -> list[Delivery]:
    """Canaries of one size that the program asks for."""
    return [Delivery(mint(7, name, raw(size), 1), Way.ASKED, "") for name in names]


def explored(
    machine: Machine,
    source: Path,
    stage: Stage,
    folder: Path,
    flags: tuple[str, ...] = (),
    canaries: Sequence[Delivery] = (),
    **config: Any,
) -> Found:
    """Explores a program on a machine; files of it go to ``folder``."""
    driver = build.driver(machine.tools, machine.defines)
    program = build.program(machine.tools, BuildRequest((source,), flags), driver)
    redactors = tuple(function.start for function in Sites(machine.tools, program.path).redactors())
    with contextlib.ExitStack() as opened, Shared("core", size_of([stage], **LIMITS)) as core:
        Engine([stage], 7, memory=core.memory, **LIMITS)
        vault, control_block = Vault(canaries), ControlBlock()
        told = DriverConfig(**{"crash": "none", "executions": 10**6, "seconds": SECONDS, "crashes": 1, **config})
        if told.real:  # it dies in `folder`
            descriptor = os.open(folder, os.O_PATH | os.O_DIRECTORY)
            opened.callback(os.close, descriptor)
            told = attrs.evolve(told, folder=descriptor)
        sizes = {"canaries": len(vault.deliveries), "sources": len(vault.planted)}
        control_block.configure(attrs.evolve(told, redactors=redactors, **sizes))
        environment = plain_environment(machine.environment)
        command = Command(machine.program(driver, folder), program.path, (), environment)
        also = (told.folder,) if told.folder else ()
        with contextlib.chdir(folder):
            process = Driver(command, control_block, vault.shared.descriptor, core.descriptor, also=also)
        events: list[RawExecution] = []
        exhausted = False
        try:
            for event in process.events(60.0):
                if isinstance(event, RawExecution):
                    events.append(event)
                    process.go()
                elif isinstance(event, Ended):
                    exhausted = event.exhausted
            counters = control_block.counters([str(index) for index in range(len(canaries))], 1.0)
        finally:
            process.close()
            vault.close()
            control_block.close()
    assert process.ending is not None
    return Found(
        counters.executions,
        counters.steps,
        counters.leaks,
        counters.bugs,
        counters.dumps,
        exhausted,
        frozenset(event.bug.summary for event in events if event.bug),
        frozenset((hit.canary, hit.encoding, hit.where) for event in events for hit in event.hits),
        counters.redactions,
        counters.counted,
        frozenset(problem.what for event in events for problem in event.problems),
        process.ending.status,
        process.ending.said,
    )
