"""The finding of a repro file: what the file says, and the code that it is about, which the reader has to agree to."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from redactfuzz.campaign.files import agreed
from redactfuzz.campaign.files.store import is_own, load
from redactfuzz.model.repro import Repro, ReproError
from redactfuzz.model.texts.shell import quoted
from redactfuzz.pytest_rules import rules_for
from redactfuzz.report.lines import say


def trusting(command: Callable[..., Any]) -> Callable[..., Any]:
    """The option of the commands that run what a repro file names."""
    text = "Run what FILE names, whoever wrote it: paths outside this folder, any compiler option or variable."
    return click.option("--trust", is_flag=True, help=text)(command)


def found(file: Path, *, trust: bool) -> tuple[Repro, Path]:
    """A repro file, and where the first file of its code lies; what is about to run is said on stderr.

    A usage error where it cannot be run from here, or names what its reader has not agreed to.
    """
    try:
        repro = load(file)
    except ReproError as error:
        raise click.UsageError(str(error)) from None
    agrees = trust or is_own(repro)
    if not agrees and (strange := agreed.beyond(repro)):
        raise click.UsageError(
            f"{file}: it asks for {strange}, and was not written by redactfuzz on this machine. Read the file, and"
            " give --trust if all that it names may run."
        )
    if repro.item:
        raise click.UsageError(f"{file}: only pytest can run this test. Run pytest {in_pytest(repro, file)}")
    path = _code(repro, file, agrees=agrees)
    first = () if repro.program else before(path, file, agrees=agrees)
    for line in (*(f"importing {each}" for each in first), *agreed.announcement(repro, path)):
        say(f"redactfuzz: {line}", sys.stderr)
    return repro, path


def before(path: Path, file: Path, *, agrees: bool) -> tuple[Path, ...]:
    """What is imported first, as pytest does. Beyond this folder it takes the reader's word, as the code does."""
    rules = rules_for(path, Path.cwd())
    inside = [root.resolve() for root in agreed.roots(file)]
    for each in () if agrees else (*rules.conftests, *rules.paths):
        if not any(each.resolve().is_relative_to(root) for root in inside):
            raise click.UsageError(
                f"{file}: as pytest does, {each} would be imported (from), which lies outside of this folder, and"
                f" {file.name} was not written by redactfuzz on this machine. Change to the folder that holds both, or"
                " give --trust if what lies there may run."
            )
    return rules.conftests


def in_pytest(repro: Repro, file: Path) -> str:
    """What pytest is given to replay it, ready for a shell."""
    test = repro.item or repro.path
    test = f"./{test}" if test.startswith("-") else test  # it is no option
    return f"{quoted(test)} --redactfuzz-replay {quoted(str(file))}"


def _code(repro: Repro, file: Path, *, agrees: bool) -> Path:
    """The first file of its code: below the working directory, or the folder whose ``.redactfuzz`` the file lies in."""
    outside = ""
    for root in agreed.roots(file):
        path = (root / repro.path).resolve()
        if not path.is_file():
            continue
        inside = root.resolve()
        strange = (each for each in agreed.paths(repro) if not (root / each).resolve().is_relative_to(inside))
        outside = "" if agrees else next(strange, "")
        if not outside:
            return path
    if outside:
        raise click.UsageError(
            f"{file}: {outside} is a link that leads out of this folder, and the repro file was not written by"
            " redactfuzz on this machine. Give --trust if what lies there may run."
        )
    raise click.UsageError(
        f"{file}: its code, {repro.path}, is neither below the working directory nor below the folder whose"
        f" {agreed.FOLDER} holds the repro file. If it was not removed, change to the folder in which it was found."
    )
