"""Redactors that are no functions of Python, as they are, in a class, and by their path."""

from __future__ import annotations

import functools
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


class _Object:
    """Is called, and is no method of the class that it lies in."""

    def __call__(self, text: str) -> int:
        return len(text)


class _Bound(_Object):
    """Is bound in a way of its own."""

    def __get__(self, holder: object, owner: type) -> Callable[..., Any]:
        return functools.partial(self.of, holder)

    def of(self, holder: object, text: str) -> int:
        """What the class hands on."""
        return len(text) + (holder is None)


class Log:
    """Its redactors are named by a path."""

    called = _Object()
    bound = _Bound()
    builtin = len


_IN_A_CLASS: dict[str, Callable[..., Any]] = {
    "a_builtin_function": len,
    "a_static_method": staticmethod(len),
    "a_static_method_in_Python": staticmethod(lambda text: len(text)),
    "an_object_that_is_called": _Object(),
    "an_object_that_binds_otherwise": _Bound(),
    "a_method_of_an_object": _Object().__call__,
}


def _in_class(wrapped: Callable[..., Any]) -> Callable[[Race], None]:
    def body(race: Race) -> None:
        """What the class gives is what it would give without the redactor; controls bypass it."""
        key = race.canary("key").text
        holder = type("Holder", (), {"mask": race.redactor(wrapped, bypass=lambda text: text)})()
        lines = ["idle"]
        race.thread(lambda: lines.append("working"))
        race.crash(lambda: f"{holder.mask(key)} {lines[-1]}")

    return body


def _by_path(name: str) -> Callable[[Race], None]:
    def body(race: Race) -> None:
        """The same of what is named by its path."""
        key = race.canary("key").text
        race.redactor(f"{__name__}:Log.{name}")
        lines = ["idle"]
        race.thread(lambda: lines.append("working"))
        race.crash(lambda: f"{getattr(Log(), name)(key)} {lines[-1]}")

    return body


for kind, wrapped in _IN_A_CLASS.items():
    body = _in_class(wrapped)
    body.__name__ = f"{kind}_is_a_redactor_in_a_class"
    case("1.3", PASS)(body)
for attribute in ("called", "bound", "builtin"):
    body = _by_path(attribute)
    body.__name__ = f"a_redactor_in_a_class_by_its_path_{attribute}"
    case("1.3", PASS)(body)
