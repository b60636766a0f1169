"""The redactors that a scenario declares: wrapped, and put in place of what a library calls for one execution."""

from __future__ import annotations

import functools
import importlib
import inspect
import sys
from collections.abc import Callable
from typing import Any

from redactfuzz.threads import _hooks
from redactfuzz.threads.explain.unrun import ScenarioError, refuse_unrun


class Redactors:
    """Of one execution."""

    def __init__(self) -> None:
        self._all: list[_hooks.Redactor] = []
        self._called = 0
        """Of those that are forgotten."""
        self._declared = 0
        self._replaced: list[tuple[Any, str, Any]] = []

    def __len__(self) -> int:
        return self._declared

    @property
    def calls(self) -> int:
        """How often controlled threads called one of them."""
        return self._called + sum(redactor.calls for redactor in self._all)

    def declare(self, target: Any, bypass: Callable[..., Any] | None) -> Any:
        """What Race.redactor does. Raises ScenarioError for what is no redactor, or is not there."""
        if isinstance(target, str):
            return self._replace(target, bypass)
        if isinstance(target, _hooks.Redactor):
            raise ScenarioError("this callable is declared as the redactor already")
        if not callable(target):
            raise ScenarioError(f"race.redactor needs a callable or a dotted path, not {type(target).__name__}")
        return self._wrapped(target, bypass)

    def restore(self) -> None:
        """Puts back what was replaced."""
        for owner, name, raw in reversed(self._replaced):
            if raw is None:
                delattr(owner, name)
            else:
                setattr(owner, name, raw)

    def forget(self) -> None:
        """After the execution: they hold on to objects of the program. How often they were called stays known."""
        self._called = self.calls
        self._all.clear()
        self._replaced.clear()

    def _wrapped(self, target: Any, bypass: Callable[..., Any] | None, skip: int = 0) -> _hooks.Redactor:
        refuse_unrun("race.redactor", target, generators=False)
        wrapped = _hooks.Redactor(target, bypass, skip)
        self._all.append(wrapped)
        self._declared += 1
        return wrapped

    def _replace(self, path: str, bypass: Callable[..., Any] | None) -> Any:
        module, _, attributes = path.partition(":")
        if not module or not attributes:
            raise ScenarioError(f"{path!r} is no dotted path: write 'package.module:Class.method'")
        *owners, name = attributes.split(".")
        try:
            owner: Any = importlib.import_module(module)
            for each in owners:
                owner = getattr(owner, each)
            # As it is stored: a staticmethod or classmethod of a base class must stay one.
            raw = inspect.getattr_static(owner, name) if isinstance(owner, type) else getattr(owner, name)
        except (ImportError, AttributeError) as error:
            raise ScenarioError(f"the redactor {path!r} is not there: {error}") from error
        if not callable(raw) and not isinstance(raw, (staticmethod, classmethod)):
            raise ScenarioError(f"the redactor {path!r} is not callable but {type(raw).__name__}")
        if isinstance(raw, _hooks.Redactor):
            raise ScenarioError(f"{path!r} is declared as the redactor already")
        if isinstance(raw, staticmethod):
            wrapped = self._wrapped(raw.__func__, bypass)
            put: Any = staticmethod(wrapped)
        elif isinstance(raw, classmethod):
            wrapped = self._wrapped(raw.__func__, bypass, 1)
            put = classmethod(wrapped)
        else:
            wrapped = self._wrapped(raw, bypass, 1 if isinstance(owner, type) and _is_bound(raw) else 0)
            put = wrapped
        inherited = name not in vars(owner)
        setattr(owner, name, put)
        self._replaced.append((owner, name, None if inherited else raw))
        return wrapped


def _is_bound(attribute: Any) -> bool:
    """Whether a class hands it the object: a function, not an object that is called; a partial from Python 3.14 on."""
    alone = sys.version_info < (3, 14) and isinstance(attribute, functools.partial)
    return hasattr(type(attribute), "__get__") and not alone
