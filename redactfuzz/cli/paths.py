"""From the PATH arguments of ``run`` to the files that hold scenarios."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import attrs
import click

from redactfuzz.cli.streams import told
from redactfuzz.model.texts.escaped import escaped
from redactfuzz.native.compile.compiler import SUFFIXES

SKIPPED = {"__pycache__", "node_modules", "site-packages", "build", "dist"}
_SCENARIO = re.compile(r"\bscenario\b")
_DECORATED = re.compile(r"^[ \t]*@(?:\w+\.)*scenario\b", re.MULTILINE)
"""Of a file that does not name us: it has ``scenario`` from a module of its own."""


@attrs.frozen
class WantedScenarios:
    """A file, and which of its scenarios: empty for all of them."""

    file: Path
    names: tuple[str, ...] = ()
    named: bool = True
    """Given by the user, not found in a folder."""


def wanted(arguments: tuple[str, ...]) -> list[WantedScenarios]:
    """The files of the arguments, each once, in their order. Raises click.UsageError for a path without a scenario."""
    files: dict[Path, WantedScenarios] = {}
    for argument in arguments:
        for found in _of(argument):
            known = files.get(found.file)
            both = known is not None and known.names and found.names
            names = tuple(dict.fromkeys(known.names + found.names)) if known is not None and both else ()
            files[found.file] = found if known is None else attrs.evolve(known, names=names)
    return list(files.values())


def _of(argument: str) -> Iterator[WantedScenarios]:
    text, _, name = argument.partition("::")
    path = Path(text)
    if path.is_dir():
        if name:
            raise click.UsageError(f"{argument}: {text} is a folder; name a scenario of a file, as in file.py::{name}")
        files = [file for file in sorted(_walk(path)) if _in_folder(file)]
        if not files:
            what = "no scenario in this folder, and no vulnerable.c or fixed.c"
            raise click.UsageError(
                f"{text}: {what}; decorate a function with @scenario, or name the files of a program"
            )
        yield from (WantedScenarios(file.resolve(), named=False) for file in files)
        return
    if not path.exists():
        raise click.UsageError(f"{text}: no such file or folder")
    if name and path.suffix in SUFFIXES:
        raise click.UsageError(f"{argument}: a C or C++ program is explored from its main(); name the file alone")
    if path.suffix != ".py":
        raise click.UsageError(f"{text}: neither a .py file nor a C or C++ program")
    if not _SCENARIO.search(_source(path)):
        raise click.UsageError(f"{text}: no scenario in this file; decorate a function with @scenario")
    yield WantedScenarios(path.resolve(), (name,) if name else ())


def _walk(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = [
            name
            for name in folders
            if name not in SKIPPED and not name.startswith(".") and not (Path(parent, name) / "pyvenv.cfg").exists()
        ]
        yield from (Path(parent, name) for name in files if name.endswith(".py") and not name.startswith("."))


def _in_folder(file: Path) -> bool:
    """Whether it may hold a scenario. One that nobody named and that cannot be read is left out, and told."""
    try:
        source = _source(file)
    except click.UsageError as error:
        told(f"redactfuzz: {escaped(error.format_message())}: it is left out")
        return False
    return bool(_SCENARIO.search(source)) and ("redactfuzz" in source or bool(_DECORATED.search(source)))


def _source(path: Path) -> str:
    try:
        return path.read_text("utf-8", errors="replace")
    except OSError as error:
        raise click.UsageError(f"{path}: cannot be read ({error.strerror})") from None
