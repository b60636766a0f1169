"""``redactfuzz check``: whether a certificate is one, by a program that shares no code with what wrote it."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import select
from collections.abc import Mapping
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

import click

from redactfuzz.check import Rejected
from redactfuzz.check import check as checked
from redactfuzz.model.limits import SEED
from redactfuzz.model.texts.escaped import escaped

REJECTED = 1
_NOT_CHECKED = "Not checked: that steps touched what it says, that the same schedule does the same, what dumps hold."
_LONGEST = 1e6
_SECONDS = 600.0
_PATIENCE = 10
"""Seconds for which a pipe may be silent."""


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--against", type=click.Path(path_type=Path), metavar="PATH", help="The sources: a file, or their folder."
)
@click.option(
    "--rerun", "count", type=click.IntRange(1), metavar="K", help="Execute K leaves, and K linearisations, again."
)
@click.option("--target", metavar="PATH[::NAME]", help="--rerun: its code, a file or the folder that has it.")
@click.option("--seed", type=click.IntRange(0, SEED), help="--rerun: what is drawn follows from it (default 0).")
@click.option("--seconds", type=click.FloatRange(0, min_open=True), help="--rerun: at most (default 600).")
@click.option("--trust", is_flag=True, help="--rerun: run what FILE names, whoever wrote it.")
@click.option("--unconfined", is_flag=True, help="--rerun: let scenarios in Python write anywhere.")
def check(
    file: Path,
    against: Path | None,
    count: int | None,
    target: str | None,
    seed: int | None,
    seconds: float | None,
    trust: bool,
    unconfined: bool,
) -> int:
    """Check the certificate FILE that `redactfuzz run --strategy dpor --proof FILE` has written.

    Every race of every execution in it must have been run in the other order as well. Nothing is run, but with
    --rerun: then some of its executions are, and their steps in other orders that are to lead to the same states.
    What a certificate does not prove is in docs/reference/rfproof.md.

    \b
    Exit status: 0 nothing is missing in it, 1 it is rejected (with the line, and why), 2 usage, or it cannot be read.
    """
    again = None
    if count is not None:
        from redactfuzz.cli.proofs import rerun  # with all that runs programs: else only the checker is needed

        if seconds is not None and not seconds < _LONGEST:
            raise click.UsageError(f"--seconds {seconds:g}: give a number below {_LONGEST:g}")
        rerun.begin(file)
        again = partial(
            rerun.rerun, file, rerun.Asked(count, seed or 0, seconds or _SECONDS, target or "", trust, unconfined)
        )
    elif trust or unconfined or (target, seed, seconds) != (None, None, None):
        raise click.UsageError("--target, --seed, --seconds, --trust and --unconfined are for --rerun")
    try:
        with io.BufferedReader(_Fed(file, opener=_at_once)) as opened:
            found = checked(opened)
        if against is not None:
            _compare(found.header["sources"], against)
        said = [_NOT_CHECKED] if again is None else list(again())
    except OSError as error:
        raise click.UsageError(f"{error.filename or file}: it cannot be read ({error.strerror})") from None
    except Rejected as error:
        _say(f"{file}: rejected: {error}.")
        return REJECTED
    blocked = f", {found.repeated:,} of them repetitions" if found.repeated else ""
    _say(f"{file}: {found.executions:,} executions{blocked}, {found.steps:,} steps: no class of schedules is missing.")
    for line in said:
        _say(line)
    return 0


def _say(line: str) -> None:
    """One line on stdout: names in a certificate are not ours, and could hold line breaks and codes for terminals."""
    click.echo(escaped(line))


def _at_once(path: str, flags: int) -> int:
    """Opens a pipe to which nobody writes yet as well."""
    return os.open(path, flags | os.O_NONBLOCK)


class _Fed(io.FileIO):
    """A file, or a pipe that somebody writes to: they are waited for, but not for ever."""

    def readinto(self, room: Any, /) -> int | None:
        """Raises OSError."""
        if not select.select([self], [], [], _PATIENCE)[0]:
            raise OSError(errno.ETIMEDOUT, f"nobody has written to it for {_PATIENCE} s")
        return super().readinto(room)


def _compare(sources: Mapping[str, str], path: Path) -> None:
    """Raises Rejected where the certificate is of other files. In a folder they are looked for by their names."""
    if not sources:
        raise Rejected(1, "it names no sources")
    if not path.is_dir() and len(sources) > 1:
        raise Rejected(1, f"it is of {len(sources)} files: give --against the folder that has them")
    for name, recorded in sources.items():
        file = _beneath(path, name) if path.is_dir() else path
        if not file.is_file():
            raise Rejected(1, f"it is of other code: {file} is not there, or is no file")
        with file.open("rb") as opened:
            if hashlib.file_digest(opened, "sha256").hexdigest() != recorded:
                raise Rejected(1, f"it is of other code: {file} is not what it was made of")


def _beneath(folder: Path, name: str) -> Path:
    """The file of a name that somebody else has written, and that is to lead nowhere else."""
    inside = PurePosixPath(name)
    if inside.is_absolute() or ".." in inside.parts or "\0" in name:
        return folder / (inside.name.replace("\0", "") or ".")
    return folder / inside
