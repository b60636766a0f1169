"""Redactors of every shape that ``race.redactor`` takes by a dotted path."""

from __future__ import annotations

from typing import Any


def function(data: str) -> str:
    return "[gone]"


function.mark = "kept"  # type: ignore[attr-defined]


class Filter:
    def method(self, data: str) -> str:
        return "[gone]"

    @staticmethod
    def static(data: str) -> str:
        return "[gone]"

    @classmethod
    def on_class(cls, data: str) -> str:
        assert issubclass(cls, Filter)
        return "[gone]"

    class Inner:
        def method(self, data: str) -> str:
            return "[gone]"


class Derived(Filter):
    """Inherits everything."""


INSTANCE = Filter()
NOT_CALLABLE = 5


def calls(name: str) -> Any:
    """What a library that uses the redactor does: it looks it up when it needs it."""
    return {
        "function": lambda text: function(text),
        "Filter.method": lambda text: Filter().method(text),
        "Filter.static": lambda text: Filter.static(text),
        "Filter.on_class": lambda text: Filter.on_class(text),
        "Filter.Inner.method": lambda text: Filter.Inner().method(text),
        "Derived.method": lambda text: Derived().method(text),
        "Derived.on_class": lambda text: Derived.on_class(text),
        "Derived.static": lambda text: Derived().static(text),
        "INSTANCE.method": lambda text: INSTANCE.method(text),
    }[name]
