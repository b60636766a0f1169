"""Makes the order of threads and futures in sets the same in every execution.

A ThreadPoolExecutor keeps its threads in a set and joins them in the set's order, which is that of their addresses;
``as_completed`` takes the locks of its futures in the order of their ``id``. Under one schedule they would take another
path each time. Threads of an execution therefore hash to their number of first sight, futures to that of their making.
"""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Iterator
from concurrent.futures import _base
from typing import Any

from redactfuzz.threads import _hooks

_NAME = "_redactfuzz_order"


_numbers = itertools.count(1)


def number_anew() -> None:
    """Before each execution: its first thread is number one."""
    global _numbers
    _numbers = itertools.count(1)


@contextlib.contextmanager
def ordered_sets() -> Iterator[None]:
    """While it is entered, threads and futures made by controlled threads have an order; all others as before."""
    with _ordered_threads(), _ordered_futures():
        yield


@contextlib.contextmanager
def _ordered_threads() -> Iterator[None]:
    original = threading.Thread.__hash__

    def order(self: threading.Thread) -> int:
        number = self.__dict__.get(_NAME)
        if number is None:
            # One that was hashed before it came here must go on hashing as it did: only new ones get a number.
            if self.ident is not None or _hooks.current() is None:
                return original(self)
            number = self.__dict__[_NAME] = next(_numbers)
        return int(number)

    with _replaced(threading.Thread, "__hash__", order):
        yield


@contextlib.contextmanager
def _ordered_futures() -> Iterator[None]:
    future: Any = _base.Future
    made, hashed = future.__init__, future.__hash__

    def make(self: Any, *args: Any, **kwargs: Any) -> None:
        if _hooks.current() is not None:
            self.__dict__[_NAME] = next(_numbers)
        made(self, *args, **kwargs)

    def order(self: Any) -> int:
        number = self.__dict__.get(_NAME)
        return hashed(self) if number is None else int(number)

    def identify(each: Any) -> int:
        number = getattr(each, _NAME, None)
        return id(each) if number is None else int(number)

    with (
        _replaced(future, "__init__", make),
        _replaced(future, "__hash__", order),
        _replaced(_base, "id", identify),  # what the module itself calls
    ):
        yield


@contextlib.contextmanager
def _replaced(owner: Any, name: str, value: Any) -> Iterator[None]:
    """Afterwards it is as before: what was inherited lies in no class of its own, or it would look like a change."""
    before = vars(owner).get(name, _NAME)
    setattr(owner, name, value)
    try:
        yield
    finally:
        if before is _NAME:
            delattr(owner, name)
        else:
            setattr(owner, name, before)
