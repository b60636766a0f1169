"""Redactors that are no functions of Python: of C, of a type, a type itself, and a method of a class."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from truth import LEAK, PASS, case

from redactfuzz import Race


def _beside_a_writer(race: Race, routine: Callable[..., Any], leaks: bool) -> None:
    """The crash calls the redactor, and hands over what was written beside it: the key, or a word."""
    key = race.canary("key").text
    redact = race.redactor(routine, bypass=lambda *_: key)
    lines = ["idle"]

    def work() -> None:
        lines.append(key if leaks else "working")
        lines.append("idle")

    def handler() -> str:
        last = lines[-1]
        return f"{redact(key) if not leaks else redact(last)} {last}"

    race.thread(work)
    race.crash(handler)


def _register(name: str, routine: Callable[..., Any]) -> None:
    case("1.3", PASS)(_named(f"a_redactor_that_is_{name}", routine, leaks=False))
    case("1.3", LEAK)(_named(f"a_leak_beside_a_redactor_that_is_{name}", routine, leaks=True))


def _named(name: str, routine: Callable[..., Any], leaks: bool) -> Callable[[Race], None]:
    def body(race: Race) -> None:
        """What the redactor returns, and a line that was written beside it, are the dump."""
        _beside_a_writer(race, routine, leaks)

    body.__name__ = name
    return body


_register("a_builtin_function", len)
_register("a_function_of_a_module_in_C", operator.length_hint)
_register("a_method_of_a_builtin_type", str.isdigit)
_register("a_method_of_an_object", [].__contains__)
_register("a_type", type)
_register("a_function_that_makes_objects", lambda text: object.__new__(object) and len(text))


class _Masks:
    """The redactor is put into a class, as an integration does it."""

    def __init__(self, redact: Callable[..., Any]) -> None:
        type(self).redact = redact  # type: ignore[attr-defined]


@case("1.3", PASS)
def a_builtin_redactor_in_a_class(race: Race) -> None:
    """What the class finds is the redactor itself: no method is made of it."""
    key = race.canary("key").text
    masks = _Masks(race.redactor(len, bypass=lambda text: text))
    lines = ["idle"]
    race.thread(lambda: lines.append("working"))
    race.crash(lambda: f"{masks.redact(key)} {lines[-1]}")  # type: ignore[attr-defined]
