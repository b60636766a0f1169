"""What an execution leaves in a module of the program is noticed, wherever it lies; what is as before is not."""

from __future__ import annotations

import importlib
import itertools
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from redactfuzz.threads.restore import carried

_SOURCE = """
import itertools, string
import {other}

COUNT = itertools.count()
PASSES = (number for number in range(9))
__state__ = []
ITEMS = iter([1, 2, 3])

class Outer:
    class Inner:
        used = 0

def made():
    class Local:
        used = 0
    return Local()

LOCAL = made()

def body(race):
    pass
"""
LEAVES: dict[str, Callable[[Any, Any], object]] = {
    "nothing": lambda here, other: None,
    "a counter": lambda here, other: next(here.COUNT),
    "a generator": lambda here, other: next(here.PASSES),
    "an iterator": lambda here, other: next(here.ITEMS),
    "a name with underscores": lambda here, other: here.__state__.append(1),
    "a class in a class": lambda here, other: setattr(here.Outer.Inner, "used", 1),
    "the class of an object, which has no name": lambda here, other: setattr(type(here.LOCAL), "used", 1),
    "another module": lambda here, other: other.SEEN.append(1),
    "a module of the standard library": lambda here, other: setattr(here.string, "left_by_a_test", 1),
}


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Any, Any]]:
    """That of a scenario, and the one that it imports from."""
    names = (f"carried_{number}" for number in itertools.count() if f"carried_{number}" not in sys.modules)
    found = []
    for name, source in ((next(names) + "_other", "SEEN = []"), (next(names), "")):
        module = types.ModuleType(name)
        module.__file__ = str(tmp_path / f"{name}.py")
        monkeypatch.setitem(sys.modules, name, module)
        exec(source or _SOURCE.format(other=found[0].__name__), vars(module))
        found.append(module)
    yield found[1], found[0]
    vars(found[1].string).pop("left_by_a_test", None)


@pytest.mark.parametrize("left", LEAVES)
def test_what_is_left_is_noticed(left: str, modules: tuple[Any, Any]) -> None:
    here, other = modules
    before = carried.states(here.body, near=True)
    LEAVES[left](here, other)
    assert bool(carried.changed(before, carried.states(here.body, near=True))) is (left != "nothing")


def test_a_part_of_a_package_that_is_only_loaded_is_nothing_and_what_is_left_in_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise whoever imports at first use would have a process for each execution."""
    name = next(f"package_{n}" for n in itertools.count() if f"package_{n}" not in sys.modules)
    folder = tmp_path / name
    folder.mkdir()
    (folder / "__init__.py").write_text("LOADED = []")
    (folder / "part.py").write_text("SEEN = []")
    monkeypatch.syspath_prepend(str(tmp_path))
    package = importlib.import_module(name)

    def changed(before: Mapping[str, int], after: Mapping[str, int]) -> list[str]:
        """In the package: what else this process has may change by itself."""
        return [one for one in carried.changed(before, after) if one.startswith(name)]

    try:
        before = carried.states(body := package)
        part = importlib.import_module(f"{name}.part")
        loaded = carried.states(body)
        assert changed(before, loaded) == []
        part.SEEN.append(1)
        assert changed(loaded, carried.states(body)) == [f"{name}.part.SEEN"]
        package.LOADED.append(1)
        assert f"{name}.LOADED" in changed(loaded, carried.states(body))
    finally:
        for each in (name, f"{name}.part"):
            sys.modules.pop(each, None)
