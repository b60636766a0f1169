"""Reports, findings and nights as the tests of this folder need them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from redactfuzz.model.counted import Explored, Species
from redactfuzz.model.finding import Finding, Report
from redactfuzz.model.night import NightEvent, NightStarted, SliceEnded, TargetListed
from redactfuzz.model.outcome import Leak, LeakKind
from redactfuzz.model.schedule import Action, Deviation, Granularity, Schedule, Site, Step, Window
from redactfuzz.model.verdict import Verdict
from redactfuzz.night.journal import Night

STARTED = NightStarted("0.1", "3.11.7", 0.0, 1, 60.0, 2, 2, ("tests",))


def report(verdict: Verdict = Verdict.NO_LEAK_FOUND, *, title: str = "a.py::a", **fields: Any) -> Report:
    """A report of 1,000 executions in 10 s."""
    return Report(title, verdict, **({"executions": 1_000, "seconds": 10.0, "strategy": "pos"} | fields))


def drawn(once: int, kinds: int, executions: int = 1_000) -> dict[str, Any]:
    """Fields of a report whose executions were drawn."""
    stage = Explored("pos", Granularity.CALLS, executions, exhausted=False, estimate=0.0)
    return {"species": Species(executions, kinds, once), "stages": (stage,)}


def ended(title: str = "a.py::a", of: Report | None = None, **fields: Any) -> SliceEnded:
    """A slice of 12 s."""
    return SliceEnded(1, title, 12.0, of or report(title=title), **({"cpu": 12.0} | fields))


def listed(*titles: str) -> list[NightEvent]:
    """Targets of a night."""
    return [TargetListed(title, (title,)) for title in titles]


def night(*events: NightEvent, number: int = 1) -> Night:
    """One with a beginning."""
    return Night(number, (STARTED, *events))


def finding(
    function: str = "redact",
    *,
    line: int = 3,
    canary: str = "key",
    dump: str = "report",
    window: bool = True,
    displaces: bool = True,
    repro: str = "",
) -> Finding:
    """A leak whose window lies in ``function``."""
    site = Site("app", function, f"+{line}:4")
    step = Step(0, "worker", "app.py", 10 + line, function, "use(key)", site)
    leak = Leak(canary, "utf-8", 0, 8, dump, "ab12")
    deviations = (Deviation("worker", site, 1, Action.CRASH, "worker", "crash"),) if displaces else ()
    schedule = Schedule(Granularity.CALLS, deviations)
    return Finding(
        "a.py::a",
        Verdict.LEAK,
        schedule,
        5,
        1,
        7,
        kind=LeakKind.TRANSIENT,
        leaks=(leak,),
        steps=(step, step),
        window=Window(0, 1, 2, 3) if window else None,
        repro=repro,
    )


def touched(folder: Path, name: str = "a-0001.rfz.json") -> str:
    """The name of a file that is there."""
    path = folder / name
    path.write_text("{}")
    return str(path)
