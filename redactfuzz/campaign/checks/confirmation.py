"""Confirms what the search saw in memory: searches the files that a process leaves when it really dies."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import attrs

from redactfuzz import workplace
from redactfuzz.campaign.compare.cores import confirmed
from redactfuzz.campaign.session.native import native
from redactfuzz.campaign.session.state import Session
from redactfuzz.dumps.producers.core_pattern import other_filter
from redactfuzz.model.canary.secret import seed_of_secrets
from redactfuzz.model.events import CampaignProgress
from redactfuzz.model.outcome import CORE, RESIDUE, Dump, Inspection, Leak, Problem, ProblemKind
from redactfuzz.model.plan import Counters
from redactfuzz.model.repro import Identity
from redactfuzz.model.schedule import Schedule
from redactfuzz.model.verdict import Reason
from redactfuzz.native.compile.compiler import BuildError
from redactfuzz.native.drive.driver import DriverError
from redactfuzz.native.explain.provenance import NAME_OF
from redactfuzz.native.run.real import Remains

_PROGRESS_SECONDS = 0.25
_IN_MEMORY = Path("/dev/shm")
_SPARE = 1 << 30
"""Bytes that a file system in memory must have free for a core."""
_CORES = "Let the kernel write cores into the working folder: core_pattern 'core', and a hard limit above 0."
_NAMED = 4
"""Largest number of dumps that a message names."""
_CUT = (
    "the program limits its cores (RLIMIT_CORE) to less than one of it may take, and nobody can tell which part of"
    " memory such a core holds"
)
_UNLIMITED = "Allow cores of any size, or none (RLIMIT_CORE 0, PR_SET_DUMPABLE 0)."
_REPORT = "Please report this: either the search in memory or the replay in a real process is wrong."


@attrs.frozen
class DiskSearch:
    """Result of searching the dumps on disk. ``why`` says what could not be searched, with its remedy, or is empty."""

    inspection: Inspection
    dumps: Mapping[str, int]
    """Size in bytes of each dump, by its name."""
    why: str = ""
    remedy: str = ""
    ended: bool = False
    """There is no dump because the process ended before it was struck."""

    @property
    def where(self) -> str:
        """Names and total size of the dumps that were searched."""
        return self._describe_dumps(list(self.dumps))

    @property
    def leaked_canaries(self) -> set[str]:
        """Names of the canaries that the dumps hold."""
        return {leak.canary for leak in self.inspection.leaks}

    def describe_dumps_with(self, *canaries: str) -> str:
        """Return the names and the total size of the dumps that hold one of these canaries."""
        held = {leak.dump for leak in self.inspection.leaks if leak.canary in canaries}
        return self._describe_dumps([name for name in self.dumps if name in held])

    def _describe_dumps(self, names: Sequence[str]) -> str:
        listed = " and ".join(_called(name) for name in names[:_NAMED])
        if len(names) > _NAMED:
            listed += f" and {len(names) - _NAMED} others"
        return f"{listed} ({sum(self.dumps[name] for name in names):,} bytes)"


GDB = ("gdb", "-q", "-ex", "handle SIGUSR1 SIGUSR2 nostop noprint", "-ex", "run", "--args")
"""Stops where the process is struck for good: gdb sees the signal before the process does."""


def debug(session: Session, schedule: Schedule, *, seed: int, number: int) -> None:
    """Runs ``schedule`` under gdb, on the terminal. Raises DriverError."""
    runtime, _ = native(session)
    with _folder() as folder:
        runtime.die(session.plan_of(schedule, seed=seed, number=number), folder, GDB)


def _called(name: str) -> str:
    if name == CORE:
        return "the kernel's core"
    if name.startswith((NAME_OF, "a file ")):  # the name itself, or one that is withheld
        return name
    return f"the {name}" if name.startswith("core ") else f"the file {name}"


def prepare(session: Session) -> Iterator[CampaignProgress]:
    """Builds the program, and the driver when it is the first: none of the campaign's time goes into that."""
    runtime, program = native(session)
    with ThreadPoolExecutor(1) as pool:
        building = pool.submit(runtime.built, program)
        while not wait([building], _PROGRESS_SECONDS).done:
            yield CampaignProgress(session.spec.title, "building", Counters())
    if not isinstance(building.exception(), BuildError | None):  # the first batch reports those
        building.result()
    if other := other_filter():
        session.note(Problem(ProblemKind.HELD_FIXED, other, fatal=False))
    session.deadline.start()


