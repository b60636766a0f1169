"""Schedules as plain values: what deviated from the default order, and where."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from operator import attrgetter
from typing import overload

import attrs


class Granularity(enum.StrEnum):
    """How close together the scheduling points lie, coarse to fine."""

    CALLS = "calls"
    SWITCHES = "switches"
    INSTRUCTIONS = "instructions"


class Action(enum.StrEnum):
    """What a deviation does instead of going on in the default order."""

    SWITCH = "switch"
    EXPIRE = "expire"
    CRASH = "crash"


@attrs.frozen
class Site:
    """A place in the program that keeps its name across processes.

    ``place`` is ``+LINE:COLUMN`` relative to the function's first line for calls and function entries (the same on
    every interpreter), ``#INDEX`` for a single instruction, and empty for a thread that has not started.
    """

    module: str
    function: str
    place: str

    def __str__(self) -> str:
        return f"{self.module}:{self.function}{self.place}"


@attrs.frozen
class Deviation:
    """When ``thread`` is current and is at ``site`` for the ``nth`` time (1-based), do ``action`` to ``target``.

    ``target`` is the thread that goes on (SWITCH), whose wait ends (EXPIRE) or on which the crash strikes (CRASH);
    ``trigger`` names the crash. An empty ``thread`` stands for the first choice of an execution.
    """

    thread: str
    site: Site
    nth: int
    action: Action
    target: str
    trigger: str = ""


DRAWN = (1 << 31) - 1
"""In place of the bits of ``turned_at``: each execution draws the order of each set."""


@attrs.frozen
class Schedule:
    """The deviations from the default order, in the order in which they happen.

    ``python`` names the interpreter (``3.13``) when the granularity is finer than calls; such a schedule replays
    only there.
    """

    granularity: Granularity
    deviations: tuple[Deviation, ...] = ()
    python: str = ""
    stalls: bool = False
    """The machine stalls: 1.1 s pass before each look at a clock; or"""
    stalls_at: int = 0
    """if not 0, the looks before which alone 100 days pass: a bit each, from the first look on."""
    turned: bool = False
    """Sets of text have the other order, as under other hash seeds,"""
    turned_at: int = 0
    """or, where it is not 0, these alone: a bit each, by what is in the set; or `DRAWN`."""
    double: bool = False
    """A second crash may strike while the handler of the first runs."""
    focus: tuple[str, ...] = ()
    """Modules in whose midst threads are stopped, beside the scenario's file; none: all code."""
    aside: tuple[str, ...] = ()
    """Modules in whose midst no thread is stopped: a call of one is a step. Files, not what lies in a package."""

    @property
    def otherwise(self) -> dict[str, int]:
        """What is otherwise than who has its turn, by field; a Stage has the same ones."""
        names = ("stalls", "stalls_at", "turned", "turned_at", "double")
        return {name: getattr(self, name) for name in names}

    child: int = 0
    """Of a program: the child of fork that a crash strikes, beside those that it strikes in every execution,"""
    moment: int = 0
    """and when: its so-manyth call, or, negative, before its so-manyth store."""


@attrs.frozen
class Passed:
    """A line that a step ran after its own place, without a scheduling point there."""

    file: str
    line: int
    source: str
    function: str = ""


@attrs.frozen
class Step:
    """One step of a described execution: who did what, where, and what the source says there."""

    index: int
    thread: str
    file: str
    line: int
    function: str
    source: str
    site: Site
    action: Action | None = None
    preempts: bool = False
    deviation: bool = False
    switchable: bool = True
    note: str = ""
    struck: str = ""
    """The thread on which the crash struck right before this step, of itself: the process had come to its end."""
    passed: tuple[Passed, ...] = ()


_without_index = attrgetter(*(field.name for field in attrs.fields(Step) if field.name != "index"))


@attrs.frozen
class Steps(Sequence[Step]):
    """Steps of one execution. Those of a loop differ by their index alone, so that each kind of them is kept once.

    100,000 steps are made, searched for secrets and sent to another process as fast as a few hundred.
    """

    kinds: tuple[Step, ...]
    order: tuple[int, ...]
    """Which of the kinds each step is."""
    first: int = 0
    """Index of the first step."""

    def __len__(self) -> int:
        return len(self.order)

    @overload
    def __getitem__(self, at: int) -> Step: ...

    @overload
    def __getitem__(self, at: slice) -> tuple[Step, ...]: ...

    def __getitem__(self, at: int | slice) -> Step | tuple[Step, ...]:
        places = range(len(self.order))[at]
        return self._make(places) if isinstance(places, int) else tuple(map(self._make, places))

    def _make(self, at: int) -> Step:
        return Step(self.first + at, *_without_index(self.kinds[self.order[at]]))


@attrs.frozen
class Window:
    """From which step to which the last deviation may strike for the leak to happen (indices into the steps)."""

    first: int
    last: int
    leaking: int
    tried: int
