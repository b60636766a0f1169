"""Debuggers in a scenario: nobody can be asked for orders in the middle of thousands of executions."""

from __future__ import annotations

import bdb
import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import Any

from redactfuzz.model.outcome import ProblemKind
from redactfuzz.threads import _hooks


@contextlib.contextmanager
def no_prompts() -> Iterator[None]:
    """``breakpoint()`` and a debugger's ``set_trace()`` stop nowhere in a controlled thread; there they are noticed."""
    hook, start = sys.breakpointhook, bdb.Bdb.set_trace
    # pdb is not imported for this: a program that has it calls this function, or this method in the end.
    module = sys.modules.get("pdb")
    function = getattr(module, "set_trace", None)
    sys.breakpointhook = _passed_by(hook)
    bdb.Bdb.set_trace = _passed_by(start)  # type: ignore[method-assign]
    if function is not None:
        module.set_trace = _passed_by(function)  # type: ignore[union-attr]
    try:
        yield
    finally:
        sys.breakpointhook, bdb.Bdb.set_trace = hook, start  # type: ignore[method-assign]
        if function is not None:
            module.set_trace = function  # type: ignore[union-attr]


def _passed_by(original: Callable[..., Any]) -> Callable[..., Any]:
    def noticed(*args: Any, **kwargs: Any) -> Any:
        if not _hooks.notice(ProblemKind.DEBUGGER):
            return original(*args, **kwargs)
        return None

    return noticed
