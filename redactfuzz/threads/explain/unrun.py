"""Functions whose call runs nothing of them: coroutine and generator functions. Nobody would drive what they return."""

from __future__ import annotations

import functools
import inspect
from types import AsyncGeneratorType, CoroutineType, GeneratorType
from typing import Any

from redactfuzz.model.outcome import BugKind

_ASYNC = inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
_GENERATOR = inspect.CO_GENERATOR
_RESULTS: dict[type, str] = {
    CoroutineType: "a coroutine function (async def)",
    AsyncGeneratorType: "an async generator function",
    GeneratorType: "a generator function (it has a yield)",
}
_DECLINED = {
    ("builtins", "Skipped"): BugKind.SKIPPED,
    ("unittest.case", "SkipTest"): BugKind.SKIPPED,
    ("_pytest.outcomes", "XFailed"): BugKind.XFAILED,
}
"""Exceptions of pytest (of which one says that it is of builtins) and of unittest."""


def declined(error: BaseException) -> BugKind | None:
    """What a test says by it, where that is that it does not want to run; None for any other exception."""
    kinds = (_DECLINED.get((kind.__module__, kind.__name__)) for kind in type(error).__mro__)
    return next((kind for kind in kinds if kind is not None), None)


class ScenarioError(Exception):
    """The scenario asks for something that makes no sense. The message says what to do."""


def _kind_of_function(target: Any, generators: bool) -> str:
    """What sort of function ``target`` is when calling it runs nothing of it; empty for all others.

    With ``generators=False`` a generator function is like any other: somebody may run what it returns.
    """
    while isinstance(target, functools.partial):
        target = target.func
    code = getattr(target, "__code__", None) or getattr(vars(type(target)).get("__call__"), "__code__", None)
    flags = getattr(code, "co_flags", 0)
    if not isinstance(flags, int) or not flags & (_ASYNC | _GENERATOR * generators):
        return ""
    if flags & inspect.CO_COROUTINE:
        return _RESULTS[CoroutineType]
    return _RESULTS[AsyncGeneratorType if flags & inspect.CO_ASYNC_GENERATOR else GeneratorType]


def refuse_unrun(what: str, target: Any, generators: bool = True) -> None:
    """Raises ScenarioError when ``what``, a method of Race, was given such a function."""
    if kind := _kind_of_function(target, generators):
        raise _error(f"what {what} was given", kind)


def is_unrun(result: Any) -> bool:
    """Whether nothing ran of the function that returned ``result``."""
    return type(result) in _RESULTS


def unrun(what: str, result: Any) -> ScenarioError:
    """The error for ``what`` having returned such a ``result``. It is ended: nobody warns that it was never awaited."""
    if isinstance(result, (CoroutineType, GeneratorType)):
        result.close()
    return _error(what, _RESULTS[type(result)])


def _error(what: str, kind: str) -> ScenarioError:
    return ScenarioError(
        f"{what} is {kind}: calling it runs nothing of it. Give a plain function that does the work, or runs it to its "
        "end"
    )
