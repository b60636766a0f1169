"""``redactfuzz check``: whether a certificate is one, by a program that shares no code with what wrote it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import click

from redactfuzz.check import Rejected
from redactfuzz.check import check as checked

REJECTED = 1


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--against", type=click.Path(path_type=Path), metavar="PATH", help="The sources: a file, or their folder."
)
def check(file: Path, against: Path | None) -> int:
    """Check the certificate FILE that `redactfuzz run --strategy dpor --proof FILE` has written.

    Nothing is run: every race of every execution in it must have been run in the other order as well. What a certificate
    does not prove is in docs/reference/rfproof.md.

    \b
    Exit status: 0 nothing is missing in it, 1 it is rejected (with the line, and why), 2 usage, or it cannot be read.
    """
    try:
        with open(file, "rb") as opened:
            found = checked(opened)
        if against is not None:
            _compare(found.header["sources"], against)
    except OSError as error:
        raise click.UsageError(f"{error.filename or file}: it cannot be read ({error.strerror})") from None
    except Rejected as error:
        click.echo(f"{file}: rejected: {error}.")
        return REJECTED
    blocked = f", {found.repeated:,} of them repetitions" if found.repeated else ""
    click.echo(
        f"{file}: {found.executions:,} executions{blocked}, {found.steps:,} steps: no class of schedules is missing."
    )
    click.echo("Not checked: that steps touched what it says, that the same schedule does the same, what dumps hold.")
    return 0


def _compare(sources: Mapping[str, str], path: Path) -> None:
    """Raises Rejected where the certificate is of other files. A folder: names count from it, as they are in the file."""
    for name, recorded in sources.items():
        file = path / name if path.is_dir() else path
        if not path.is_dir() and (len(sources) > 1 or file.name != Path(name).name):
            raise Rejected(1, f"it is of {len(sources)} files, {name} among them: give their folder to --against")
        with open(file, "rb") as opened:
            if hashlib.file_digest(opened, "sha256").hexdigest() != recorded:
                raise Rejected(1, f"it is of other code: {name} has changed")
    if not sources:
        raise Rejected(1, "it names no sources")
