"""Values out of JSON exactly as they are declared: nothing unknown, nothing missing, nothing of another type."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable
from typing import Any, get_args, get_origin

import cattrs


def converter(enumerations: Iterable[type[enum.Enum]], **settings: Any) -> cattrs.Converter:
    """A converter that takes no value for another. ``enumerations``: those of the classes that it will structure."""
    made = cattrs.Converter(forbid_extra_keys=True, **settings)
    # cattrs would turn 3 into "3" and "x" into a ValueError three levels down; a damaged text must not pass as another.
    for kind in (str, int, bool):
        made.register_structure_hook(kind, _only(kind))
    # Enumerations are str or int too and would fall to its hook, which does not know their members.
    for enumeration in enumerations:
        made.register_structure_hook(enumeration, _member)
    # Most lists of an event are empty: cattrs' own hook takes thirty times as long for each.
    made.register_structure_hook_factory(_is_list, lambda kind: _listed(made, get_args(kind)[0]))
    return made


def complaint(error: BaseException) -> str:
    """The first of what cattrs complains of, in words of ours; values are left out, since they may be anything."""
    fields = [_field(error)]
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
        fields.append(_field(error))
    field = ".".join(filter(None, fields))
    extra = getattr(error, "extra_fields", None)
    if extra:
        return f'the field "{".".join(filter(None, [field, min(extra)]))}" is unknown'
    if isinstance(error, KeyError):
        return f'the field "{field or error.args[0]}" is missing'
    return f'the field "{field}" has a value that does not fit' if field else "a value does not fit its field"


def _field(error: BaseException) -> str:
    notes = getattr(error, "__notes__", [])
    return next((match.group(1) for note in notes if (match := re.search(r"attribute (\w+)", note))), "")


def _only(kind: type) -> Any:
    def structure(value: Any, _: Any) -> Any:
        if type(value) is not kind:
            raise ValueError(f"expected {kind.__name__}")
        return value

    return structure


def _is_list(kind: Any) -> bool:
    return get_origin(kind) is tuple and get_args(kind)[1:] == (...,)


def _listed(made: cattrs.Converter, of: Any) -> Any:
    one = made.get_structure_hook(of)

    def structure(value: Any, _: Any) -> Any:
        if type(value) is not list:
            raise ValueError("expected a list")
        return tuple([one(each, of) for each in value]) if value else ()

    return structure


def _member(value: Any, of: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("expected no truth value")  # noqa: TRY004  caught where every complaint is one
    return of(value)
