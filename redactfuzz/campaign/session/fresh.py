"""A process in which every execution is the first: forked before the scenario has run, it forks a child for each.

A finding that is met in the campaign's own process and not there needs what earlier executions left behind.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

import attrs

from redactfuzz.campaign.session.spec import FOREVER
from redactfuzz.campaign.session.streamed import Gone, ended, forked, received, send
from redactfuzz.model.outcome import Outcome
from redactfuzz.model.plan import HANG_SECONDS, Isolation
from redactfuzz.silence import Silence
from redactfuzz.threads import _hooks
from redactfuzz.threads.process.child import Answer, ChildError, in_child
from redactfuzz.threads.restore import carried, descriptions

_GRACE_SECONDS = 10.0
"""Beyond the hang limit, before the process is given up."""
_BEAT_SECONDS = 0.25
"""So often whoever watches this process sees that it is only waiting."""
_NAMED = 3
"""Objects that carry state over, at most, that are named."""

Work = Callable[..., Any]
"""Takes the name of a method of Session, and what that takes."""


class _Request(NamedTuple):
    what: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    streams: bool = False
    """It gives many things, one after the other."""


@attrs.define(eq=False)
class Fresh:
    """The process, as the campaign sees it."""

    _pid: int
    _connection: Connection
    _hang_seconds: float
    _body: Any
    known: dict[str, Any] = attrs.field(factory=dict)
    """Goes with every request: what the campaign has found out since this process was made."""

    def once(self, *args: Any, **kwargs: Any) -> Outcome | None:
        """What ``Session.once`` gives in a process of its own; None where it did not come to its end."""
        found = self.run("_once_here", *args, **kwargs)
        return found if isinstance(found, Outcome) else None

    def run(self, what: str, *args: Any, **kwargs: Any) -> Any:
        """What the session's method of this name gives there; None where it did not come to its end."""
        return self._ask(_Request(what, args, self.known | kwargs))

    def stream(self, what: str, *args: Any, **kwargs: Any) -> Generator[Any, None, None]:
        """What such a method gives one after the other. Raises Gone."""
        if not self._pid:
            raise Gone
        self._connection.send(_Request(what, args, self.known | kwargs, streams=True))
        try:
            yield from received(self._connection)
        except Gone:
            self.close()
            raise

    def cold(self) -> Cold:
        """Where each execution is the first of its process, whatever the campaign has chosen."""
        return Cold(self)

    def carried(self, *, near: bool = False) -> list[str]:
        """Objects of the program's modules that are other than before the first execution that counts.

        Those near the scenario are enough where there are any: of all others in a large process many change by
        themselves, and to look at them takes long.
        """
        return self._other(near=True) or ([] if near else self._other(near=False))

    def _other(self, *, near: bool) -> list[str]:
        before = self.run("states_here", near)
        if not isinstance(before, dict):
            return []
        return carried.changed(before, carried.states(self._body, near=near))[:_NAMED]

    def _ask(self, request: Any) -> Any:
        try:
            self._connection.send(request)
            silence = Silence(self._pid)
            while not self._connection.poll(_BEAT_SECONDS):
                _hooks.beat()
                if silence.lasts(self._hang_seconds + _GRACE_SECONDS):
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
            ended(pid, self._connection)


@attrs.frozen
class Cold:
    """The same process, without a warm-up."""

    _fresh: Fresh

    def once(self, *args: Any, **kwargs: Any) -> Outcome | None:
        """See Fresh."""
        return self._fresh.once(*args, isolation=Isolation.NONE, **kwargs)


def fresh(work: Work, body: Any, hang_seconds: float = HANG_SECONDS) -> Fresh | None:
    """Forks it now; ``body`` is the scenario.

    None where the machine has no room for one, and inside of a scenario, where no campaign may run.
    """
    if _hooks.current() is not None:
        return None
    made = forked(partial(_serve, work, hang_seconds))
    return None if made is None else Fresh(*made, hang_seconds, body)


def _serve(work: Work, hang_seconds: float, connection: Connection) -> None:
    while True:
        request = connection.recv()
        if not isinstance(request, _Request):
            continue  # it was asked to end what had ended
        job = partial(work, request.what, *request.args, **request.kwargs)
        if not request.streams:
            connection.send(_answer(job, hang_seconds + _GRACE_SECONDS / 2))
        elif not _streams(job, connection):
            return  # half of something may have been sent


def _streams(job: Callable[[], Generator[Any, None, object]], connection: Connection) -> bool:
    with descriptions.around_child():
        return isinstance(in_child(lambda: send(job(), connection), FOREVER), Answer)


def _answer(work: Callable[[], Any], seconds: float) -> Any:
    try:
        with descriptions.around_child():
            answer = in_child(work, seconds)
    except ChildError as error:  # a fault of this package
        return error
    return answer.value if isinstance(answer, Answer) else None
