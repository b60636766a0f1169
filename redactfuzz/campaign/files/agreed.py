"""What a repro file from somebody else may make run: the code in the reader's folder, built by harmless options.

Everything beyond that needs the reader's word (``--trust``), or a file that this installation wrote itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

from redactfuzz.native.compile.compiler import SUFFIXES

FOLDER = ".redactfuzz"
"""In the folder where a campaign ran: its repro files."""
_SHOWN = 2000
"""Characters of what is about to run that are shown."""
_WORD = r"[\w.+-]+"
_FLAGS = re.compile(
    r"""
      -O(?:[0-3sgz]|fast)?
    | -std=[a-z0-9+:]+
    | -g(?:gdb)?[0-3]?
    | -ansi | -pedantic | -pedantic-errors | -pthread | -w
    | -W(?:no-)?[a-z][a-z0-9+-]*(?:=[a-z0-9]+)?    # no comma: -Wl,... and its like hand options on
    | -D[A-Za-z_]\w*(?:=[\w.+-]*)?
    | -U[A-Za-z_]\w*
    | -l[A-Za-z0-9_][\w.+-]*
    | -m(?:32|64|(?:arch|tune)=[\w.+-]+|avx[\w.]*|sse[\w.]*|bmi2?|fma|aes|sha|pclmul|rdrnd|rdseed)
    | -f(?:no-)?(?:strict-aliasing|stack-protector|stack-protector-strong|stack-protector-all|omit-frame-pointer|inline
        |inline-functions|builtin|exceptions|common|pic|pie|PIC|PIE|wrapv|fast-math|unroll-loops|tree-vectorize|lto
        |signed-char|unsigned-char|short-enums|stack-clash-protection|delete-null-pointer-checks|ipa-ra|gcse|ivopts)
    | -f(?:zero-call-used-regs|trivial-auto-var-init|cf-protection)=[a-z-]+
    """,
    re.VERBOSE | re.ASCII,
)
"""Options that choose how code is compiled, and neither run, read nor write anything else."""
_INCLUDE = re.compile(rf"-I({_WORD}(?:/{_WORD})*)", re.ASCII)
"""A folder of the reader's own."""
_CANARY_VARIABLES = frozenset({"CANARY", "KEY", "PASSWORD", "SECRET", "TOKEN"})
"""Variables that may hold a canary: no loader, library or tool acts on these names, and redactfuzz draws the value."""
_HARMLESS_VARIABLES = {"LC_ALL": "C"}
"""Variables, with their values, that redactfuzz gives to every program. Some library may act on any other one."""


class Named(Protocol):
    """Names code that may be somebody else's: a repro file, or the header of a certificate."""

    @property
    def path(self) -> str:
        """Of its first file."""

    @property
    def item(self) -> str:
        """pytest's name of the test, where only pytest can run it."""

    @property
    def program(self) -> Mapping[str, Any]:
        """How a program is built and started."""


def beyond(repro: Named) -> str:
    """Return the first thing to which a reader does not agree by replaying the file; empty if there is none."""
    return next(_beyond(repro), "")


def _beyond(repro: Named) -> Iterator[str]:
    for path in (PurePosixPath(repro.path), *sources(repro)):
        if path.is_absolute():
            yield f"the absolute path {path}"
        if ".." in path.parts:
            yield f'the path {path}, which leads out of its folder with ".."'
    for flag in _texts(repro.program.get("flags")):
        if not _FLAGS.fullmatch(flag) and not _is_inside(flag):
            yield f"the compiler option {flag}"
    test = PurePosixPath(repro.item.partition("::")[0])
    if test.is_absolute() or ".." in test.parts:
        yield f"the test {repro.item}, which lies outside of its folder"
    yield from (f"the environment variable {name}" for name in _find_unagreed_variables(repro))


def _find_unagreed_variables(repro: Named) -> Iterator[str]:
    """Yield the variables that are not in `_HARMLESS_VARIABLES`, and those of canaries not in `_CANARY_VARIABLES`."""
    environment, routes = repro.program.get("environment"), repro.program.get("routes")
    for name, value in environment.items() if isinstance(environment, dict) else ():
        if name not in _HARMLESS_VARIABLES or value != _HARMLESS_VARIABLES[name]:
            yield name
    for route in routes.values() if isinstance(routes, dict) else ():
        if isinstance(route, list) and len(route) == 2 and route[1] and route[1] not in _CANARY_VARIABLES:
            yield str(route[1])


def _is_inside(flag: str) -> bool:
    match = _INCLUDE.fullmatch(flag)
    return match is not None and ".." not in PurePosixPath(match[1]).parts


def paths(repro: Named) -> Iterator[str]:
    """All files of its code, and the folders that ``-I`` names."""
    yield repro.path
    yield from map(str, sources(repro))
    yield from (match[1] for flag in _texts(repro.program.get("flags")) if (match := _INCLUDE.fullmatch(flag)))


def roots(file: Path) -> Iterator[Path]:
    """Folders below which a repro file's code may lie: the working directory, and the folder whose finding it is."""
    yield Path.cwd()
    folder = file.resolve().parent
    if folder.name == FOLDER:
        yield folder.parent


def sources(repro: Named) -> list[PurePosixPath]:
    """Of a program."""
    return [PurePosixPath(path) for path in _texts(repro.program.get("sources"))]


def is_code(path: PurePosixPath) -> bool:
    """Whether it is named like a source file of a program."""
    return path.suffix in SUFFIXES


def announcement(repro: Named, path: Path) -> Iterator[str]:
    """What is about to run, a line each: files, options, variables."""
    if not repro.program:
        yield f"importing {path}"
        return
    program = repro.program
    flags = _cut(" ".join(_texts(program.get("flags"))))
    yield f"compiling {' '.join(map(str, sources(repro)))} below {path.parent}" + (f" with {flags}" if flags else "")
    environment = program.get("environment")
    if isinstance(environment, dict) and environment:
        yield f"running it with {_cut(', '.join(f'{name}={value}' for name, value in environment.items()))}"
    if arguments := _texts(program.get("arguments")):
        yield f"running it with the arguments {_cut(' '.join(arguments))}"


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}… ({len(text):,} characters)"


def _texts(given: object) -> list[str]:
    return [each for each in given if isinstance(each, str)] if isinstance(given, list) else []
