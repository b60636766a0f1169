"""Marks tests by `what_runs_when.py` and `what_is_slow.py`, and puts them in order; what all of them share."""

from __future__ import annotations

import collections
import gc
import itertools
import os
import re
import signal
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from commands import surroundings
from ready import Ready
from what_is_slow import SLOW
from what_runs_when import FIRST, HALVED, LATER, ONCE, ONE_OF, TURNS, WIDE, has_its_turn

from redactfuzz.model.canary import _literal

TESTS = Path(__file__).resolve().parent
BY_PYTHON = TESTS.parent / "ci" / "tests-by-python"
NAMES = re.compile("(few|each|second) ")
COLLECTED = pytest.StashKey[list[str]]()
COMPILERS = {"c++", "cc", "clang", "clang++", "g++", "gcc", "ld"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of this suite alone."""
    parser.addoption("--turn", metavar="N/K", type=turns_of, help="of what takes turns the Nth part of K, or N,M,...")
    parser.addoption("--turn-alone", action="store_true", help="nothing beside it: what takes no turns was run")
    parser.addoption("--turn-of", metavar="FOLDER", action="append", default=[], help="takes turns too")


def turns_of(text: str) -> tuple[frozenset[int], int]:
    """Parts, from 0 on, and of how many they are. Raises ValueError."""
    some, _, turns = text.partition("/")
    chosen = frozenset(map(int, some.split(",")))
    if not all(0 <= turn < int(turns) for turn in chosen):
        raise ValueError(text)
    return chosen, int(turns)


@pytest.hookimpl(tryfirst=True, wrapper=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Iterator[None]:
    """Marks what the tables name, leaves out what has no turn, and puts in order what others have left."""
    seen: collections.Counter[str] = collections.Counter()
    config.stash[COLLECTED] = [item.nodeid for item in items]
    on_each = tuple(line.rpartition("tests/")[2] for line in BY_PYTHON.read_text().splitlines() if NAMES.match(line))
    for item in items:
        path = item.nodeid.removeprefix("tests/")
        file, _, rest = path.partition("::")
        name = f"{file.rpartition('/')[2]}::{rest}"
        kind = next((begins for begins in ONE_OF if name.startswith(begins)), "")
        seen[kind] += 1
        if seen[kind] % ONE_OF.get(kind, 1):
            item.add_marker(pytest.mark.wide)
        if name.startswith(WIDE):
            item.add_marker(pytest.mark.wide)
        if path.startswith(ONCE) or name.startswith(ONCE):
            item.add_marker(pytest.mark.once)
        elif item.get_closest_marker("once") is None:
            if name.startswith(LATER):
                item.add_marker(pytest.mark.later)
            elif path.startswith(HALVED) and not path.startswith(on_each):
                item.add_marker(pytest.mark.later if zlib.crc32(path.encode()) % 2 else pytest.mark.once)
        if name.startswith(SLOW):
            item.add_marker(pytest.mark.slow)
    leave_to_other_turns(config, items)
    yield
    items[:] = in_two_halves(items)


def leave_to_other_turns(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselects what another commit runs: see TURNS."""
    asked: tuple[frozenset[int], int] | None = config.getoption("--turn")
    if asked is None:
        return
    folders = (*TURNS, *config.getoption("--turn-of"))
    kept: list[pytest.Item] = []
    others: list[pytest.Item] = []
    for item in items:
        path = item.nodeid.removeprefix("tests/")
        takes_turns = path.startswith(folders) or item.get_closest_marker("slow") is not None
        runs = has_its_turn(path, *asked) if takes_turns else not config.getoption("--turn-alone")
        (kept if runs else others).append(item)
    config.hook.pytest_deselected(items=others)
    items[:] = kept


def in_two_halves(items: list[pytest.Item]) -> list[pytest.Item]:
    """Each half in the order of FIRST, files whole: with two workers pytest-xdist gives each a half to begin with."""
    halves: tuple[list[pytest.Item], list[pytest.Item]] = ([], [])

    def folder(item: pytest.Item) -> int:
        parts = item.nodeid.removeprefix("tests/").split("/")
        return FIRST.index(parts[0]) if parts[0] in FIRST else len(FIRST)

    for _, file in itertools.groupby(sorted(items, key=folder), key=lambda item: item.path):
        min(halves, key=len).extend(file)
    return [*halves[0], *halves[1]]


def no_compiler(event: str, args: tuple[Any, ...]) -> None:
    """An audit hook: without the tests that are marked slow no compiler runs, so that `make quick` stays quick."""
    if event == "subprocess.Popen" and Path(os.fsdecode(args[0])).name in COMPILERS:
        pytest.fail(f"{args[0]} is run by a test that is not slow: name the test in SLOW of tests/what_is_slow.py")


def pytest_configure(config: pytest.Config) -> None:
    """Ctrl-C reaches what tests start, although a shell that ran this in the background had it ignored."""
    if "not slow" in config.getoption("markexpr"):
        sys.addaudithook(no_compiler)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ["REDACTFUZZ_WERROR"] = "1"  # a warning of gcc in our driver is an error here
    # Time decides no test, and a busy machine takes any.
    hypothesis.settings.register_profile(
        "suite", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
    )
    hypothesis.settings.load_profile("suite")


def pytest_collection_finish() -> None:
    """What is there by now stays: the collector need not look at it, nor in the processes that are forked."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def no_literal_planted() -> None:
    """Once one is planted, no source line of the process shows a text: not so for the tests that come after."""
    _literal._planted.clear()


@pytest.fixture(scope="session")
def every_name(request: pytest.FixtureRequest) -> list[str]:
    """The names of all tests, also of those that this run leaves out; where it was given a part, they are collected."""
    config = request.config
    whole = all(config.rootpath / each in (config.rootpath, TESTS) for each in config.args)
    if whole and not any(config.getoption(name) for name in ("ignore", "ignore_glob", "pyargs")):
        return config.stash[COLLECTED]
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-m", "", str(TESTS)]
    own = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
    done = subprocess.run(command, cwd=TESTS.parent, env=own, capture_output=True, text=True, check=True)
    return [line for line in done.stdout.splitlines() if "::" in line]


@pytest.fixture(scope="session")
def ready() -> Iterator[Ready]:
    """A process that forks for each command."""
    made = Ready(surroundings())
    yield made
    made.close()


@pytest.fixture(scope="session")
def ready_pytest() -> Iterator[Ready]:
    """The same for ``python -m pytest``."""
    made = Ready(surroundings(), pytest=True)
    yield made
    made.close()
