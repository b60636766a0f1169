"""Deviations of the exploration core, by number, and those of repro files and people, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from redactfuzz.model.schedule import Action, Deviation, Site
from redactfuzz.schedule.engine import NO_THREAD, Act, RawDeviation, Record

_ACTIONS = {Act.STEP: Action.SWITCH, Act.EXPIRE: Action.EXPIRE, Act.FIRE: Action.CRASH}
_NUMBERS = {action: act for act, action in _ACTIONS.items()}
_EXPIRES = "its wait ends by timeout"


def action_of(record: Record) -> Action | None:
    """What was chosen in place of a step; None for a step."""
    return None if record.action is Act.STEP else _ACTIONS.get(record.action)


def note_of(record: Record, strikes: str) -> str:
    """What is said of a choice beside its place; ``strikes``: who does, where it is a crash."""
    return {Act.EXPIRE: _EXPIRES, Act.FIRE: f"{strikes} strikes"}.get(record.action, "")


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
