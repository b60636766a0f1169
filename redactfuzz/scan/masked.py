"""A verdict that shows no secret: names of files, members, mappings and notes come from the dump and may hold one."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

import attrs

from redactfuzz.model.canary import Canary
from redactfuzz.model.exposure import DumpReport
from redactfuzz.scan.masker import Masker

_Value = TypeVar("_Value")


def masked(report: DumpReport, canaries: Sequence[Canary]) -> DumpReport:
    """The report with canaries, and pieces of them, taken out of every text in it."""
    if not canaries:
        return report
    texts = sorted(set(_texts(report)))
    # Of one name there may be several, one for each execution; the masker asks for nothing but the values.
    known = {str(index): canary for index, canary in enumerate(canaries)}
    return _with(report, Masker(0)((), texts, known))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield str(value)
    elif isinstance(value, tuple):
        for item in value:
            yield from _texts(item)
    elif attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            yield from _texts(getattr(value, field.name))


def _with(value: _Value, instead: Mapping[str, str]) -> _Value:
    changed: Any = value
    if isinstance(value, enum.Enum):
        return value
    if isinstance(value, str):
        changed = instead.get(value, value)
    elif isinstance(value, tuple):
        changed = tuple(_with(item, instead) for item in value)
    elif attrs.has(type(value)):
        fields = attrs.fields(type(value))  # type: ignore[arg-type]
        changed = attrs.evolve(  # type: ignore[misc]
            value, **{field.name: _with(getattr(value, field.name), instead) for field in fields}
        )
    return changed  # type: ignore[no-any-return]
