"""The focus of a search: modules in whose midst threads are stopped, or all but some; other calls are one step."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from functools import partial
from importlib.machinery import ModuleSpec
from typing import Any

import attrs


@attrs.frozen
class Focus:
    """Modules by name, and where their code lies: files, and folders with ``/`` at their ends."""

    places: tuple[str, ...] = ()
    """The last one is the scenario's own file; none: all code is explored."""
    aside: bool = False
    """All code but that of these places is."""
    _names: tuple[str, ...] = ()
    """Of the module that each of the others belongs to."""

    @classmethod
    def resolve(cls, names: Sequence[str], aside: Sequence[str], body: Any) -> Focus:
        """``body`` is the scenario. Names of modules that are not there have no place."""
        if not names:
            return cls(tuple(place for name in aside for place in _place(name)), aside=True)
        found = [(place, name) for name in names for place in places(name)]
        return cls((*(place for place, _ in found), _file(body)), names=tuple(name for _, name in found))

    def entered(self, bits: int) -> frozenset[str]:
        """The modules of which code has run."""
        return frozenset(name for index, name in enumerate(self._names) if bits >> index & 1)


def places(name: str) -> list[str]:
    """Where the code of a module and of those inside it lies. Nothing is imported; empty where there is none."""
    spec = _spec(name)
    if spec is None:
        return []
    folders = list(spec.submodule_search_locations or ())
    if folders:
        return [f"{folder.rstrip('/')}/" for folder in folders]
    return [spec.origin] if spec.has_location and spec.origin and spec.origin.endswith(".py") else []


def _place(name: str) -> list[str]:
    """Where the code of this module alone lies."""
    spec = _spec(name)
    if spec is None or spec.origin is None:
        return []
    return [f"<frozen {spec.name}>"] if spec.origin == "frozen" else [spec.origin]


def _spec(name: str) -> ModuleSpec | None:
    """What the import of it would load. Its parents are looked at, and not run."""
    spec, path = None, None
    for full in _prefixes(name):
        spec = getattr(sys.modules.get(full), "__spec__", None) or _found(full, path)
        if spec is None:
            return None
        path = list(spec.submodule_search_locations or ())
    return spec


def _prefixes(name: str) -> Iterator[str]:
    parts = name.split(".")
    yield from (".".join(parts[: count + 1]) for count in range(len(parts)))


def _found(full: str, path: Sequence[str] | None) -> ModuleSpec | None:
    for finder in sys.meta_path:
        spec = finder.find_spec(full, path) if hasattr(finder, "find_spec") else None
        if spec is not None:
            return spec
    return None


def _file(body: Any) -> str:
    """Of the function that the user wrote."""
    while not hasattr(body, "__code__"):
        inner = body.func if isinstance(body, partial) else getattr(body, "__func__", None)
        if inner is None:
            return ""
        body = inner
    body = getattr(body, "__wrapped__", body)
    return str(body.__code__.co_filename) if hasattr(body, "__code__") else ""
