"""One schedule in a process that really dies: what the kernel, and the program, leave on disk."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import attrs

from redactfuzz.dumps.producers.core_pattern import destination
from redactfuzz.dumps.readers.elf_headers import read_header, segments
from redactfuzz.model.canary import Canary
from redactfuzz.model.outcome import Outcome
from redactfuzz.model.plan import Plan, Policy, Stage
from redactfuzz.native.drive.control_block import DriverConfig
from redactfuzz.native.drive.driver import DriverError, Ending
from redactfuzz.native.drive.numbers import Reality
from redactfuzz.native.drive.vault import Delivery, Sources
from redactfuzz.native.explain.describe import names_in, raw_deviations
from redactfuzz.native.explain.names import numbered
from redactfuzz.native.explain.provenance import NAME_OF
from redactfuzz.native.run.batch import DriverBatch, Reported
from redactfuzz.native.run.ready import Ready

_FILE = "file-{}"
"""What ``runtime/driver/real_death.c`` calls files that the program wrote, in order; a child's: ``child-1.file-1``."""
_NAME = "name-{}"
"""What holds the name of such a file."""
OWN_CORE = "core that redactfuzz wrote itself, because {why}"
_TABLE = 4 << 20
"""Bytes at the start of a core that hold the table of what is in it."""
_PATIENCE = 7 * 24 * 3600.0
"""Seconds for which somebody may sit at a debugger."""


@attrs.frozen
class Remains:
    """What is left of a process. ``dumps``: name -> file. ``missing`` says why there is no core where one is due."""

    dumps: Mapping[str, Path]
    canaries: Mapping[str, Canary]
    how: str
    """How it ended, for a sentence about "the process"."""
    outcome: Outcome | None = None
    """As the driver reported it before it died, without what was found in memory."""
    allowed: Mapping[str, frozenset[str]] = attrs.field(factory=dict)
    """Canaries that a dump may show."""
    missing: str = ""
    cut: bool = False
    """A core of it would lack the end, by a limit that the program sets: what ours shows may not be in it."""


def emptied(folder: Path) -> None:
    """Takes away what a process has left there."""
    for left in folder.iterdir():
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left)
        else:
            left.unlink()


def died(
    built: Ready,
    plan: Plan,
    deliveries: Sequence[Delivery],
    sources: Sources,
    config: DriverConfig,
    threads: Mapping[int, str],
    folder: Path,
    debugger: tuple[str, ...] = (),
    values: Mapping[str, bytes] | None = None,
) -> Remains:
    """Runs ``plan.schedule`` where the user would, to a death in ``folder``, under a debugger if one is given.

    Raises DriverError.

    ``values``: what canaries (by name) have in place of their own.
    """
    assert plan.schedule is not None
    goes_to = destination()
    refused = "" if debugger else goes_to.refused
    real = Reality.DEBUGGED if debugger else Reality.STOPPED if refused else Reality.REAL
    config = attrs.evolve(config, real=real, forked=False, executions=1)
    raw, _ = raw_deviations(plan.schedule, built.sites, numbered(threads, names_in(plan.schedule)))
    dies_in = _opened(folder)
    kernels = _opened(goes_to.folder) if goes_to.folder and not refused else 0
    config = attrs.evolve(config, cores=kernels, folder=dies_in)
    run = DriverBatch(built, plan, (Stage(Policy.REPLAY, plan.schedule.granularity),), deliveries, sources, config)
    executed, ending = None, None
    written, missing = False, ""
    try:
        run.engine.replay(raw)
        run.control_block.strikes(plan.schedule.child, plan.schedule.moment)
        for name, value in (values or {}).items():
            run.vault.put(name, value)
        also = (dies_in, kernels) if kernels else (dies_in,)
        run.start(cores=not (debugger or refused), debugger=debugger, also=also)
        assert run.driver is not None
        pid = run.driver.pid
        for event in run.events(_PATIENCE if debugger else plan.hang_seconds):
            if isinstance(event, Reported):
                executed = event
                run.driver.stop()  # one that came to another end than a death waits for us
                try:
                    written = bool(refused) and run.driver.write_core(folder / "core", plan.hang_seconds)
                except DriverError as error:
                    missing = str(error)
            elif isinstance(event, Ending):
                ending = event
    finally:
        run.close()
        for descriptor in filter(None, (dies_in, kernels)):
            os.close(descriptor)
    how = ending.how if ending is not None else "came to its end"
    if executed is None:
        return Remains({}, run.canaries, how)
    dumps = {name: folder / _FILE.format(index) for index, name in enumerate(executed.files)}
    dumps = {name: path for name, path in dumps.items() if path.is_file() and path.stat().st_size}
    for index, name in enumerate(executed.files):
        if (path := folder / _NAME.format(index)).is_file():
            dumps[f"{NAME_OF}{name}"] = path
    own = OWN_CORE.format(why=refused)
    allowed = dict.fromkeys((*dumps, own, "core"), executed.allowed)
    for name, path, shown in _of_children(folder, run.vault.names):
        dumps[name], allowed[name] = path, shown
    if written:
        dumps[own] = folder / "core"
    elif ending is not None and ending.status < 0 and not missing:
        core, missing = _core(pid, folder)
        if core is not None:
            dumps["core"] = core
    return Remains(dumps, run.canaries, how, executed.outcome, allowed, missing, executed.cut)


def _opened(folder: Path) -> int:
    """A folder that a confined process can write into wherever it works. Raises DriverError."""
    try:
        return os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise DriverError(f"cores go to {folder}, which cannot be opened ({error.strerror})") from None


def _of_children(folder: Path, names: Sequence[str]) -> Iterator[tuple[str, Path, frozenset[str]]]:
    """What children of fork left, each with the canaries that it may show: those that the child had allowed by then."""
    for path in sorted(folder.glob("child-*")):
        number, _, what = path.name.removeprefix("child-").partition(".")
        if what == "allowed" or not path.stat().st_size:
            continue
        noted = path.with_suffix(".allowed")
        bits = int(noted.read_text("ascii"), 16) if noted.is_file() else 0
        allowed = frozenset(name for index, name in enumerate(names) if bits >> index & 1)
        file = what.removeprefix("file-")
        child = number.replace("-", ", ")
        yield f"core of child {child}" if what == "core" else f"{file} written by child {child}", path, allowed


def _core(pid: int, folder: Path) -> tuple[Path | None, str]:
    """The core of a process that died in ``folder``, or why there is none."""
    kernel = destination()
    if kernel.refused:
        return None, kernel.refused
    if kernel.pattern:
        found = kernel.found(pid, folder)
    else:
        found = next((path for path in sorted(folder.iterdir()) if path.name.startswith("core")), None)
    if found is not None and _cut_off(found):
        free = shutil.disk_usage(folder).free
        return None, f"the kernel's core is cut off, by the limit of core files or a full disk ({free:,} bytes free)"
    return (found, "") if found is not None else (None, "the kernel wrote none although its settings allow it")


def _cut_off(core: Path) -> bool:
    """Whether a core lacks the end: what is not there cannot be searched."""
    with core.open("rb") as file:
        head = file.read(_TABLE)
    header = read_header(head)
    if header is None:
        return True
    size = core.stat().st_size
    return any(segment.end > size for segment in segments(head, header, header.count))
