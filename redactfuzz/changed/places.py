"""Folders in which modules are looked for: what lies there of the names that somebody imports.

A module that was not there may come, and one of the same name before another, without a file that was read changing.
Of a folder therefore all that an import could find there is kept, and not only what it found.
"""

from __future__ import annotations

import ast
import hashlib
import os
import stat
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from importlib.machinery import all_suffixes
from pathlib import Path

from redactfuzz.model.dependencies import Dependencies

KEPT = {".git", ".redactfuzz", "__pycache__"}
"""Names of what runs keep: no part of the project."""
_PACKAGES = {"site-packages", "dist-packages"}
_LIBRARIES = tuple(sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib"))
_INTERPRETER = "{prefix}"
"""Before what lies in the environment of the interpreter, which is another folder on another machine."""
_AT_START = {"sitecustomize", "usercustomize"}
"""What every interpreter tries to import before anybody can watch it."""


def named(place: str, root: Path) -> str:
    """How a folder is kept, whoever runs; empty for those of which the version of something tells all.

    They are the standard library, ourselves, and what lies deeper in a package that is installed.
    """
    path = Path(os.path.abspath(place))  # noqa: PTH100  a link is looked through as what it is called
    installed = [index for index, part in enumerate(path.parts) if part in _PACKAGES]
    library, ours = Path(sysconfig.get_path("stdlib")), Path(__file__).parents[1]
    if path.is_relative_to(ours):
        return ""
    if path.is_relative_to(root) and not is_kept(root, path.relative_to(root)):
        return path.relative_to(root).as_posix()
    if (installed and installed[-1] != len(path.parts) - 1) or (path.is_relative_to(library) and not installed):
        return ""
    if path.is_relative_to(sys.prefix):
        return f"{_INTERPRETER}/{path.relative_to(sys.prefix).as_posix()}"
    return str(path)


def is_outside(place: str) -> bool:
    """Whether git tells nothing of it."""
    return place.startswith((_INTERPRETER, "/"))


def is_kept(root: Path, relative: Path) -> bool:
    """Whether it is what runs, and environments, keep: no part of the project."""
    return any(part in KEPT for part in relative.parts) or is_installed(root, relative)


def is_installed(root: Path, relative: Path) -> bool:
    """Whether it lies in an environment of an interpreter, which may be in the project."""
    whole = root / relative
    return any(map(whole.is_relative_to, _LIBRARIES)) or any(
        (root / folder / "pyvenv.cfg").exists() for folder in [relative, *relative.parents][:-1]
    )


def held(known: Dependencies, places: Iterable[str], root: Path) -> Mapping[str, str]:
    """Of each place what there is now of all that ``known`` lists or tries to import, as a SHA-256."""
    names = frozenset(part for tried in known.imports for part in tried.split(".")) | _AT_START
    found = {}
    for place in sorted(places):
        folder = Path(sys.prefix + place.removeprefix(_INTERPRETER)) if place.startswith(_INTERPRETER) else root / place
        there = _all(folder) if place in known.folders else _modules(folder, names)
        found[place] = hashlib.sha256("\0".join(sorted(there)).encode("utf-8", "surrogateescape")).hexdigest()
    return found


def _all(folder: Path) -> list[str]:
    try:
        return [name for name in os.listdir(folder) if name not in KEPT]  # noqa: PTH208  names, and as they are
    except (OSError, ValueError):
        return ["/"]  # no file has this name: it is not there, or nobody may list it


def _modules(folder: Path, names: frozenset[str]) -> list[str]:
    """Files that an import of one of the names may take, and folders with what makes them packages."""
    found = []
    for name in _all(folder):
        stem, dot, _ = name.partition(".")
        if stem not in names:
            continue
        if dot and name.removeprefix(stem) in all_suffixes():
            found.append(name)
        elif not dot and _is_folder(folder / name):
            inits = [each for each in _all(folder / name) if each.partition(".")[0] == "__init__"]
            found += [f"{name}/", *(f"{name}/{each}" for each in inits)]
    return found


def _is_folder(path: Path) -> bool:
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except OSError:
        return False


def written(source: bytes) -> frozenset[str]:
    """The dotted names in the import statements of a file: one run does not come to all of them."""
    found = set()
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module or ''}.{alias.name}".removesuffix(".*").strip(".") for alias in node.names}
    return frozenset(found) - {"", "*"}
