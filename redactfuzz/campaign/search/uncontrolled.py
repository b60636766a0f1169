"""How often a finding happens by itself: its scenario with plain threads, again and again."""

from __future__ import annotations

import math
import random
import sys
import time
from collections.abc import Iterator

import attrs

from redactfuzz.campaign.session.state import Session
from redactfuzz.model.outcome import UNTESTED, BugKind
from redactfuzz.model.repro import Repro
from redactfuzz.threads import _hooks
from redactfuzz.threads.explain.masking import Masking
from redactfuzz.threads.output.black_box import SINK, BlackBox
from redactfuzz.threads.output.sink import Sink
from redactfuzz.threads.output.streams import Output
from redactfuzz.threads.run.plain import Plain
from redactfuzz.threads.run.remains import judged

SHORTEST = 1e-6
"""Seconds: the shortest switch interval that an interpreter takes."""
HANG_SECONDS = 10.0
"""That the threads of a run may take. Who is not at its end by then is stuck: a hit where that is the finding, and
nothing more is run in this process."""
_REPORT_SECONDS = 0.25
"""Between two tallies."""
_LATE = 1.25
"""Times that the threads take: crashes strike up to then, so that some come when all have ended."""
_MEMORY = 0.9
"""How much the runs before count in what a run takes as a rule, by which the moment of a crash is drawn: one that was
slow moves it by a tenth."""
_REFUSED = "it would change a file outside of what a scenario may write (--unconfined lifts that)"
_Z = 1.959964
"""Of a normal distribution: 95 % lie within so many standard deviations."""


@attrs.frozen
class Tally:
    """What came of the runs under one switch interval."""

    interval: float
    runs: int = 0
    hits: int = 0
    stuck: int = 0
    """Runs that did not come to their end; hits where that is the finding, or it was in what they had shown by then."""
    seconds: float = 0.0
    failed: str = ""
    """Why nothing more is run, in a sentence: the scenario itself raised, or would change files of the user's."""

    def __add__(self, other: Tally) -> Tally:
        return attrs.evolve(
            self,
            runs=self.runs + other.runs,
            hits=self.hits + other.hits,
            stuck=self.stuck + other.stuck,
            seconds=self.seconds + other.seconds,
            failed=self.failed or other.failed,
        )

    @property
    def bounds(self) -> tuple[float, float]:
        """The share of runs in which it happens: Wilson's interval of 95 % confidence."""
        return wilson(self.hits, self.runs)


def wilson(hits: int, runs: int) -> tuple[float, float]:
    """Wilson's score interval of 95 % confidence; all there can be where nothing was run."""
    if runs == 0:
        return 0.0, 1.0
    share, square = hits / runs, _Z * _Z
    middle = (share + square / (2 * runs)) / (1 + square / runs)
    half = _Z / (1 + square / runs) * math.sqrt(share * (1 - share) / runs + square / (4 * runs * runs))
    return (0.0 if hits == 0 else max(0.0, middle - half)), (1.0 if hits == runs else min(1.0, middle + half))


@attrs.define(eq=False)
class Uncontrolled:
    """Runs the scenario of a finding under one switch interval, for some seconds."""

    session: Session
    repro: Repro
    interval: float
    seconds: float
    first: int = 1
    """Number of the first run's canaries."""
    box: BlackBox = attrs.field(factory=BlackBox)
    past: BlackBox | None = None
    """Of a process that ended in the middle of a run, which counts as well."""
    _output: Output = attrs.field(init=False)
    _sink: Sink | None = attrs.field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        self._output = Output(self.box.file)

    def tallies(self) -> Iterator[Tally]:
        """What has been counted so far, now and then; the last one is final."""
        began = reported = time.monotonic()
        tally, usual, stuck = self._of_the_past(), 0.0, 0
        if tally.runs:
            self.box.count(tally.runs, tally.hits)
            yield tally
        before = sys.getswitchinterval()
        random_moment = random.Random(self.repro.seed)
        sys.setswitchinterval(self.interval)
        try:
            while time.monotonic() - began < self.seconds and not (stuck or tally.failed):
                one, lasted = self._once(tally.runs + self.first, random_moment.random() * usual * _LATE)
                usual = lasted if usual == 0.0 else _MEMORY * usual + (1 - _MEMORY) * lasted
                stuck = one.stuck
                tally = attrs.evolve(tally + one, seconds=time.monotonic() - began)
                self.box.count(tally.runs, tally.hits)
                if time.monotonic() - reported > _REPORT_SECONDS:
                    reported = time.monotonic()
                    yield tally
        finally:
            sys.setswitchinterval(before)
            self._output.close()
        yield tally

    def _once(self, number: int, moment: float) -> tuple[Tally, float]:
        plan = self.session.plan_of(self.repro.schedule, seed=self.repro.seed, number=number)
        if self._sink is None or self._sink.closed:
            self._sink = Sink(self.box.file(SINK))
        execution = Plain(plan, number, self._sink, Masking(plan), self._output, self.box)
        identity = self.repro.identity
        try:
            came_back = execution.run(plan.body, moment, HANG_SECONDS)
            leaks, bug = execution.outcome()
        finally:
            execution.close()
            self.box.end()
        if _hooks.was_refused(True):  # what followed would not elsewhere
            return Tally(self.interval, failed=_REFUSED), 0.0
        if bug is not None and bug.kind in UNTESTED:
            return Tally(self.interval, failed=f"the scenario itself raised {bug.summary.partition(':')[0]}"), 0.0
        if not came_back:
            hit = identity.bug_kind in (BugKind.DEADLOCK, BugKind.HANG, BugKind.SPIN) or identity.matches(leaks, bug)
            return Tally(self.interval, 1, int(hit), 1), 0.0
        return Tally(self.interval, 1, int(identity.matches(leaks, bug))), execution.seconds

    def _of_the_past(self) -> Tally:
        """The run whose process ended in the middle of it."""
        left = self.past.left() if self.past is not None else None
        if self.past is None or left is None:
            return Tally(self.interval)
        plan = self.session.plan_of(self.repro.schedule, seed=self.repro.seed, number=left.number)
        inspection = judged(plan, left.number, left, self.past.written()).inspection
        identity = self.repro.identity
        hit = identity.bug_kind is BugKind.DIED or identity.matches(inspection.leaks, None)
        return Tally(self.interval, 1, int(hit), 1)


def intervals() -> tuple[float, ...]:
    """The shortest switch interval, and the interpreter's own."""
    return SHORTEST, sys.getswitchinterval()
