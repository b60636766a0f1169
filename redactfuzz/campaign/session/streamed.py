"""Streams the events of a batch, or of a whole campaign, from a child process to this one."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import traceback
import warnings
from collections.abc import Callable, Generator
from multiprocessing.connection import Connection, Pipe
from typing import Any, NoReturn, TypeVar

from redactfuzz.threads import _hooks
from redactfuzz.threads.process import foreign
from redactfuzz.threads.process.child import ChildError

T = TypeVar("T")
_BEAT_SECONDS = 0.25
_STOP = "stop"


class Gone(Exception):
    """The process that was to send died."""


def forked(work: Callable[[Connection], object]) -> tuple[int, Connection] | None:
    """Forks a process that does ``work`` and ends: its number, and our end of a pipe to it. None: there is no room."""
    ours, theirs = Pipe()
    parent, before = os.getpid(), foreign.there()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):  # it may be None, or of anybody's making
            stream.flush()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # 3.12 warns of threads: those of the pool are idle
            pid = os.fork()
    except OSError:
        ours.close()
        theirs.close()
        return None
    if pid == 0:
        ours.close()
        foreign.forked(before)
        _work(work, theirs, parent)
    theirs.close()
    return pid, ours


def _work(work: Callable[[Connection], object], connection: Connection, parent: int) -> NoReturn:
    status = 0
    try:
        _hooks.forget_pool()
        _hooks.die_with_parent(parent)
        # The receiver decides when to stop. The signals are blocked, not ignored, because a scenario may read their
        # disposition, which must stay as it was.
        signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))
        work(connection)
    except (OSError, EOFError):
        pass
    except BaseException:  # a fault of this package
        status = 70
        with contextlib.suppress(OSError):
            connection.send(ChildError(traceback.format_exc()))
    finally:
        os._exit(status)


def ended(pid: int, connection: Connection) -> None:
    """Ends such a process, if it has not."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, 0)
    connection.close()


def send(items: Generator[T, None, object], connection: Connection) -> None:
    """Send each item. The receiver may ask for the end at any time, which raises KeyboardInterrupt in ``items``."""
    with contextlib.suppress(StopIteration, KeyboardInterrupt):
        item = next(items)
        while True:
            connection.send((item,))
            item = items.throw(KeyboardInterrupt) if connection.poll() and connection.recv() == _STOP else next(items)
    connection.send(())


def received(connection: Connection) -> Generator[Any, None, None]:
    """Yield what the sender sends. At Ctrl-C, and when this generator is closed, the sender is asked to end.

    Raises KeyboardInterrupt if the sender ended because it was asked to, Gone if its process died, and ChildError if
    this package failed in it.
    """
    open_, asked = True, False
    try:
        while True:
            try:
                while not connection.poll(_BEAT_SECONDS):
                    _hooks.beat()
                message = connection.recv()
            except KeyboardInterrupt:
                asked = True
                connection.send(_STOP)
                continue
            if message == () or isinstance(message, ChildError):
                open_ = False
                if message != ():
                    raise message
                if asked:
                    raise KeyboardInterrupt
                return
            yield message[0]
    except (OSError, EOFError) as error:
        open_ = False
        raise (KeyboardInterrupt if asked else Gone) from error
    finally:
        if open_:
            _drain(connection)


def _drain(connection: Connection) -> None:
    with contextlib.suppress(OSError, EOFError):
        connection.send(_STOP)
        while connection.recv() != ():
            pass
