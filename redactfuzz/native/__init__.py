"""C and C++ programs: their threads under our scheduler, their crash wherever it may strike.

from redactfuzz import native

test_rotate = native.scenario("rotate.c", crash="SIGSEGV")
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from redactfuzz.model.canary import Kind

__all__ = ["scenario"]


def scenario(
    *sources: str | Path,
    canaries: Mapping[str, Kind] | None = None,
    crash: str = "SIGSEGV",
    args: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
    stdin: str | None = None,
    flags: Sequence[str] = (),
    redactor: str | Sequence[str] | None = None,
    oracles: Sequence[str] | None = None,
    second_crash: bool = True,
    **settings: Any,
) -> Callable[[], None]:
    """Makes a scenario of a program: a test when a ``test_`` name is given to it, and what ``explore`` takes.

    ``sources`` are its files, relative to the file that calls, and ``flags`` go to the compiler and the linker.
    Secrets that the program asks for with ``redactfuzz_canary(name, size)`` need not be declared; ``canaries`` are
    others, or of another kind. A value of ``env``, a word of ``args`` or ``stdin`` that is the name of a canary stands
    for it. ``crash`` is the signal that strikes, "kill" for a dumper from outside, or "none" where only the files count
    that the program writes. ``redactor`` names functions that are not marked REDACTFUZZ_REDACTOR, ``oracles`` what
    counts as a bug (default: everything but "dump": that an execution leaves no dump). Other options are those of
    ``@scenario``. Raises ValueError for what makes no sense; a program that cannot be built is an error when it is run.
    """
    from redactfuzz.campaign.face.program import program_scenario

    return program_scenario(
        sources,
        sys._getframe(1),
        canaries=canaries or {},
        crash=crash,
        args=args,
        env=env or {},
        stdin=stdin,
        flags=flags,
        redactor=redactor,
        oracles=oracles,
        second_crash=second_crash,
        **settings,
    )
