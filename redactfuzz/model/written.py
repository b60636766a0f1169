"""Events as JSON Lines, ``rfevents/1``: what one program writes another reads, and takes no value for another.

A line is an object: ``v``, ``event`` (the name of its class in `model.events` or `model.night`), and the fields of
that class. Nothing of it is a secret: texts of the code under test were masked before they became part of an event.
"""

from __future__ import annotations

import json
import math
from typing import Any, get_origin

from redactfuzz.model import strict
from redactfuzz.model.events import (
    CampaignEnded,
    CampaignProgress,
    CampaignStarted,
    Depended,
    FindingSeen,
    Listed,
    Measured,
    PassRuledOut,
    Replayed,
    ReplayResult,
    Used,
)
from redactfuzz.model.limits import strict_constant
from redactfuzz.model.night import (
    Alarm,
    AlarmKind,
    FindingMeasured,
    FindingMet,
    Life,
    NightEnded,
    NightStarted,
    Resumed,
    SliceBegan,
    SliceEnded,
    TargetListed,
    Why,
)
from redactfuzz.model.outcome import BugKind, LeakKind
from redactfuzz.model.schedule import Action, Granularity
from redactfuzz.model.verdict import Label, Verdict

VERSION = 1
"""Of the lines that this version writes; it reads no later one."""
KINDS = (
    *(Listed, CampaignStarted, CampaignProgress, PassRuledOut, FindingSeen, Replayed, Measured, Depended, Used),
    CampaignEnded,
    *(NightStarted, Resumed, TargetListed, SliceBegan, SliceEnded, FindingMet, FindingMeasured),
    *(Alarm, NightEnded),
)
"""Every event that can be written."""
_BY_NAME = {kind.__name__: kind for kind in KINDS}


class EventError(ValueError):
    """A line that is no event which this version knows. The message says what is wrong, and quotes no value."""


def dumps(event: Any) -> str:
    """One line, without a newline at its end. ``event``: of one of the KINDS."""
    body = {"v": VERSION, "event": type(event).__name__, **_CONVERTER.unstructure(event)}
    return json.dumps(body, ensure_ascii=True, separators=(",", ":"))


def loads(line: str | bytes) -> Any:
    """The event of a line. Raises EventError and nothing else."""
    try:
        body = json.loads(line, parse_constant=strict_constant)
    except (ValueError, RecursionError):
        raise EventError("it is no whole line of JSON") from None
    if not isinstance(body, dict):
        raise EventError("it is no object")
    version, name = body.pop("v", None), body.pop("event", None)
    if type(version) is not int or version < 1:
        raise EventError('it has no "v", the number of its version')
    if version > VERSION:
        raise EventError(f"it is of version {version}, and this redactfuzz reads up to {VERSION}: upgrade it")
    kind = _BY_NAME.get(name) if isinstance(name, str) else None
    if kind is None:
        raise EventError("it names no event that is known")
    try:
        return _CONVERTER.structure(body, kind)
    except Exception as error:  # cattrs raises whatever the wrong value leads to
        raise EventError(f"{kind.__name__}: {strict.complaint(error)}") from None


def _converter() -> Any:
    enumerations = (Action, AlarmKind, BugKind, Granularity, Label, LeakKind, Life, ReplayResult, Verdict, Why)
    made = strict.converter(enumerations, omit_if_default=True)
    made.register_structure_hook(float, _number)
    made.register_unstructure_hook(float, lambda value: value if math.isfinite(value) else None)
    made.register_unstructure_hook_func(_is_set, sorted)
    return made


def _is_set(kind: Any) -> bool:
    return get_origin(kind) is frozenset


def _number(value: Any, _: Any) -> float:
    """JSON makes no difference between 1 and 1.0, and has no infinity: that is null."""
    if value is None:
        return math.inf
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError("expected a number")  # noqa: TRY004  caught in loads, where every complaint is one
    return float(value)


_CONVERTER = _converter()
