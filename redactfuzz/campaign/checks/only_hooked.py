"""Leaks that only the build with hooks shows: around a call of a hook the compiler saves registers on the stack.

No store of the program wrote such bytes, so they have no last writer, and the build that users ship decides. If the
program was run in its own order, the plain build takes the same path, and is struck at each place from the one where
the leak was seen to the end. If that is impossible, or takes too many processes, the leak stays a finding.
"""

from __future__ import annotations

import itertools
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs

from redactfuzz import workplace
from redactfuzz.campaign.checks.confirmation import confirm, explain_unconfirmed
from redactfuzz.campaign.checks.refused import refused
from redactfuzz.campaign.compare.completed import completed
from redactfuzz.campaign.compare.cores import depends
from redactfuzz.campaign.session.native import native
from redactfuzz.campaign.session.state import Session
from redactfuzz.model.outcome import Outcome
from redactfuzz.model.repro import Identity
from redactfuzz.model.schedule import Action, Deviation, Granularity, Schedule, Step
from redactfuzz.model.verdict import Reason
from redactfuzz.native.compile.compiler import BuildError
from redactfuzz.native.drive.driver import DriverError
from redactfuzz.native.explain.names import CRASH
from redactfuzz.native.explain.provenance import has_no_writer
from redactfuzz.native.run.program import Program
from redactfuzz.native.run.runtime import NativeRuntime
from redactfuzz.schedule.shrink import Failing

_PROCESSES = 96
"""Most processes that die for one finding."""
_COMPARED = 4
"""Processes for one moment if dumps of different secrets are compared."""
_IN_ORDER = Schedule(Granularity.CALLS)
_EACH = Schedule(Granularity.INSTRUCTIONS)


def confirm_leak(
    session: Session, identity: Identity, failing: Failing, *, seed: int, number: int
) -> tuple[Reason | None, str]:
    """Return (why a leak in memory is no finding, "") or (None, the dumps of a dead process that hold it)."""
    if not failing.outcome.leaks or not session.target.facts.dies:
        return None, ""
    reason = refused(session, identity, failing, seed=seed, number=number)
    if reason is not None:
        return reason, ""
    by_comparison = identity.by_comparison
    seen = confirm(session, failing.schedule, seed=seed, number=number, by_comparison=by_comparison)
    reason = explain_unconfirmed(seen, identity, failing.outcome.leaks)
    reason = reason or only_hooked(session, identity, failing, seed=seed, number=number)
    return reason, "" if reason else seen.describe_dumps_with(identity.primary)


def only_hooked(session: Session, identity: Identity, failing: Failing, *, seed: int, number: int) -> Reason | None:
    """Return why the plain build does not have this leak; None if it has, or if that cannot be asked."""
    schedule, leaks = failing.schedule, identity.own(failing.outcome.leaks)
    if not (session.target.facts.plain_build and leaks and all(map(has_no_writer, leaks))):
        return None
    runtime, program = native(session)
    in_order = all(deviation.action is Action.CRASH for deviation in schedule.deviations) and not schedule.child
    if program.plain or not in_order:
        return None
    plain = attrs.evolve(program, plain=True, struck="")
    struck = 0
    try:
        moments = _Asked(session, identity, seed, number).moments(runtime, plain, schedule)
        if not moments or len(moments) * (_COMPARED if identity.by_comparison else 1) > _PROCESSES:
            return None
        for moment in moments:
            shows = _shows(session.of_build(attrs.evolve(plain, struck=moment)), identity, seed, number)
            if shows or session.interrupted or not session.deadline.left:
                return None
            struck += shows is False
    except (BuildError, DriverError):
        return None
    if not struck:
        return None
    where = ", ".join(dict.fromkeys(leak.where.partition(";")[0] for leak in leaks if leak.where))
    canary, times = identity.primary, "once" if struck == 1 else f"{struck} times"
    return Reason(
        f"Only the build with hooks was seen to leave '{canary}' in a dump ({where}), and no store of the program put"
        f" it there. The plain build does not show it, its threads in order and struck {times} from there to its"
        " end: the compiler saves around calls of hooks what it would not save without them.",
        "Another compiler may leave it there in the plain build as well: -fzero-call-used-regs=used clears registers.",
    )