def confirm(session: Session, schedule: Schedule, *, seed: int, number: int, by_comparison: bool = False) -> DiskSearch:
    """Runs ``schedule`` in a process that really dies, and searches what it leaves with ``scan``.

    ``by_comparison``: the encoding of the leak is in no table, so further processes die with other secrets, and their
    dumps are compared.
    """
    runtime, _ = native(session)
    plan = session.plan_of(schedule, seed=seed, number=number)
    with _folder() as folder:
        try:
            if by_comparison:
                remains, leaks = confirmed(runtime, plan, seed_of_secrets(seed, session.spec.name), folder)
                return _search_dumps(remains, lambda _: Inspection(leaks=leaks))
            remains = runtime.die(plan, folder)
        except DriverError as error:
            return DiskSearch(Inspection(), {}, why=str(error), remedy=_REPORT)
        return _search_dumps(remains, lambda dumps: plan.inspect(dumps, remains.canaries, {}, number))


def explain_unconfirmed(seen: DiskSearch, identity: Identity, leaks: tuple[Leak, ...]) -> Reason | None:
    """Return why a leak is no finding; None if it is on disk, in the same kind of place as ``leaks``."""
    canary = identity.primary
    residues = [leak for leak in leaks if leak.residue]
    wanted = [leak for leak in identity.own(leaks) if leak.canary == canary]
    if identity.place != RESIDUE:
        wanted = [leak for leak in wanted if not leak.residue] or wanted
    on_disk = [leak for leak in seen.inspection.leaks if leak.canary == canary]
    if identity.by_comparison:
        wanted = []  # it was looked for at its own places
    if any(not wanted or any(_shows(one, leak, residues) for leak in wanted) for one in on_disk):
        return None
    if seen.why:
        return Reason(f"A leak of '{canary}' was seen in memory, but could not be confirmed: {seen.why}.", seen.remedy)
    return Reason(
        f"A leak of '{canary}' was seen in memory, but a process that really died of the same schedule left none in"
        f" {seen.where}.",
        _REPORT,
    )


def _shows(on_disk: Leak, leak: Leak, residues: Sequence[Leak]) -> bool:
    """Whether a sighting in a real dump confirms ``leak``: no residue confirms memory, no core a file."""
    if leak.dump != CORE:
        return on_disk.dump == leak.dump or " written by child " in on_disk.dump  # whose file is known by number
    if not on_disk.dump.startswith(CORE):
        return False
    if leak.residue:
        return True  # in a note, or on the stack in the frame of a signal
    if leak.address is None:
        return on_disk.address is None  # a name in a note
    return on_disk.address is not None and not any(_meet(on_disk, one) for one in residues)


def _meet(one: Leak, other: Leak) -> bool:
    if one.address is None or other.address is None:
        return False
    return one.address < other.address + other.length and other.address < one.address + one.length


def _search_dumps(remains: Remains, inspect: Callable[[Sequence[Dump]], Inspection]) -> DiskSearch:
    """Search the dumps that a process left, or say why there is none. A core that is cut short proves no leak."""
    if not remains.dumps:
        if remains.missing:
            return DiskSearch(Inspection(), {}, why=remains.missing, remedy=_CORES)
        why = f"the process {remains.how} and left no dump"
        return DiskSearch(Inspection(), {}, why=why, remedy=_REPORT, ended=remains.outcome is not None)
    inspection = inspect([Dump(name, path, remains.allowed[name]) for name, path in remains.dumps.items()])
    found = {leak.dump for leak in inspection.leaks}
    if remains.cut:
        kept = tuple(leak for leak in inspection.leaks if not leak.dump.startswith(CORE))
        inspection = attrs.evolve(inspection, leaks=kept)
    sizes = {name: path.stat().st_size for name, path in remains.dumps.items()}
    reported = {name: size for name, size in sizes.items() if not name.startswith(NAME_OF) or name in found}
    return DiskSearch(inspection, reported, *((_CUT, _UNLIMITED) if remains.cut else ()))


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    """Yield a fresh folder, and delete it with its contents, which hold secrets."""
    folder = workplace.fresh(_parent())
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _parent() -> Path | None:
    with contextlib.suppress(OSError):
        if shutil.disk_usage(_IN_MEMORY).free > _SPARE:
            return _IN_MEMORY
    return None
