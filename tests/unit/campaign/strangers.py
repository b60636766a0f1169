"""Repro files of a scenario and of a program, as a stranger may send them."""

from __future__ import annotations

from typing import Any

import attrs

from redactfuzz.model.outcome import BugKind
from redactfuzz.model.repro import Identity, Repro
from redactfuzz.model.schedule import Granularity, Schedule
from redactfuzz.model.verdict import Verdict

_PROGRAM: dict[str, Any] = {
    "sources": ["program.c"],
    "flags": [],
    "arguments": [],
    "environment": {},
    "crash": "SIGSEGV",
    "canaries": {},
    "routes": {},
    "redactors": [],
    "oracles": [],
    "second_crash": True,
}
SCENARIO = Repro(
    "scenario",
    "scenario.py",
    Identity(Verdict.BUG, bug_kind=BugKind.DEADLOCK),
    Schedule(Granularity.CALLS),
    seed=0,
    canary_number=1,
    python="3.11.7",
)


def program(**fields: Any) -> Repro:
    """One of ``program.c``, with these fields of a program."""
    return attrs.evolve(SCENARIO, path="program.c", program={**_PROGRAM, **fields})


PROGRAM = program(flags=["-O2", "-Iinclude"], environment={"TOKEN": "x"})
