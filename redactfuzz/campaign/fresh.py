"""A process in which every execution is the first: forked before the scenario has run, it forks a child for each.

A finding that is met in the campaign's own process and not there needs what earlier executions left behind.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import warnings
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection, Pipe
from typing import Any

import attrs

from redactfuzz.model.outcome import Outcome
from redactfuzz.model.plan import HANG_SECONDS
from redactfuzz.threads import _hooks, carried, foreign
from redactfuzz.threads.child import Answer, ChildError, in_child

_GRACE_SECONDS = 10.0
"""Beyond the hang limit, before the process is given up."""
_NAMED = 3
"""Objects that carry state over, at most, that are named."""

Work = Callable[..., Any]
"""Takes the name of a method of Session, and what that takes."""


@attrs.define(eq=False)
class Fresh:
    """The process, as the campaign sees it."""

    _pid: int
    _connection: Connection
    _hang_seconds: float
    _body: Any
    told: dict[str, Any] = attrs.field(factory=dict)
    """Goes with every request: what the campaign has found out since this process was made."""

    def once(self, *args: Any, **kwargs: Any) -> Outcome | None:
        """What ``Session.once`` gives in a process of its own; None where it did not come to its end."""
        found = self.run("_once_here", *args, **kwargs)
        return found if isinstance(found, Outcome) else None

    def run(self, what: str, *args: Any, **kwargs: Any) -> Any:
        """What the session's method of this name gives there; None where it did not come to its end."""
        return self._ask(((what, *args), kwargs | self.told))

    def carried(self, *, near: bool = False) -> list[str]:
        """Objects of the program's modules that are other than before the first execution; ``near``: of some."""
        before = self._ask(near)
        if not isinstance(before, dict):
            return []
        return carried.changed(before, carried.states(self._body, near=near))[:_NAMED]

    def _ask(self, request: Any) -> Any:
        try:
            self._connection.send(request)
            deadline = self._hang_seconds + _GRACE_SECONDS
            while not self._connection.poll(min(deadline, 0.25)):
                _hooks.beat()
                deadline -= 0.25
                if deadline <= 0:
                    self.close()
                    return None
            found = self._connection.recv()
        except (OSError, EOFError):
            return None
        if isinstance(found, ChildError):
            raise found
        return found

    def close(self) -> None:
        """Ends it."""
        if self._pid:
            pid, self._pid = self._pid, 0
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)
            self._connection.close()


def fresh(work: Work, body: Any, hang_seconds: float = HANG_SECONDS) -> Fresh | None:
    """Forks it now; ``body`` is the scenario.

    None where the machine has no room for one, and inside of a scenario, where no campaign may run.
    """
    if _hooks.current() is not None:
        return None
    ours, theirs = Pipe()
    parent, before = os.getpid(), foreign.there()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
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
        _serve(work, body, theirs, parent, hang_seconds)
    theirs.close()
    return Fresh(pid, ours, hang_seconds, body)


def _answer(work: Callable[[], Any], seconds: float) -> Any:
    try:
        answer = in_child(work, seconds)
    except ChildError as error:  # a fault of this package
        return error
    return answer.value if isinstance(answer, Answer) else None


def _serve(work: Work, body: Any, connection: Connection, parent: int, hang_seconds: float) -> None:
    status = 0
    try:
        _hooks.forget_pool()
        _hooks.die_with_parent(parent)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the campaign decides when to stop
        while True:
            request = connection.recv()
            if isinstance(request, bool):
                connection.send(carried.states(body, near=request))
                continue
            args, kwargs = request
            connection.send(_answer(partial(work, *args, **kwargs), hang_seconds + _GRACE_SECONDS / 2))
    except (OSError, EOFError):
        pass
    except BaseException:
        status = 70
    finally:
        os._exit(status)
