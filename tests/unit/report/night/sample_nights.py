"""Nights made by hand, so that pages depend on nothing but their events."""

from __future__ import annotations

import functools
import sys
from collections.abc import Sequence
from pathlib import Path

import attrs

sys.path.append(str(Path(__file__).parents[3] / "snapshots"))
import sample_reports as sample

from redactfuzz.model.counted import Explored, Species
from redactfuzz.model.finding import Finding, Report
from redactfuzz.model.night import (
    Alarm,
    AlarmKind,
    FindingMet,
    Life,
    NightEnded,
    NightEvent,
    NightStarted,
    SliceBegan,
    SliceEnded,
    TargetListed,
    Why,
)
from redactfuzz.model.schedule import Action, Granularity
from redactfuzz.model.verdict import Verdict

BEGAN = 1_795_824_000.0
"""2026-11-28 00:00 UTC."""
LOST, RIGHT = sample.PATH, "targets/python/lost_update/scenario.py::fixed"
VACUOUS, PROVED, FLAKY = "app/audit.py::empty", "app/ring.py::proved", "app/pool.py::stop"
MANY = sample.steps(
    *(("scrubber", 12), ("scrubber", 13), ("signer", 300, Action.SWITCH), ("signer", 301), ("archiver", 17)),
    *(("archiver", 18), ("signer", 302), ("archiver", 19, Action.EXPIRE), ("scrubber", 17)),
    *(("crash", "strikes", Action.CRASH), ("crash", 40), ("crash", 44), ("crash", 18), ("crash", 19)),
)
SPECIES = Species(drawn=4000, kinds=37, once=2)
STAGES = (
    Explored("pos", Granularity.CALLS, 4000, False, 0.0),
    Explored("dpor", Granularity.INSTRUCTIONS, 4500, False, 9000.0),
)


def started(**changed: object) -> NightStarted:
    made = NightStarted(
        "0.1.0", "3.13.0", BEGAN, 42, 28_800.0, 2, 2, ("targets/python", "app"), corpus="corpora", entries=211
    )
    return attrs.evolve(made, **changed)  # type: ignore[arg-type]


def listed(*titles: str, spared: Sequence[str] = ()) -> list[NightEvent]:
    why = "PROVED in night 1, and its 3 files are the same"
    return [TargetListed(title, (title,), why if title in spared else "") for title in titles]


def ran(number: int, title: str, report: Report | None, seconds: float = 600.0, how: str = "") -> list[NightEvent]:
    command = ("redactfuzz", "run", title, "--profile", "nightly", "--seconds", f"{seconds:g}", "--seed", "42")
    began = SliceBegan(number, title, command, seconds)
    return [began, SliceEnded(number, title, seconds, report, how=how, memory=61 << 20, added=3, replayed=12)]


def met(number: int, life: Life, finding: Finding, key: str, again: int = 0, times: int = 0) -> FindingMet:
    return FindingMet(key, finding.scenario, number, life, finding, again, times)


def passed(title: str, verdict: Verdict = Verdict.NO_LEAK_FOUND, executions: int = 90_000) -> Report:
    return attrs.evolve(
        sample.CERTIFIED,
        scenario=title,
        verdict=verdict,
        species=SPECIES,
        stages=STAGES,
        executions=executions,
        seconds=60.0,
    )


def finding(report: Report = sample.LEAKED, **changed: object) -> Finding:
    assert report.finding is not None
    return attrs.evolve(report.finding, **changed)  # type: ignore[arg-type]


CROWDED = finding(
    scenario=FLAKY,
    steps=MANY,
    window=attrs.evolve(sample.FINDING.window, first=8, last=9),  # type: ignore[arg-type]
    leaks=(
        attrs.evolve(sample.LEAK, offset=4093, length=344, encoding="hex"),
        attrs.evolve(sample.LEAK, dump="core", address=0x7F3A_1000),
    ),
    cause="The wait of 'archiver' expired while 'scrubber' was stopped before ring.py:17: the dump held 'next key'.",
)
FIRST = (
    started(at=BEGAN - 86_400),
    *listed(LOST, RIGHT, PROVED, "app/gone.py::old"),
    *ran(1, LOST, sample.LEAKED),
    met(1, Life.NEW, finding(), "aaaa11112222"),
    *ran(2, RIGHT, passed(RIGHT, executions=110_000)),
    *ran(3, PROVED, attrs.evolve(passed(PROVED, Verdict.PROVED), stages=(attrs.evolve(STAGES[1], exhausted=True),))),
    *ran(4, "app/gone.py::old", passed("app/gone.py::old")),
    NightEnded(BEGAN - 57_600, Why.TIME, 28_800.0),
)
SECOND = (
    started(),
    *listed(LOST, RIGHT, VACUOUS, PROVED, FLAKY, spared=[PROVED]),
    met(0, Life.KNOWN, finding(), "aaaa11112222", 5, 5),
    *ran(1, LOST, sample.LEAKED),
    *ran(2, RIGHT, passed(RIGHT)),
    *ran(3, VACUOUS, attrs.evolve(sample.VACUOUS, scenario=VACUOUS)),
    *ran(4, FLAKY, None, how="was killed by SIGSEGV"),
    *ran(5, FLAKY, attrs.evolve(sample.LEAKED, scenario=FLAKY, finding=CROWDED)),
    met(5, Life.NEW, CROWDED, "bbbb33334444"),
    met(5, Life.FLAKY, finding(sample.DEADLOCK, scenario=FLAKY), "cccc55556666", 2, 5),
    met(0, Life.FIXED, finding(sample.RAISED, scenario=RIGHT), "dddd77778888", 0, 5),
    NightEnded(BEGAN + 28_800, Why.TIME, 28_790.0),
)
ALARM = Alarm(AlarmKind.CONTROL, "VACUOUS: The canary 'next key' never reached a dump.", VACUOUS)
ALARMED = (*SECOND[:-1], ALARM, SECOND[-1])
CLEAN = (started(corpus=""), *listed(RIGHT), *ran(1, RIGHT, passed(RIGHT)), NightEnded(BEGAN + 600, Why.STABLE, 600.0))
KILLED = SECOND[:-1]
EMPTY: tuple[NightEvent, ...] = ()


@functools.cache
def many(count: int = 200) -> tuple[NightEvent, ...]:
    """So many findings, each with a long interleaving."""
    long = finding(sample.LONG)
    events: list[NightEvent] = [started(), *listed(*(f"app/module_{index:03}.py::scenario" for index in range(count)))]
    for index in range(count):
        title = f"app/module_{index:03}.py::scenario"
        one = attrs.evolve(long if index % 2 else CROWDED, scenario=title, execution=index + 1)
        life = (Life.NEW, Life.KNOWN, Life.REGRESSED, Life.FLAKY)[index % 4]
        events += [
            *ran(index + 1, title, attrs.evolve(sample.LEAKED, scenario=title, finding=one)),
            met(index + 1, life, one, f"{index:012x}", 3, 5),
        ]
    return (*events, NightEnded(BEGAN + 28_800, Why.TIME, 28_800.0))
