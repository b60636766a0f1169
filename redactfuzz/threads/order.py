"""Makes the order of threads in sets the same in every execution.

A ThreadPoolExecutor keeps its threads in a set and joins them in the set's order, which is that of their addresses.
Under one schedule it would take another path each time. Threads of an execution therefore hash to their number of first
sight.
"""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Iterator

from redactfuzz.threads import _hooks

_NAME = "_redactfuzz_order"


_numbers = itertools.count(1)


def number_anew() -> None:
    """Before each execution: its first thread is number one."""
    global _numbers
    _numbers = itertools.count(1)


@contextlib.contextmanager
def ordered_threads() -> Iterator[None]:
    """While it is entered, threads made by controlled threads hash to their number; all others as before."""
    original = threading.Thread.__hash__

    def order(self: threading.Thread) -> int:
        number = self.__dict__.get(_NAME)
        if number is None:
            # One that was hashed before it came here must go on hashing as it did: only new ones get a number.
            if self.ident is not None or _hooks.current() is None:
                return original(self)
            number = self.__dict__[_NAME] = next(_numbers)
        return int(number)

    threading.Thread.__hash__ = order  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        threading.Thread.__hash__ = original  # type: ignore[method-assign]
