"""A program that was built, with all that is known of it before the first execution."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path

import attrs

from redactfuzz.model.outcome import Problem, ProblemKind
from redactfuzz.native.compile import build
from redactfuzz.native.compile.compiler import BuildError, Toolchain, toolchain
from redactfuzz.native.compile.symbols import Unknown
from redactfuzz.native.drive.driver import Command, plain_environment
from redactfuzz.native.explain.sites import Sites
from redactfuzz.native.run.program import Program

__all__ = ["BuildError", "Ready", "ready"]

_NAMED = 4
"""Symbols of a kind beside the first."""


@attrs.frozen(eq=False)
class Ready:
    """The program and the driver, ready to run."""

    program: Program
    tools: Toolchain
    driver: Path
    path: Path
    unknown: tuple[Unknown, ...] = ()
    vectors: bool = True
    """Secrets may be in its vector registers."""
    modelled: tuple[str, ...] = ()
    """Library calls of it that are ours."""
    held: tuple[str, ...] = ()
    """What it asks of its machine, user or terminal that is the same in every execution."""
    unreported: tuple[str, ...] = ()
    """Library calls of it of which nobody reports all that they touch."""

    @functools.cached_property
    def sites(self) -> Sites:
        """Names of its places."""
        return Sites(self.tools, self.path)

    @functools.cached_property
    def redactors(self) -> tuple[int, ...]:
        """Where they begin; in the plain build there is no room to bypass them. Raises BuildError."""
        if self.program.plain:
            return ()
        return tuple(function.start for function in self.sites.redactors(self.program.redactors))

    def command(self) -> Command:
        """What starts it."""
        return Command(
            self.driver,
            self.path,
            self.program.arguments,
            plain_environment(self.program.environment),
        )

    @functools.cached_property
    def unseen_calls(self) -> tuple[Problem, ...]:
        """What is known before the first execution to run where nobody sees it."""
        return tuple(map(self._describe_unseen, self.unknown))

    def _describe_unseen(self, one: Unknown) -> Problem:
        if one.threaded:
            return Problem(ProblemKind.UNCONTROLLED_THREAD, str(one), remedy="Start them by pthread_create.")
        if one.reaches_out:
            places = (self.sites.place(site) for _, site in self.sites.calls_of((one.name,)))
            at = next((str(place) for place in places if place.file), "")
            return Problem(ProblemKind.OUTSIDE, str(one), at, one.remedy)
        return Problem(ProblemKind.OPAQUE, str(one), fatal=False)

    @property
    def why_forked(self) -> str:
        """Which calls make every execution need a process of its own; empty where none does."""
        alike: dict[str, list[str]] = {}
        for one in (one for one in self.unknown if not one.turns_only):
            alike.setdefault(one.meaning, []).append(one.name)
        return "; ".join(_listed(meaning, names) for meaning, names in alike.items())


def _listed(meaning: str, names: Sequence[str]) -> str:
    first, *more = names
    listed = ", ".join(more[:_NAMED]) + (f" and {len(more) - _NAMED} more" if len(more) > _NAMED else "")
    return f"{first} {meaning}" + (f" (also {listed})" if more else "")


def ready(program: Program, *, driver: Path | None = None) -> Ready:
    """Builds what is not built yet. Raises BuildError."""
    tools = toolchain()
    chosen = build.driver(tools) if driver is None else driver
    built = build.program(tools, program.wanted, chosen)
    return Ready(
        program,
        tools,
        chosen,
        built.path,
        built.unknown,
        built.vectors,
        built.modelled,
        built.held,
        built.unreported,
    )
