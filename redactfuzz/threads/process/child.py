"""Work in a forked child: what it does to the process is gone with it, and what kills it does not kill us."""

from __future__ import annotations

import contextlib
import os
import pickle
import resource
import select
import signal
import sys
import traceback
import warnings
from collections.abc import Callable
from typing import Generic, TypeVar

import attrs

from redactfuzz.silence import Silence
from redactfuzz.threads import _hooks
from redactfuzz.threads.process import foreign

T = TypeVar("T")
_BEAT_SECONDS = 0.25
"""So often whoever watches this process sees that it is only waiting."""


@attrs.frozen
class Died:
    """The child ended without an answer: by a signal, by os._exit, or because it took too long and was killed."""

    how: str
    hung: bool = False
    killed: bool = False
    """By a signal, and not by us."""


@attrs.frozen
class Answer(Generic[T]):
    """What the child's work returned."""

    value: T


class ChildError(RuntimeError):
    """The child's work raised; the message is its traceback. A fault of this package, not of the code under test."""


def in_child(work: Callable[[], T], seconds: float) -> Answer[T] | Died:
    """Runs ``work`` in a forked child and waits for its answer, at most ``seconds``; then the child is killed.

    Seconds in which the machine does not let the child run do not count. Raises ChildError when ``work`` itself raises.
    """
    reader, writer = map(_hooks.own, os.pipe())
    parent, before = os.getpid(), foreign.there()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):  # it may be None, or of anybody's making
            stream.flush()
    with warnings.catch_warnings():
        # 3.12 warns of forks in processes with threads; our idle pool threads hold nothing that the child needs.
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        foreign.forked(before)
        _answer(work, reader, writer, parent)
    os.close(_hooks.disown(writer))
    try:
        return _collect(pid, reader, seconds)
    finally:
        os.close(_hooks.disown(reader))


def _answer(work: Callable[[], T], reader: int, writer: int, parent: int) -> None:
    status = 0
    try:
        os.close(_hooks.disown(reader))
        _hooks.forget_pool()
        _hooks.die_with_parent(parent)
        # A core of the user's may lie where one would go; what makes cores sets a limit of its own.
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to stop
        try:
            message = pickle.dumps((True, work()))
        except BaseException:
            message = pickle.dumps((False, traceback.format_exc()))
        sent = 0
        while sent < len(message):
            sent += os.write(writer, message[sent:])
    except BaseException:
        status = 70
    finally:
        os._exit(status)


def _collect(pid: int, reader: int, seconds: float) -> Answer[T] | Died:
    silence = Silence(pid)
    chunks: list[bytes] = []
    hung = False
    ready = select.poll()  # select() knows no descriptor from 1024 on
    ready.register(reader, select.POLLIN)
    try:
        while True:
            there = ready.poll(min(seconds, _BEAT_SECONDS) * 1000)
            _hooks.beat()
            if not there:
                if not silence.lasts(seconds):
                    continue
                hung = True
                break
            chunk = os.read(reader, 1 << 16)
            if not chunk:
                break
            chunks.append(chunk)
    finally:
        if hung or sys.exc_info()[0] is not None:
            os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
    if hung:
        return Died(f"did not end within {seconds:g} s and was killed", hung=True)
    message = b"".join(chunks)
    if not message:
        if os.WIFSIGNALED(status):
            return Died(f"was killed by {signal.Signals(os.WTERMSIG(status)).name}", killed=True)
        return Died(f"left by os._exit({os.WEXITSTATUS(status)})")
    good, value = pickle.loads(message)
    if not good:
        raise ChildError(value)
    return Answer(value)
