"""How a C or C++ program becomes a scenario that pytest collects and ``explore`` takes."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from redactfuzz.campaign.face.failure import raise_for
from redactfuzz.campaign.face.scenario import ATTRIBUTE, PROGRAM, explored, program_spec
from redactfuzz.campaign.session.spec import Options, Settings, resolve
from redactfuzz.model.canary import Kind, token
from redactfuzz.native.compile.build import joined
from redactfuzz.native.drive.vault import Way
from redactfuzz.native.run.program import ALL_ORACLES, Program, ProgramError, Route

_FILES = ("-I", "-L")


def program_scenario(
    sources: Sequence[str | Path],
    frame: FrameType | None,
    *,
    canaries: Mapping[str, Kind],
    crash: str,
    args: Sequence[str],
    env: Mapping[str, str],
    stdin: str | None,
    flags: Sequence[str],
    redactor: str | Sequence[str] | None,
    oracles: Sequence[str] | None,
    second_crash: bool,
    **settings: Any,
) -> Callable[[], None]:
    """A function without parameters; ``frame`` is the caller's, whose file paths are relative to."""
    folder, line, module, file = _caller(frame)
    names = [redactor] if isinstance(redactor, str) else list(redactor or ())
    kinds, routes, plain, arguments = _routes(dict(canaries), env, args, stdin)
    program = Program(
        sources=tuple((folder / source).resolve() for source in sources),
        flags=tuple(_absolute(flag, folder) for flag in joined(tuple(flags))),
        arguments=arguments,
        environment=plain,
        crash=crash,
        canaries=kinds,
        routes=routes,
        redactors=tuple(names),
        oracles=ALL_ORACLES if oracles is None else frozenset(oracles),
        second_crash=second_crash,
    )
    return _callable(program, Settings(**settings), line, module, file)


def _callable(program: Program, settings: Settings, line: int, module: str, file: str) -> Callable[[], None]:
    resolve(Options(), settings)

    def call() -> None:
        __tracebackhide__ = True
        raise_for(explored(program_spec(program, settings)))

    call.__name__ = call.__qualname__ = program.name
    call.__module__ = module
    call.__doc__ = f"Explores {', '.join(source.name for source in program.sources)}."
    # It stands where the user wrote it: pytest and the command line ask for file and line.
    call.__code__ = call.__code__.replace(co_filename=file, co_firstlineno=line)
    setattr(call, ATTRIBUTE, settings)
    setattr(call, PROGRAM, program)
    return call


def _caller(frame: FrameType | None) -> tuple[Path, int, str, str]:
    if frame is None:
        return Path.cwd(), 1, "", "<unknown>"
    file = inspect.getsourcefile(frame) or frame.f_code.co_filename
    return Path(file).resolve().parent, frame.f_lineno, str(frame.f_globals.get("__name__", "")), file


def _routes(
    kinds: dict[str, Kind], env: Mapping[str, str], args: Sequence[str], stdin: str | None
) -> tuple[dict[str, Kind], dict[str, Route], dict[str, str], tuple[str, ...]]:
    """Values that are the name of a canary stand for it; a name that only stdin has is a token."""
    routes: dict[str, Route] = {}

    def route(name: str, way: Way, target: str = "") -> None:
        if name in routes:
            raise ProgramError(f"canary {name!r} comes to the program in two ways; give each a canary of its own")
        routes[name] = Route(way, target)

    plain = {name: value for name, value in env.items() if value not in kinds}
    for variable, name in env.items():
        if name in kinds:
            route(name, Way.VARIABLE, variable)
    arguments = tuple(word for word in args if word not in kinds)
    for word in args:
        if word in kinds:
            route(word, Way.ARGUMENT)
    if stdin is not None:
        kinds.setdefault(stdin, token())
        route(stdin, Way.STDIN)
    return kinds, routes, plain, arguments


def _absolute(flag: str, folder: Path) -> str:
    """A flag that names a folder or a library of ours names it from everywhere."""
    for option in _FILES:
        if flag.startswith(option) and len(flag) > len(option):
            return f"{option}{folder / flag[len(option) :]}"
    if flag.endswith((".a", ".o", ".so")) and not flag.startswith("-"):
        return str(folder / flag)
    return flag
