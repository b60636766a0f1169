"""Where pytest would look for the modules of a test file, so that ``run`` and ``replay`` find the same ones.

Written down again and not taken from pytest: it need not be there, and has no public function for it.
"""

from __future__ import annotations

import configparser
import os
import shlex
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

_INI = "ini_options"
_MODE = "--import-mode"
_CONFTEST = "conftest.py"
_NAMES = ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")


@attrs.frozen
class Rules:
    """What pytest would do about the imports of one file."""

    root: Path
    """Its rootdir."""
    ini: Path | None
    """The file that holds its options."""
    paths: tuple[Path, ...]
    """``pythonpath`` of that file."""
    mode: str
    """``prepend``, ``append`` or ``importlib``."""
    conftests: tuple[Path, ...]
    """Those that it imports before, the outermost first."""

    def module(self, file: Path) -> tuple[Path | None, str]:
        """The folder that goes on ``sys.path`` for a file, and the module's name."""
        folder, parts = file.parent, [file.stem]
        while (folder / "__init__.py").exists() and folder.parent != folder:
            parts.append(folder.name)
            folder = folder.parent
        if self.mode != "importlib":
            return folder, ".".join(reversed(parts))
        if len(parts) == 1 and file.is_relative_to(self.root):
            parts = [part.replace(".", "_") for part in reversed(file.relative_to(self.root).with_suffix("").parts)]
        return None, ".".join(reversed(parts))


def rules_for(file: Path, start: Path) -> Rules:
    """The rules for ``file`` of a pytest that is started in ``start``."""
    folder = file.parent
    ini, options = _ini(folder, start)
    if ini is not None:
        root = ini.parent
    else:
        setups = (each / "setup.py" for each in (folder, *folder.parents))
        setup = next((each.parent for each in setups if each.is_file() and _trusted(each, start)), None)
        root = setup or Path(os.path.commonpath([start, folder]))
        root = folder if root == root.parent else root
    conftests = tuple(each for each in conftests_of(file, root) if _trusted(each, start))
    paths = tuple(Path(os.path.normpath(root / each)) for each in _words(options.get("pythonpath")))
    return Rules(root, ini, paths, _mode(options), conftests)


def conftests_of(file: Path, root: Path) -> tuple[Path, ...]:
    """Those that pytest imports before ``file``: from ``root`` downwards."""
    above = [each / _CONFTEST for each in reversed(file.parents) if each not in root.parents]
    return tuple(each for each in above if each.is_file() and each != file)


def consulted(file: Path) -> Iterator[Path]:
    """Whatever tells how ``file`` is imported, in all folders above: each of these counts by being there or not."""
    for folder in file.parents:
        for name in (*_NAMES, _CONFTEST, "setup.py", "__init__.py"):
            yield folder / name


def _mode(options: Mapping[str, Any]) -> str:
    chosen, before = "prepend", ""
    for word in [*_words(options.get("addopts")), *_words(os.environ.get("PYTEST_ADDOPTS"))]:
        if before == _MODE:
            chosen = word
        elif word.startswith(f"{_MODE}="):
            chosen = word.partition("=")[2]
        before = word
    return chosen


def _words(value: object) -> list[str]:
    """An option that is a list, whichever way it is written."""
    if isinstance(value, str):
        try:
            return shlex.split(value)
        except ValueError:
            return []
    return [str(each) for each in value] if isinstance(value, Sequence) else []


def _ini(folder: Path, start: Path) -> tuple[Path | None, Mapping[str, Any]]:
    """The first file that speaks of pytest, from ``folder`` upwards; else the first pyproject.toml."""
    project: Path | None = None
    for each in (folder, *folder.parents):
        for name in _NAMES:
            path = each / name
            if not path.is_file() or not _trusted(path, start):
                continue
            project = project or (path if name == "pyproject.toml" else None)
            if (options := _options(path)) is not None:
                return path, options
    return project, {}


def _trusted(path: Path, start: Path) -> bool:
    """Whether its words may be acted on: below where we were started, or of nobody who could not change us anyway."""
    return path.is_relative_to(start) or path.stat().st_uid in (0, os.geteuid())


def _options(path: Path) -> Mapping[str, Any] | None:
    """What it says of pytest; None for nothing. A file that cannot be read is pytest's to complain about."""
    try:
        text = path.read_text("utf-8")
        tables = list(_toml(path.name, text)) if path.suffix == ".toml" else list(_sections(path.name, text))
    except (OSError, ValueError, configparser.Error):
        tables = []
    if tables:
        return tables[0]
    return {} if "pytest" in path.stem else None


def _toml(name: str, text: str) -> Iterator[Mapping[str, Any]]:
    data = tomllib.loads(text)
    table = data.get("tool", {}).get("pytest") if name == "pyproject.toml" else data.get("pytest")
    if isinstance(table, dict):
        inner = table.get(_INI)
        yield inner if isinstance(inner, dict) else table


def _sections(name: str, text: str) -> Iterator[Mapping[str, Any]]:
    parser = configparser.ConfigParser(interpolation=None, strict=False, allow_no_value=True)
    parser.read_string(text)
    section = "tool:pytest" if name == "setup.cfg" else "pytest"
    if parser.has_section(section):
        yield dict(parser[section])
