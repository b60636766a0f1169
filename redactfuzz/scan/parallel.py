"""Parts of an image that are searched side by side: what C reads it reads without the interpreter's lock."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

_MOST = 4
"""Parts at a time, at most: memory is what each of them reads."""

_Part = TypeVar("_Part")
_Result = TypeVar("_Result")


def in_order(search: Callable[[_Part], _Result], parts: Sequence[_Part], *, parallel: bool = True) -> Iterator[_Result]:
    """What the search of each part gives, in their order. Not ``parallel``: one after the other, without threads."""
    workers = min(len(parts), _MOST, len(os.sched_getaffinity(0))) if parallel else 1
    if workers <= 1:
        yield from map(search, parts)
        return
    from concurrent.futures import ThreadPoolExecutor  # memory that is in every core of a campaign

    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(search, parts)
