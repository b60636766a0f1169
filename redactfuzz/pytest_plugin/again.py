"""How the finding of a test is seen again: by redactfuzz alone, where that imports as pytest did, or by which words."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from redactfuzz.pytest_rules import Rules

_VALUED = {"-o", "--override-ini", "--confcutdir", "-p"}
"""Options that change what is imported, with a value,"""
_ALONE = {"--noconftest"}
"""and without."""
_BEFORE = ("pytest_plugins", "pytest_configure", "pytest_sessionstart", "pytest_collection", "pytest_collectstart")
"""What of a conftest only pytest carries out, before it imports a test."""

_RULES = pytest.StashKey["dict[Path, Rules]"]()


def imports_alike(item: pytest.Item) -> bool:
    """Whether the command line finds the modules of this test by itself."""
    config, rules = item.config, _rules(item)
    module = getattr(item, "module", None)
    return (
        rules.mode == config.getoption("importmode")
        and rules.paths == tuple(config.getini("pythonpath"))
        and rules.conftests == _conftests(item)
        and not any(map(_prepares, _modules(config, rules.conftests)))
        and getattr(module, "__name__", "") in (rules.module(item.path)[1], "")
    )


def _modules(config: pytest.Config, files: tuple[Path, ...]) -> Iterator[Any]:
    """The conftest modules of these files."""
    for plugin in config.pluginmanager.get_plugins():
        file = getattr(plugin, "__file__", None)
        if isinstance(file, str) and Path(file) in files:
            yield plugin


def _prepares(conftest: Any) -> bool:
    """Whether it does more than being imported before the tests are: set variables, extend sys.path, load plugins."""
    return any(hasattr(conftest, name) for name in _BEFORE)


def words(item: pytest.Item) -> str:
    """What starts pytest in the same way, but for what is to run."""
    from redactfuzz.campaign.session.started import command, python
    from redactfuzz.model.texts.shell import quoted

    argv = getattr(item.config, "workerinput", {}).get("mainargv") or sys.argv
    by_module = Path(argv[0]).name == "__main__.py"
    start = f"{python()} -m pytest" if by_module else command("pytest")
    return " ".join([start, *map(quoted, _found(item)), *map(quoted, _given(_arguments(item, argv)))])


def _rules(item: pytest.Item) -> Rules:
    """Read once for each file of tests: every test of a session asks, and pytest itself has read them at its start."""
    from redactfuzz.pytest_rules import rules_for

    known = item.config.stash.setdefault(_RULES, {})
    if item.path not in known:
        known[item.path] = rules_for(item.path, item.config.invocation_params.dir)
    return known[item.path]


def _conftests(item: pytest.Item) -> tuple[Path, ...]:
    from redactfuzz.pytest_rules import conftests_of

    option, ini = item.config.option, item.config.inipath
    if getattr(option, "noconftest", False):
        return ()
    cut = getattr(option, "confcutdir", None)
    return conftests_of(item.path, Path(cut) if cut else ini.parent if ini is not None else item.config.rootpath)


def _found(item: pytest.Item) -> Iterator[str]:
    """What pytest would find otherwise if it were given this test alone."""
    config, rules = item.config, _rules(item)
    root = rules.root
    if config.inipath != rules.ini:
        yield "-c"
        yield _near(config.inipath) if config.inipath is not None else os.devnull
        root = config.inipath.parent if config.inipath is not None else rules.root
    if config.rootpath != root:
        yield f"--rootdir={_near(config.rootpath)}"
    if config.getoption("importmode") != rules.mode:
        yield f"--import-mode={config.getoption('importmode')}"


def _arguments(item: pytest.Item, argv: Sequence[str]) -> Sequence[Any]:
    own = hasattr(item.config, "workerinput")
    return argv[1:] if own else item.config.invocation_params.args


def _given(arguments: Sequence[Any]) -> Iterator[str]:
    """What of the command line says how to import. A plugin that was left out did not."""
    rest = iter(map(str, arguments))
    for each in rest:
        if each in _ALONE or each.partition("=")[0] in _VALUED - {each}:
            yield each
        elif each in _VALUED:
            value = next(rest, "")
            yield from [] if value.startswith("no:") else [each, value]
        elif each[:2] in _VALUED and each[1:2] != "-" and not each.startswith("-pno:"):
            yield each


def _near(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
