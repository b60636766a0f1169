"""From the arguments of ``run`` to C and C++ programs."""

from __future__ import annotations

import itertools
import os
import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs
import click

from redactfuzz.cli.paths import SKIPPED
from redactfuzz.model.canary import Kind, token
from redactfuzz.model.canary.kinds import KINDS
from redactfuzz.native.compile.build import joined
from redactfuzz.native.compile.compiler import SUFFIXES
from redactfuzz.native.run.program import ALL_ORACLES, Program, ProgramError, routes

_KINDS = ("token", "probe", "rsa")
"""Those that need no size: raw bytes, of the size that the program asks for, are what it gets anyway."""
_TWINS = ("vulnerable", "fixed")
"""Stems of the files that are programs in a folder; the other files beside them are part of both."""
_DIRECTIVE = re.compile(r"redactfuzz run (.*?)(?:\*/|$)", re.MULTILINE)
_HEAD = 4096
"""Bytes of a source in which it may say how it is to be run."""
_ARGUMENTS = "redactfuzz.arguments"


class WithArguments(click.Command):
    """A command after whose ``--`` comes what is not for us."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Keeps what follows ``--`` apart."""
        if "--" in args:
            at = args.index("--")
            ctx.meta[_ARGUMENTS] = tuple(args[at + 1 :])
            args = args[:at]
        return super().parse_args(ctx, args)


def arguments_of(ctx: click.Context) -> tuple[str, ...] | None:
    """What followed ``--``; None where there was none."""
    found: tuple[str, ...] | None = ctx.meta.get(_ARGUMENTS)
    return found


@attrs.frozen
class Given:
    """The options that concern programs; None and empty: not given."""

    crash: str | None = None
    canaries: tuple[str, ...] = ()
    redactors: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    oracles: tuple[str, ...] = ()
    arguments: tuple[str, ...] | None = None
    one_crash: bool | None = None
    """No second crash strikes while the handler of the first runs."""

    @property
    def any(self) -> bool:
        """Whether any was given."""
        return self != Given()

    def over(self, other: Given) -> Given:
        """These, and where they are not given those of ``other``."""
        chosen: dict[str, Any] = {}
        for field in attrs.fields(Given):
            value = getattr(self, field.name)
            chosen[field.name] = getattr(other, field.name) if value in (None, ()) else value
        return Given(**chosen)


def split(paths: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[Path, ...]]:
    """(paths for the Python side, source files, programs in folders)."""
    native = tuple(path for path in paths if Path(path).suffix in SUFFIXES and not _is_folder(path))
    python: list[str] = []
    twins: list[Path] = []
    for path in paths:
        if path in native:
            continue
        found = sorted(_twins(Path(path))) if _is_folder(path) else []
        twins += found
        if not found or any(_walk(Path(path), (".py",))):
            python.append(path)
    return tuple(python), native, tuple(twins)


def _is_folder(path: str) -> bool:
    """Of a file with a scenario's name behind it no system may have the like: it is longer than names can be."""
    try:
        return Path(path).is_dir()
    except OSError:
        return False


def programs(files: Sequence[str], twins: Sequence[Path], given: Given) -> list[Program]:
    """One program of ``files``, and one for each of ``twins``. Raises click.UsageError."""
    if not files and not twins:
        if given.any:
            raise click.UsageError(
                "--crash, --one-crash, --canary, --redactor, --cflag, --oracle and -- are for C and C++ programs"
            )
        return []
    missing = [file for file in files if not Path(file).is_file()]
    if missing:
        raise click.UsageError(f"{missing[0]}: no such file or folder")
    each_once = {Path(file).resolve(): Path(file) for file in files}
    found = [_program([*each_once.values()], given)] if files else []
    return [*found, *(_program([twin, *_beside(twin)], given) for twin in twins)]


def beside(paths: Sequence[str], found: Sequence[Program]) -> list[str]:
    """Sources in C and C++ of the folders that are part of no program which was taken."""
    taken = {source for program in found for source in program.sources}
    there = (file for path in paths if _is_folder(path) for file in _walk(Path(path), tuple(SUFFIXES)))
    return [str(file) for file in there if file.absolute() not in taken]


def _program(sources: Sequence[Path], given: Given) -> Program:
    chosen = given.over(_directive(sources[0]))
    try:
        ways, kinds = routes(one for one in chosen.canaries if "=" not in one), _kinds(chosen.canaries)
        return Program(
            sources=tuple(Path(os.path.abspath(source)) for source in sources),  # noqa: PTH100  a link is what it is
            flags=joined(chosen.flags),
            arguments=chosen.arguments or (),
            crash=chosen.crash or "SIGSEGV",
            canaries={name: token() for name in ways} | kinds,
            routes=ways,
            redactors=chosen.redactors,
            oracles=frozenset(chosen.oracles) or ALL_ORACLES,
            second_crash=not chosen.one_crash,
        )
    except ProgramError as error:
        raise click.UsageError(f"{sources[0]}: {error}") from None


def _kinds(given: Sequence[str]) -> dict[str, Kind]:
    """``NAME=KIND``: what a canary looks like that the program asks for, where that is not any bytes."""
    found = {}
    for text in given:
        name, equals, kind = text.rpartition("=")
        if not equals:
            continue
        if kind not in _KINDS or not name or name.startswith("env:"):
            raise ProgramError(f"--canary {text}: give NAME=KIND, where KIND is one of {', '.join(_KINDS)}")
        found[name] = KINDS[kind]()
    return found


def _directive(source: Path) -> Given:
    """What the file itself says of how it is to be run: ``redactfuzz run --crash kill -- ARGUMENTS`` in a comment."""
    try:
        head = source.read_text("utf-8", errors="replace")[:_HEAD]
    except OSError:
        return Given()
    said = _DIRECTIVE.search(head)
    if said is None:
        return Given()
    words = [word for word in shlex.split(said[1]) if Path(word).name != source.name]
    at = words.index("--") if "--" in words else len(words)
    arguments = tuple(words[at + 1 :]) if at < len(words) else None
    options: dict[str, list[str]] = {"--crash": [], "--canary": [], "--redactor": [], "--cflag": [], "--oracle": []}
    apart = [part for word in words[:at] for part in (word.split("=", 1) if word.startswith("--") else [word])]
    for name, value in itertools.pairwise(apart):
        if name in options:
            options[name].append(value)
    crash = options["--crash"][-1] if options["--crash"] else None
    canaries, redactors, flags, oracles = (
        tuple(options[name]) for name in ("--canary", "--redactor", "--cflag", "--oracle")
    )
    one_crash = True if "--one-crash" in words[:at] else None
    return Given(crash, canaries, redactors, flags, oracles, arguments, one_crash)


def _twins(folder: Path) -> Iterator[Path]:
    yield from (file for file in _walk(folder, tuple(SUFFIXES)) if file.stem in _TWINS)


def _beside(twin: Path) -> list[Path]:
    """The other files of a twin's program."""
    return sorted(file for file in twin.parent.iterdir() if file.suffix in SUFFIXES and file.stem not in _TWINS)


def _walk(folder: Path, suffixes: tuple[str, ...]) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in SKIPPED and not name.startswith("."))
        yield from (Path(parent, name) for name in sorted(files) if name.endswith(suffixes))
