"""Verdicts and the record behind them."""

from __future__ import annotations

import enum

import attrs


class Verdict(enum.StrEnum):
    """What a campaign says; see `docs/verdicts.md`."""

    LEAK = "LEAK"
    BUG = "BUG"
    PROVED = "PROVED"
    NO_LEAK_FOUND = "NO_LEAK_FOUND"
    VACUOUS = "VACUOUS"
    INCONCLUSIVE = "INCONCLUSIVE"
    ERROR = "ERROR"

    @property
    def passed(self) -> bool:
        """PROVED or NO_LEAK_FOUND."""
        return self in (Verdict.PROVED, Verdict.NO_LEAK_FOUND)


EXIT_CODES = {
    Verdict.PROVED: 0,
    Verdict.NO_LEAK_FOUND: 0,
    Verdict.LEAK: 1,
    Verdict.BUG: 1,
    Verdict.ERROR: 4,
    Verdict.VACUOUS: 5,
    Verdict.INCONCLUSIVE: 5,
}
INTERNAL, INTERRUPTED = 3, 130
_ORDER = (INTERRUPTED, INTERNAL, 1, 4, 5)


def exit_code(codes: list[int]) -> int:
    """One exit code for several scenarios: the first of 130, 3, 1, 4, 5 that is there, else 0."""
    return next((code for code in _ORDER if code in codes), 0)


class Label(enum.StrEnum):
    """Whether this interpreter can really switch where the finding needs it."""

    REACHABLE = "reachable on this build"
    FINER = "finer than this build"
    UNCONFIRMED = "not confirmed on this build"
    """The search for switches that it makes was not finished."""


@attrs.frozen
class Reason:
    """Why a verdict is not a pass: what happened, and what to do."""

    what: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.what} {self.remedy}".strip()


@attrs.frozen
class Control:
    """One of the four controls of a campaign."""

    name: str
    passed: bool
    detail: str = ""


@attrs.frozen
class Certificate:
    """The record behind PROVED and NO_LEAK_FOUND: what was covered, and on what."""

    covered: tuple[str, ...]
    """One line for each exhausted or ended stage."""
    executions: int
    seconds: float
    seed: int
    controls: tuple[Control, ...]
    python: str
    """Empty for a C or C++ program."""
    gil: bool
    hash_seed: str
    isolation: str
    granularity: str
    """Of what a stage reports as exhausted. Empty: none was."""
    preemptions: int | None
    """The bound that was exhausted; None: no bound, everything was explored (with a granularity), or nothing was."""
    opaque: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    memory_model: str = "sequentially consistent"
    assumptions: tuple[str, ...] = ()
    """What was held fixed in every execution: nothing is said of executions in which it is otherwise."""
    build: str = ""
    """Of the interpreter: compiler, and what changes how it runs (-O, a debug build)."""
    inputs: tuple[str, ...] = ()
    """What the scenario was run with: drawn arguments by name, and whether canaries change."""
    compared: tuple[str, ...] = ()
    """Of how many schedules the dumps were compared under other secrets, and what was left out of it."""
    focus: tuple[str, ...] = ()
    """Inside which modules threads were stopped, where not in all code, and what of the rest."""
    obstacles: tuple[str, ...] = ()
    """Of a pass that is no proof: what stands in the way of one, the most important first."""
    counts: tuple[str, ...] = ()
    """How many dumps were searched, how often the redactor was called: a search of nothing would show here."""
