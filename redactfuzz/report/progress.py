"""How far a large dump has been read, on a terminal; nothing elsewhere, and nothing for what is done at once."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from redactfuzz.report.lines import printable

LARGE = 64 << 20
"""Bytes of a dump that takes long enough to watch."""


@contextlib.contextmanager
def reading(name: str, size: int | None, err: TextIO) -> Iterator[Callable[[int], None]]:
    """Gives what is called with the bytes of each stretch read. ``size`` is that of the dump, None if unknown.

    What is inside a compressed dump is more than its size: the bar stays full then, and the number grows.
    """
    if not err.isatty() or (size is not None and size < LARGE):
        yield lambda _: None
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    lock = threading.Lock()  # several threads read one large dump
    with Progress(*columns, console=Console(file=err), transient=True) as progress:
        task = progress.add_task(printable(name), total=size)

        def advance(read: int) -> None:
            with lock:
                progress.advance(task, read)

        yield advance
