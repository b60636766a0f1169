"""Searches of an image side by side, part by part: what C reads it reads without the interpreter's lock."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Executor

LARGE = 32 << 20
"""Images of more bytes are searched by several threads."""
_MOST = 4
"""Parts at a time, at most: memory is what each of them reads."""

_Part = TypeVar("_Part")
_Result = TypeVar("_Result")


def in_order(
    search: Callable[[_Part], _Result], parts: Sequence[_Part], *, parallel: bool = True
) -> Generator[_Result]:
    """What the search of each part gives, in their order. Not ``parallel``: one after the other, without threads."""
    workers = min(len(parts), _MOST, len(os.sched_getaffinity(0))) if parallel else 1
    if workers <= 1:
        yield from map(search, parts)
        return
    with _pool(workers) as pool:
        yield from pool.map(search, parts)


@contextlib.contextmanager
def _pool(workers: int) -> Iterator[Executor]:
    """Threads, for which whoever leaves waits; but not by an interrupt: a step may take a minute, in C."""
    from concurrent.futures import ThreadPoolExecutor  # memory that is in every core of a campaign

    pool, waits = ThreadPoolExecutor(workers), True
    try:
        yield pool
    except KeyboardInterrupt:
        waits = False
        raise
    finally:
        pool.shutdown(wait=waits, cancel_futures=True)


@contextlib.contextmanager
def beside(work: Iterator[_Result], *, parallel: bool = True) -> Generator[Callable[[], Sequence[_Result]]]:
    """Does ``work`` while something else is done inside; what comes out waits for it, and gives all of it.

    Not ``parallel``: it is done then. Who leaves by an exception waits for no more than one step of it, and by an
    interrupt for none.
    """
    if not parallel or len(os.sched_getaffinity(0)) == 1:
        yield lambda: list(work)
        return
    done: list[_Result] = []
    left = False

    def steps() -> Sequence[_Result]:
        for each in work:
            done.append(each)
            if left:
                break
        return done

    with _pool(1) as pool:
        future = pool.submit(steps)
        try:
            yield future.result
        finally:
            left = True
