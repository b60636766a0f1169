"""Native programs, run for a benchmark by the runtime alone, without a campaign around it."""

from __future__ import annotations

import time
from pathlib import Path
from types import TracebackType

from shared.record import ROOT

from redactfuzz.campaign.session.oracle import default_oracle
from redactfuzz.model.canary.secret import seed_of_secrets
from redactfuzz.model.events import BatchEnded, Progress
from redactfuzz.model.outcome import Inspection
from redactfuzz.model.plan import Budget, Counters, Plan, Policy, Stage
from redactfuzz.model.schedule import Granularity
from redactfuzz.native.run.program import Program
from redactfuzz.native.run.runtime import NativeRuntime

PROGRAMS = {path.name: path for path in (ROOT / "tests" / "native" / "programs").glob("*/*")}


class Measured:
    """One program of the tests, built once."""

    def __init__(self, file: str, *flags: str, crash: str) -> None:
        self._program = Program((PROGRAMS[file],), flags=flags, crash=crash)
        self._runtime = NativeRuntime()
        self._oracle = default_oracle()
        self._last = Counters()

    def __enter__(self) -> Measured:
        """Builds it, and runs it once."""
        self.rate(1_000, Granularity.INSTRUCTIONS)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._runtime.close()

    @property
    def steps(self) -> float:
        """Of an execution, on average over the last batch."""
        return self._last.steps / max(self._last.executions, 1)

    def rate(self, executions: int, granularity: Granularity) -> float:
        """Executions a second of a random walk: from the first count to the end, the start of the driver left out."""
        first: tuple[float, int] | None = None
        for event in self._runtime.explore(self._plan(granularity), Budget(executions, 600.0, stop_at_first=False)):
            match event:
                case Progress(counters) if first is None and counters.executions:
                    first = time.monotonic(), counters.executions
                case BatchEnded(counters):
                    self._last = counters
        if self._last.executions < executions:
            raise SystemExit(f"{self._program.name}: {self._last.executions} of {executions} executions")
        if self._last.leaks or self._last.bugs:
            raise SystemExit(f"{self._program.name} is meant to be clean: {self._last}")
        if first is None or first[1] > executions // 2:
            return self._last.executions / self._last.seconds
        return (self._last.executions - first[1]) / (time.monotonic() - first[0])

    def resident(self, *after: int) -> list[float]:
        """MB of the driver's resident memory, each after so many executions of one batch (ascending)."""
        found: list[float] = []
        plan = self._plan(Granularity.INSTRUCTIONS)
        for event in self._runtime.explore(plan, Budget(after[-1] + 1, 3_600.0, stop_at_first=False)):
            match event:
                case Progress(counters) if counters.executions >= after[len(found)]:
                    found.append(_resident())
                    if len(found) == len(after):
                        break
                case BatchEnded():
                    break
        return found + [found[-1]] * (len(after) - len(found))

    def _plan(self, granularity: Granularity) -> Plan:
        secrets = seed_of_secrets(0, self._program.name)
        return Plan(
            name=self._program.name,
            body=self._program,
            seed=0,
            stages=(Stage(Policy.RANDOM, granularity),),
            mint=lambda name, kind, number: self._oracle.mint(secrets, name, kind, number),
            inspect=lambda *_: Inspection(),
            mask=self._oracle.masker(secrets),
            step_limit=500_000,
        )


def _resident() -> float:
    """Of the driver that this process runs."""
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            lines = dict(line.split(":", 1) for line in status.read_text("utf-8").splitlines() if ":" in line)
        except OSError:
            continue
        if int(lines["PPid"]) == _self() and lines["Name"].strip() in ("driver", "exe"):
            return int(lines["VmRSS"].split()[0]) / 1024
    raise SystemExit("no driver is running")


def _self() -> int:
    return int(Path("/proc/self/stat").read_text("utf-8").split()[0])
