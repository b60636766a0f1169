"""What is tested: a program, how it is built and started, its secrets, and what counts as its crash."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import attrs

from redactfuzz.model.canary import Kind, kind_from_json, kind_to_json
from redactfuzz.native.compile.build import BuildRequest
from redactfuzz.native.drive.control_block import CRASHES, NO_DUMP
from redactfuzz.native.drive.numbers import ORACLES
from redactfuzz.native.drive.vault import Way

ALL_ORACLES = frozenset(ORACLES)
_AT = re.compile(r"@[0-9]{1,15}\*[1-9][0-9]{0,8}", re.ASCII)
_WAYS = {"env": Way.VARIABLE, "arg": Way.ARGUMENT, "stdin": Way.STDIN}
_TEXTS = ("token", "probe", "literal")
"""Kinds of canary that an environment or an argument can hold: text without a zero byte."""


class ProgramError(ValueError):
    """A description of a program that makes no sense. The message says what to change."""


@attrs.frozen
class Route:
    """How a canary comes to the program, other than by its asking for it."""

    way: Way
    target: str = ""


@attrs.frozen(eq=False)
class Program:
    """A C or C++ program as a scenario. Paths are absolute."""

    sources: tuple[Path, ...]
    flags: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] = attrs.field(factory=dict)
    crash: str = "SIGSEGV"
    canaries: Mapping[str, Kind] = attrs.field(factory=dict)
    """Those that the program asks for by name need not be here: they are 'raw' bytes of the size that it asks for."""
    routes: Mapping[str, Route] = attrs.field(factory=dict)
    """By name of the canary."""
    redactors: tuple[str, ...] = ()
    oracles: frozenset[str] = ALL_ORACLES
    second_crash: bool = True
    """Another thread may crash while the handler of the first crash runs."""
    plain: bool = False
    """The user's own build: no hooks, optimised as the user says. Only sequential orders mean something there."""
    struck: str = ""
    """In the plain build: the thread at whose end the crash strikes, or ``FILE:LINE`` for whoever comes there first, in
    a process that really dies only; ``@4660*3``: at its third coming to this offset."""

    def __attrs_post_init__(self) -> None:
        """Refuses what cannot be."""
        if not self.sources:
            raise ProgramError("no source file is given")
        if self.crash not in crashes():
            raise ProgramError(f"crash is {self.crash!r}; give the name of a signal (SIGSEGV), 'kill' or 'none'")
        strange = sorted(self.oracles - ALL_ORACLES - {NO_DUMP})
        if strange:
            known = ", ".join([*ORACLES, NO_DUMP])
            raise ProgramError(f"no oracle is called {strange[0]!r}; choose of {known}")
        if self.struck.startswith("@") and not _AT.fullmatch(self.struck):
            raise ProgramError(f"{self.struck[:40]!r} is no place at which a process could be struck")
        for name, route in self.routes.items():
            if name not in self.canaries:
                raise ProgramError(f"no canary is called {name!r}")
            kind = self.canaries[name].label
            if route.way in (Way.VARIABLE, Way.ARGUMENT) and kind not in _TEXTS:
                raise ProgramError(f"canary {name!r} is of kind {kind}, which may hold zero bytes: give it token()")
        if sum(route.way is Way.STDIN for route in self.routes.values()) > 1:
            raise ProgramError("there is one standard input, so one canary at most can be there")

    @property
    def name(self) -> str:
        """What it is called: its first file without the suffix."""
        return self.sources[0].stem

    @property
    def signal(self) -> str:
        """The signal of the crash; empty where there is none."""
        return "" if self.crash in CRASHES else self.crash

    @property
    def wanted(self) -> BuildRequest:
        """What is to be built."""
        return BuildRequest(self.sources, self.flags, self.plain)


def crashes() -> tuple[str, ...]:
    """What ``crash`` may be."""
    return (*sorted(each.name for each in signal.Signals if each.name not in ("SIGKILL", "SIGSTOP")), *CRASHES)


def routes(given: Iterable[str]) -> dict[str, Route]:
    """``env:NAME``, ``arg`` and ``stdin`` of the command line, by the name that the canary gets."""
    found: dict[str, Route] = {}
    for text in given:
        word, _, target = text.partition(":")
        way = _WAYS.get(word)
        if way is None or (way is Way.VARIABLE) != bool(target) or "=" in target:
            raise ProgramError(f"--canary {text}: give env:NAME, arg, stdin or NAME=KIND")
        name = target or {"arg": "argument", "stdin": "standard input"}[word]
        while name in found:
            name += "+"
        found[name] = Route(way, target)
    return found


def to_json(program: Program, folder: Path) -> dict[str, Any]:
    """What a repro file stores. Files are named relative to ``folder`` where that is possible."""
    return {
        "sources": [_relative(path, folder) for path in program.sources],
        "flags": list(program.flags),
        "arguments": list(program.arguments),
        "environment": dict(program.environment),
        "crash": program.crash,
        "canaries": {name: kind_to_json(kind) for name, kind in program.canaries.items()},
        "routes": {name: [int(route.way), route.target] for name, route in program.routes.items()},
        "redactors": list(program.redactors),
        "oracles": sorted(program.oracles),
        "second_crash": program.second_crash,
        **({"plain": True, "struck": program.struck} if program.plain else {}),
    }


def from_json(data: Mapping[str, Any], folder: Path) -> Program:
    """The inverse of ``to_json``. Raises ProgramError."""
    try:
        return Program(
            sources=tuple((folder / _text(path)).resolve() for path in data["sources"]),
            flags=tuple(map(_text, data["flags"])),
            arguments=tuple(map(_text, data["arguments"])),
            environment={_text(name): _text(value) for name, value in data["environment"].items()},
            crash=_text(data["crash"]),
            canaries={_text(name): kind_from_json(kind) for name, kind in data["canaries"].items()},
            routes={_text(name): Route(Way(way), _text(target)) for name, (way, target) in data["routes"].items()},
            redactors=tuple(map(_text, data["redactors"])),
            oracles=frozenset(map(_text, data["oracles"])),
            second_crash=bool(data["second_crash"]),
            plain=bool(data.get("plain", False)),
            struck=_text(data.get("struck", "")),
        )
    except ProgramError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise ProgramError('its "program" is damaged') from None


def as_found(program: Program, stored: Mapping[str, Any]) -> Program:
    """A test's program in the build, and struck at the place, of the finding that a repro file stores."""
    plain, struck = bool(stored.get("plain", False)), str(stored.get("struck", ""))
    same = (program.plain, program.struck) == (plain, struck)
    return program if same else attrs.evolve(program, plain=plain, struck=struck)


def same_run(program: Program, stored: Mapping[str, Any]) -> bool:
    """Whether a repro file was found with the same flags, arguments, secrets and crash; whose sources is not asked."""
    own = to_json(program, Path())
    return all(own.get(key) == stored.get(key) for key in own if key not in ("sources", "plain", "struck"))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def _relative(path: Path, folder: Path) -> str:
    try:
        return path.relative_to(folder).as_posix()
    except ValueError:
        return path.as_posix()
