"""What ``redactfuzz scan FOLDER`` reads: each file below it, so that what is not read is said of a file by its name."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import click


def dumps_in(paths: tuple[str, ...], shown: Callable[[str], str] = lambda name: name) -> list[str]:
    """The paths, with each folder replaced by what lies below it, in order of names.

    Links to folders are not followed, and a folder that cannot be listed stays: the scan says that it was not read.
    Raises UsageError where a folder holds no file; ``shown`` gives its name as it may be told.
    """
    found: list[str] = []
    for path in paths:
        # Not Path.is_dir, which raises where it cannot look: then the scan says what hinders it.
        below = list(_below(path)) if path != "-" and os.path.isdir(path) else [path]  # noqa: PTH112
        if not below:
            raise click.UsageError(f"{shown(path)}: there is no file in this folder.")
        found += below
    return found


def _named(file: Path) -> str:
    """Its path: in the folder ``.`` a file may be called as standard input is."""
    return "./-" if file == Path("-") else os.fspath(file)


def _below(folder: str) -> Iterator[str]:
    refused: list[str] = []
    for place, folders, files in os.walk(folder, onerror=lambda error: refused.append(str(error.filename))):
        folders.sort()
        links = [name for name in folders if os.path.islink(os.path.join(place, name))]  # noqa: PTH114, PTH118
        yield from (_named(Path(place) / name) for name in sorted([*files, *links]))
    yield from refused
