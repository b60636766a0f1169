"""What the exploration core knows by number, as repro files and people have it, by name: deviations and steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

from redactfuzz.model.schedule import Action, Deviation, Site, Step
from redactfuzz.schedule.engine import NO_THREAD, Act, RawDeviation, Record

_ACTIONS = {Act.STEP: Action.SWITCH, Act.EXPIRE: Action.EXPIRE, Act.FIRE: Action.CRASH}
_NUMBERS = {action: act for act, action in _ACTIONS.items()}
_EXPIRES = "its wait ends by timeout"


class Place(Protocol):
    """Where a site lies in the source."""

    @property
    def site(self) -> Site:
        """The site."""

    @property
    def file(self) -> str:
        """Its file; empty where it has none."""

    @property
    def line(self) -> int:
        """Its line there."""

    @property
    def function(self) -> str:
        """The function around it."""

    @property
    def source(self) -> str:
        """What may be shown of the line."""


def step_of(
    index: int, record: Record, thread: str, place: Place, strikes: str, expires: str = _EXPIRES, **more: Any
) -> Step:
    """One choice of the trace.

    ``strikes``: who does, where it is a crash; ``expires``: what happens, where it is an expiry; ``more``: what one
    runtime alone knows.
    """
    return Step(
        index=index,
        thread=thread,
        file=place.file,
        line=place.line,
        function=place.function,
        source=place.source,
        site=place.site,
        action=None if record.action is Act.STEP else _ACTIONS.get(record.action),
        preempts=record.preemption,
        deviation=record.deviation,
        note={Act.EXPIRE: expires, Act.FIRE: f"{strikes} strikes"}.get(record.action, ""),
        **more,
    )


def named(
    deviations: Iterable[RawDeviation], thread: Callable[[int], str], site: Callable[[int], Site]
) -> tuple[Deviation, ...]:
    """Deviations by name. ``thread`` gives "" for no thread; crashes are numbered as threads are."""
    return tuple(
        Deviation(
            thread=thread(raw.thread),
            site=site(raw.site),
            nth=raw.nth,
            action=_ACTIONS[raw.action],
            target=thread(raw.target),
            trigger=thread(raw.trigger) if raw.action is Act.FIRE else "",
        )
        for raw in deviations
    )


def numbered(
    deviations: Iterable[Deviation], thread: Callable[[str], int], site: Callable[[Site], int]
) -> list[RawDeviation]:
    """Deviations by number, for the core. ``thread`` is never asked of no thread."""

    def number(name: str, none: int = NO_THREAD) -> int:
        return thread(name) if name else none

    return [
        RawDeviation(
            thread=number(deviation.thread),
            site=site(deviation.site),
            nth=deviation.nth,
            action=_NUMBERS[deviation.action],
            target=number(deviation.target),
            trigger=number(deviation.trigger, none=0),
        )
        for deviation in deviations
    ]


def parted(
    what: str,
    step: int,
    trace: Sequence[Record],
    name: Callable[[int], str],
    place: Callable[[int], Place] | None = None,
) -> str:
    """What is said of an execution that went another way than one of the same schedule, at this step of its trace."""
    told = f"under the same schedule the {what} went another way at step {step}"
    if not trace[:step]:
        return told
    last = trace[:step][-1]
    at = place(last.site) if place is not None else None
    line = f" at {Path(at.file).name}:{at.line}" if at is not None and at.file else ""
    return f"{told}, behind a step of thread '{name(last.thread)}'{line}"