def _shows(plain: Session, identity: Identity, seed: int, number: int) -> bool | None:
    """Whether the plain build shows it where it is struck; None where it does not come there. Raises DriverError."""
    if identity.by_comparison:
        runtime, _ = native(plain)
        plan = plain.plan_of(_IN_ORDER, seed=seed, number=number)
        with tempfile.TemporaryDirectory(dir=workplace.folder()) as folder:
            return depends(runtime, plan, identity.primary, Path(folder))
    seen = confirm(plain, _IN_ORDER, seed=seed, number=number)
    if seen.why and not seen.ended:
        raise DriverError(seen.why)
    return any(leak.canary == identity.primary for leak in seen.inspection.leaks) if seen.dumps else None


@attrs.frozen(eq=False)
class _Asked:
    """One leak, in the build with hooks."""

    session: Session
    identity: Identity
    seed: int
    number: int

    def moments(self, runtime: NativeRuntime, plain: Program, schedule: Schedule) -> list[str]:
        """Where to strike the plain build: from where the crash shows the leak to the end of the program.

        Each instruction of the lines there, then each statement; a line that is passed several times each time. Empty:
        it is not known where.
        """
        whole = self._once(_EACH, crash_last=True, describe=True)
        if whole is None:
            return []
        steps = [step for step in whole.trace if step.action is not Action.CRASH]
        first = self._first(steps, _crash(steps, schedule))
        after = [step for step in steps[max(first - 1, 0) :] if step.file]
        near = {(step.file, step.line) for step in after[:3]}
        passes = _passes(steps)
        over = {(step.file, step.line) for step in after} - {*_passes(steps[first:])}
        found = []
        for file, line in dict.fromkeys((step.file, step.line) for step in after):
            times = max(passes[file, line], 1)
            for offset in runtime.moments(plain, file, line, each=(file, line) in near):
                found += [f"@{offset}*{nth}" for nth in range(times if (file, line) in over else 1, times + 1)]
        return [*found, ""]

    def _once(self, schedule: Schedule, **fields: Any) -> Outcome | None:
        return self.session.once(schedule, seed=self.seed, number=self.number, **fields)

    def _first(self, steps: Sequence[Step], crash: int) -> int:
        """The first step before which a crash shows it: what lies there at ``crash`` has lain there since."""
        first = 0
        while first < crash:
            middle = (first + crash) // 2
            struck = _struck(steps, middle)
            how: dict[str, Any] = {"seed": self.seed, "number": self.number}
            outcome = completed(self.session, self._once(struck), self.identity, struck, **how, quick=True)
            if outcome is not None and self.identity.matches(outcome.leaks, None, moved=True):
                crash = middle
            else:
                first = middle + 1
        return crash


def _struck(steps: Sequence[Step], number: int) -> Schedule:
    """The crash strikes before a step."""
    step = steps[number]
    nth = sum((each.thread, each.site) == (step.thread, step.site) for each in steps[: number + 1])
    crash = Deviation(step.thread, step.site, nth, Action.CRASH, step.thread, CRASH)
    return attrs.evolve(_EACH, deviations=(crash,))


def _passes(steps: Sequence[Step]) -> Counter[tuple[str, int]]:
    """How often each line is come to: as often as that of its places that is come to most."""
    passes = Counter[tuple[str, int]]()
    for (file, line, _), times in Counter((step.file, step.line, step.site) for step in steps).items():
        passes[file, line] = max(passes[file, line], times)
    return passes


def _crash(steps: Sequence[Step], schedule: Schedule) -> int:
    """The step before which it strikes, of those that are recorded where there is a point at each instruction."""
    for deviation in schedule.deviations:
        place = deviation.thread, deviation.site
        at = (number for number, step in enumerate(steps) if (step.thread, step.site) == place)
        return next(itertools.islice(at, deviation.nth - 1, None), len(steps))
    return len(steps)
