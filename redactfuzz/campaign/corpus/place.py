"""Where a target's entries lie: ``corpora/TARGET/seeds`` and ``corpora/TARGET/regressions``."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

CORPORA = "corpora"
SEEDS, REGRESSIONS = "seeds", "regressions"
_ROOTS = ("pyproject.toml", "pytest.ini", "tox.ini", "setup.cfg", "setup.py")
"""Files of which the nearest one above says where a project begins, where it is under no version control."""
_STRANGE = re.compile(r"[^A-Za-z0-9_]+")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,120}")
_SHOWN = 80
"""Characters of path and name that people read in the name of a folder."""


def root_of(file: Path) -> Path:
    """The project that a file belongs to: the folder under version control, or that of its settings, or its own."""
    folder = file.resolve().parent
    above = (folder, *folder.parents)
    for marks in ((".git",), _ROOTS):
        if found := next((each for each in above if any((each / mark).exists() for mark in marks)), None):
            return found
    return folder


def target_of(file: Path, name: str) -> str:
    """The name of the folder of a scenario (or program) ``name`` in ``file``.

    It is the same in each checkout of a project, and safe whatever a scenario is called: letters, digits, ``_`` and
    ``-``. What distinguishes two that would be called alike is a hash of path and name.
    """
    file = file.resolve()
    inside = file.relative_to(root_of(file)).as_posix()
    digest = hashlib.sha256(f"{inside}\0{name}".encode("utf-8", "surrogateescape")).hexdigest()[:8]
    shown = _STRANGE.sub("-", f"{inside.rpartition('.')[0] or inside}-{name}").strip("-")[-_SHOWN:].strip("-")
    return f"{shown}-{digest}" if shown else digest


def is_target(name: str) -> bool:
    """Whether a folder of a corpus may be called so."""
    return _NAME.fullmatch(name) is not None


def above(file: Path) -> Iterator[Path]:
    """The folders ``corpora`` beside a file and above it, up to the root of its project, the nearest first."""
    folder, root = file.resolve().parent, root_of(file)
    for each in (folder, *folder.parents):
        if (each / CORPORA).is_dir():
            yield each / CORPORA
        if each == root:
            return
