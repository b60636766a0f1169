"""What the table of builtins says that they change is held against what they do, by copies before and after."""

from __future__ import annotations

import collections
import copy
import importlib
import itertools
import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from redactfuzz.threads import _hooks

ROWS = _hooks.builtins_known()


class Thing:
    """What attributes are stored to."""

    def __init__(self) -> None:
        self.name = [1]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Thing) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]


SELVES: dict[str | None, Callable[[], Any]] = {
    "list": lambda: [3, 1, 2],
    "dict": lambda: {"a": [1], "b": 2},
    "set": lambda: {1, "a"},
    "str": lambda: "a b, c",
    "bytes": lambda: b"a b",
    "bytearray": lambda: bytearray(b"a b"),
    "int": lambda: 7,
    "tuple": lambda: (1, 2),
    "deque": lambda: collections.deque([1, 2]),
    "Pattern": lambda: re.compile("(a)"),
    "Match": lambda: re.match("(a)", "ab"),
}
"""What each method is called of; locks apart, of which there is nothing to compare."""
ARGUMENTS: tuple[Callable[[], Any], ...] = (
    lambda: 1, lambda: "a", lambda: b"a", lambda: [1, [2]], lambda: {"a": 3}, Thing, lambda: "name", lambda: Thing,
    lambda: (1, "a"), lambda: {2}, lambda: 2, lambda: None,
)  # fmt: skip
PAIRED = 8
"""So many of them come in pairs."""


def looks(values: list[Any]) -> list[Any]:
    """Copies that are compared; an iterator is as long as what is left of it."""
    return [tuple(copy.copy(each)) if hasattr(each, "__next__") else copy.deepcopy(each) for each in values]


def calls(type_name: str | None, name: str, module: str) -> Iterator[tuple[list[Any], Callable[[], object]]]:
    """What is handed over in each of many calls, itself included, and the call."""
    # An iterator is given to nothing else: of whatever goes through one it is not known (values.c).
    arguments = ARGUMENTS if name != "next" else (lambda: iter([1, 2]),)
    for count in range(4):
        of = arguments if count < 2 else arguments[:PAIRED]
        for chosen in itertools.product(of, repeat=count) if count < 3 else [(Thing, lambda: "name", list)]:
            own = [] if type_name is None else [SELVES[type_name]()]
            given = [make() for make in chosen]
            home = importlib.import_module(module) if type_name is None else own[0]
            function = getattr(home, name)
            yield [*own, *given], lambda function=function, given=given: function(*given)  # type: ignore[misc]


def changed(type_name: str | None, name: str, module: str) -> tuple[int, bool]:
    """How many calls went well, and whether any of them changed what it was given."""
    good, found = 0, False
    for values, call in calls(type_name, name, module):
        before = looks(values)
        try:
            call()
        except Exception:
            continue
        good += 1
        found |= looks(values) != before
    return good, found


UNCALLED = {"__reduce_ex__", "_abc_instancecheck", "compile"}
"""What changes nothing by what its arguments are, and is asked of classes of its own: test_reduced_seen."""
KNOWN = [
    row
    for row in ROWS
    if row[1] not in ("lock", "RLock") and row[2] not in UNCALLED
    if hasattr(importlib.import_module(row[0]), row[1] or row[2])
]


@pytest.mark.parametrize(("module", "type_name", "name", "changes"), KNOWN, ids=[f"{row[1]}.{row[2]}" for row in KNOWN])
def test_a_builtin_changes_nothing_unless_the_table_says_so(
    module: str, type_name: str | None, name: str, changes: bool
) -> None:
    good, found = changed(type_name, name, module)
    assert good > 0
    assert found == changes


def test_every_row_of_the_table_is_there_once() -> None:
    assert len(ROWS) > 100
    assert len({row[:3] for row in ROWS}) == len(ROWS)


def test_locks_are_in_the_table() -> None:
    assert {"acquire", "release"} <= {name for _, type_name, name, _ in ROWS if type_name == "lock"}
    assert type(threading.Lock()).__name__ == "lock"
