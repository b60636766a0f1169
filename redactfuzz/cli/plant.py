"""``redactfuzz plant``: starts any program with canaries where its secrets would be."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path
from typing import NoReturn

import click

from redactfuzz.model.canary.canary import Canary, Kind
from redactfuzz.model.canary.kinds import KINDS
from redactfuzz.model.registry import Entry, Registry, registry_to_json
from redactfuzz.report.lines import say

MARKER = "REDACTFUZZ_MARKER"
"""Environment variable with the registry's marker, which is no secret."""
_KINDS = ("token", "raw", "probe", "rsa")
_DEFAULTS = {"raw": {"n": 32}}
_NOT_FOUND, _NOT_EXECUTABLE = 127, 126
"""What shells end with."""


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("--env", "environment", multiple=True, metavar="NAME", help="A canary in this environment variable.")
@click.option("--arg", "arguments", multiple=True, metavar="NAME", help="A canary for each {NAME} in COMMAND.")
@click.option("--stdin", metavar="NAME", help="A canary on standard input, and a newline.")
@click.option("--kind", type=click.Choice(_KINDS), default="token", help="What canaries look like. Default: token.")
@click.option("--registry", required=True, type=click.Path(path_type=Path), metavar="FILE", help="Written; mode 0600.")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def plant(
    environment: tuple[str, ...],
    arguments: tuple[str, ...],
    stdin: str | None,
    kind: str,
    registry: Path,
    command: tuple[str, ...],
) -> int:
    """Start COMMAND with canaries in its environment, arguments or standard input.

    Whatever dumps it later can be searched with `redactfuzz scan DUMP --canaries FILE`. Schedules are not controlled.
    The command takes the place of this process, and its exit status is the exit status.
    """
    names = [*environment, *arguments, *([stdin] if stdin else [])]
    if not names:
        raise click.UsageError("Nothing to plant: give --env NAME, --arg NAME or --stdin NAME.")
    if len(set(names)) != len(names):
        raise click.UsageError("Two canaries have the same name.")
    for name in environment:
        if not name or "=" in name or "\0" in name or name == MARKER:
            raise click.UsageError(f"--env {name!r}: that is no name for a variable with a canary.")
    for name in arguments:
        if not any(f"{{{name}}}" in word for word in command):
            raise click.UsageError(f"--arg {name}: no {{{name}}} is in the command.")
    made: Kind = KINDS[kind](**_DEFAULTS.get(kind, {}))
    planned = Registry(
        secrets.randbits(63), tuple(Entry(name, made) for name in names), f"redactfuzz-{secrets.token_hex(8)}"
    )
    canaries = {canary.name: canary for canary in planned.mint()}
    _write(registry, planned)
    words = [_filled(word, [canaries[name] for name in arguments]) for word in command]
    variables = {**os.environ, MARKER: planned.marker, **{name: canaries[name].text for name in environment}}
    if stdin:
        _feed(canaries[stdin])
    _become(command[0], words, variables, registry)


def _write(path: Path, registry: Registry) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise click.UsageError(f"--registry {path}: it is there already, and older dumps may need it.") from None
    except OSError as error:
        raise click.UsageError(f"--registry {path}: it cannot be written ({error.strerror}).") from None
    try:
        with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123 - a descriptor, with its mode
            file.write(registry_to_json(registry))
    except OSError as error:
        path.unlink(missing_ok=True)
        raise click.UsageError(f"--registry {path}: it cannot be written ({error.strerror}).") from None


def _filled(word: str, canaries: list[Canary]) -> str:
    for canary in canaries:
        word = word.replace(f"{{{canary.name}}}", canary.text)
    return word


def _feed(canary: Canary) -> None:
    """Puts the canary into a pipe that the command reads as its standard input. A pipe holds 64 KiB, a canary less."""
    reading, writing = os.pipe()
    os.write(writing, canary.text.encode() + b"\n")
    os.close(writing)
    os.dup2(reading, 0)
    os.close(reading)


def _become(name: str, words: list[str], variables: dict[str, str], registry: Path) -> NoReturn:
    """Ends this process either way. A registry of what never ran would only be in the way."""
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        os.execvpe(words[0], words, variables)
    except FileNotFoundError:
        registry.unlink(missing_ok=True)
        say(f"redactfuzz plant: {name!r} is not there", sys.stderr)
        sys.exit(_NOT_FOUND)
    except OSError as error:
        registry.unlink(missing_ok=True)
        say(f"redactfuzz plant: {name!r} does not start ({error.strerror})", sys.stderr)
        sys.exit(_NOT_EXECUTABLE)
