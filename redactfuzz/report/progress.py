"""How far a large dump has been read, on a terminal; nothing elsewhere, and nothing for what is done at once."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn


@contextlib.contextmanager
def reading(name: str, err: TextIO) -> Iterator[Callable[[int], None]]:
    """Gives what is to be told of each stretch that was read, in bytes."""
    if not err.isatty():
        yield lambda _: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    lock = threading.Lock()  # several threads read one large dump
    with Progress(*columns, console=Console(file=err), transient=True) as progress:
        task = progress.add_task(name, total=None)

        def told(read: int) -> None:
            with lock:
                progress.advance(task, read)

        yield told
