"""Where what is carried over is looked for: in the function of a scenario, and in packages that were there."""

from __future__ import annotations

import importlib
import itertools
import sys
import weakref
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest

from redactfuzz.threads.restore import carried


@pytest.mark.parametrize("leaves", [True, False])
def test_what_the_function_of_a_scenario_closes_over_or_has_as_a_default_is_looked_at(leaves: bool) -> None:
    seen, counts = list[int](), {"calls": 0}

    def body(given: list[int] = []) -> object:  # noqa: B006  this is the point
        return seen, counts, given

    changes: list[Callable[[], object]] = [lambda: seen.append(1), lambda: counts.update(calls=1)]
    changes.append(lambda: body.__defaults__[0].append(1))  # type: ignore[index]
    told = []
    for change in changes:
        before = carried.states(body, near=True)
        if leaves:
            change()
        told.append(carried.changed(before, carried.states(body, near=True)))
    assert told == 3 * [["what the scenario is given or closes over"] if leaves else []]


def test_how_the_interpreter_calls_a_partial_is_nothing_that_is_carried_over() -> None:
    """It notes in the object that it was called with many names, and who refers to it weakly."""
    given = partial(dict, **{f"n{number}": number for number in range(20)})
    before = carried.states(given, near=True)
    for number in range(20):
        given(**{f"m{number}": number})
    referred = weakref.ref(given)
    assert carried.changed(before, carried.states(given, near=True)) == []
    assert referred() is given
    given.keywords["n0"] = 1
    assert carried.changed(before, carried.states(given, near=True))


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
    loaded_here = carried.loaded

    def of_the_package() -> dict[str, ModuleType]:
        """To look at each module of all tests that this process has loaded takes seconds."""
        return {one: module for one, module in loaded_here().items() if one.startswith(name)}

    monkeypatch.setattr(carried, "loaded", of_the_package)

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
