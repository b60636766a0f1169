"""What a scenario depends on, and the file in which that is kept between runs.

A path is relative to the top of the project, with ``/``. The file is a cache, and may have come from elsewhere: what
cannot be understood in it is unknown, and no file that it names is read outside of the project: of a folder outside in
which modules are looked for the names are.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import attrs

from redactfuzz.model.dependencies import Dependencies

FORMAT = 3
_RUNS = stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH
_MOST = 64 << 20
"""Bytes of such a file; a larger one is none of ours."""


@attrs.frozen
class Record:
    """All that is known, and by which interpreter and redactfuzz: others may import other files."""

    made_by: str
    scenarios: Mapping[str, Dependencies | None] = attrs.field(factory=dict)
    """``path.py::name``, or the sources of a program with a space between, -> what it depends on.

    None: it is there, and nobody knows.
    """


def digest(root: Path, path: str) -> str:
    """SHA-256 of a file of the project, whether it may be run, and where it leads to if it is a link.

    A slash for a folder; empty where there is neither, or it lies elsewhere.
    """
    if not is_inside(path):
        return ""
    try:
        leads = os.readlink(root / path)  # noqa: PTH115  as it is: it may lead nowhere
    except (OSError, ValueError):
        return _held(root, path)
    return hashlib.sha256(os.fsencode(f"{leads}\0{_held(root, path)}")).hexdigest()


def _held(root: Path, path: str) -> str:
    try:
        with open(root / path, "rb", buffering=0, opener=_without_waiting) as file:
            mode = os.fstat(file.fileno()).st_mode
            if not stat.S_ISREG(mode):
                return ""
            return hashlib.file_digest(file, "sha256").hexdigest() + ("x" if mode & _RUNS else "")
    except IsADirectoryError:
        return "/"
    except (OSError, ValueError):
        return ""


def _without_waiting(path: str, flags: int) -> int:
    """For who writes to it, as a pipe has it."""
    return os.open(path, flags | os.O_NONBLOCK)


def digests(root: Path, paths: Iterable[str]) -> dict[str, str]:
    """Of each."""
    return {path: digest(root, path) for path in sorted(paths)}


def is_inside(path: str) -> bool:
    """Whether a path, as it is written, stays below where it starts."""
    pure = PurePosixPath(path)
    return bool(path) and not pure.is_absolute() and ".." not in pure.parts


def read(file: Path, made_by: str) -> Record:
    """What is kept there; nothing where it cannot be read, is damaged, or was made by others."""
    empty = Record(made_by)
    try:
        if not file.is_file() or file.stat().st_size > _MOST:
            return empty
        data = json.loads(file.read_text("utf-8"))
        if not isinstance(data, dict) or data["format"] != FORMAT or data["made_by"] != made_by:
            return empty
        return Record(made_by, {str(name): _from_json(one) for name, one in data["scenarios"].items()})
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return empty


def is_another(file: Path) -> bool:
    """Whether there is a file of somebody's, a device or a folder: it must stay. Half of a record is one of ours."""
    try:
        if not file.exists():
            return False
        if not file.is_file():
            return True
        with file.open("rb") as opened:
            head = opened.read(64)
        return bool(head) and not head.lstrip(b"{ \n").startswith(b'"format"')
    except OSError:
        return False


def write(file: Path, record: Record) -> None:
    """Whole, or not at all. Raises OSError."""
    data = {
        "format": FORMAT,
        "made_by": record.made_by,
        "scenarios": {name: _to_json(record.scenarios[name]) for name in sorted(record.scenarios)},
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, made = tempfile.mkstemp(prefix=f"{file.name}.", dir=file.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
            json.dump(data, opened, indent=1)
        Path(made).replace(file)
    except BaseException:
        Path(made).unlink(missing_ok=True)
        raise


def _to_json(one: Dependencies | None) -> dict[str, Any] | None:
    return (
        None
        if one is None
        else {
            "files": dict(sorted(one.files.items())),
            "folders": sorted(one.folders),
            "imports": sorted(one.imports),
            "installed": dict(sorted(one.installed.items())),
            "places": dict(sorted(one.places.items())),
        }
    )


def _from_json(data: Any) -> Dependencies | None:
    """Raises TypeError, KeyError and AttributeError for what is none."""
    if data is None:
        return None
    files, installed, places = _texts(data["files"]), _texts(data["installed"]), _texts(data["places"])
    return Dependencies(files, _names(data["folders"]), _names(data["imports"]), installed, places)


def _texts(data: Any) -> dict[str, str]:
    if not all(isinstance(each, str) for pair in data.items() for each in pair):
        raise TypeError("not a table of texts")
    return dict(data)


def _names(data: Any) -> frozenset[str]:
    if not isinstance(data, list) or not all(isinstance(each, str) for each in data):
        raise TypeError("not a list of texts")
    return frozenset(data)
