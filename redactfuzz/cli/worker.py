"""A process of its own for the code under test: what kills it, or never comes back, does not take the command along.

It is forked, runs the steps of one job in order and sends what happens through a pipe.
"""

from __future__ import annotations

import atexit
import contextlib
import math
import mmap
import os
import resource
import select
import signal
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from multiprocessing.connection import Connection

import attrs

from redactfuzz.cli.pump import ended
from redactfuzz.model.events import CampaignEnded, CampaignEvent
from redactfuzz.model.finding import Report
from redactfuzz.model.verdict import EXIT_CODES, INTERNAL, INTERRUPTED, Reason, Verdict
from redactfuzz.report import internal
from redactfuzz.report.outputs import Output
from redactfuzz.silence import Silence, watched
from redactfuzz.threads import _hooks
from redactfuzz.threads.process import hang

_LOOK_SECONDS = 0.1
SILENCE_SECONDS = 60.0
"""Without an event and without a beat of the explorer, in which the machine let it run: longer than any execution that
the runtime itself gives up."""
_AGAIN_SECONDS = 5.0
"""After which a worker that was interrupted, and goes on, is interrupted again."""
_AFTER_INTERRUPT_SECONDS = 20.0


@attrs.frozen(eq=False)
class Task:
    """What a worker does at a time: one scenario."""

    title: str
    run: Callable[[Output, bool], int]
    """(output, every execution in a process of its own?) -> exit status. The output gets a CampaignEnded."""
    known: bool = False
    """There is only a report to show."""


def said(report: Report) -> Task:
    """A step that is done: there is only its report to show."""
    return Task(report.scenario, lambda output, _: ended(report, EXIT_CODES[report.verdict], output).code, known=True)


Job = Callable[[], AbstractContextManager[list[Task]]]
"""Imports the code under test and gives the steps, in the worker."""


@attrs.frozen
class Steps:
    """The code under test is imported: what there is to do."""

    titles: tuple[str, ...]


@attrs.frozen
class Finished:
    """A step came to its end."""

    code: int


@attrs.frozen
class LeftOver:
    """Threads that still run after the last step, and would keep a process alive."""

    threads: tuple[str, ...]


Message = CampaignEvent | Steps | Finished | LeftOver


@attrs.define(eq=False)
class Worker:
    """The process, as its parent sees it."""

    pid: int
    _connection: Connection
    _words: mmap.mmap
    _hang: int
    how: str = ""
    """After its end: what happened, where it did not come to its end by itself."""
    hang_report: str = ""
    """What the C part reported of a hang, with stacks."""
    _limit: float = SILENCE_SECONDS
    _interrupt_again: float = math.inf
    _ended: bool = False

    @property
    def execution(self) -> int:
        """Number of the last execution that began in this process; 0: none."""
        return int.from_bytes(self._words[8:16], sys.byteorder)

    def interrupt(self) -> None:
        """Ctrl-C, once; the second time it is killed."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGINT if self._limit == SILENCE_SECONDS else signal.SIGKILL)
        self._limit = _AFTER_INTERRUPT_SECONDS
        self._interrupt_again = time.monotonic() + _AGAIN_SECONDS

    def _insist(self) -> None:
        """An interrupt may be lost: what Python raises inside a destructor or a callback is dropped."""
        if time.monotonic() >= self._interrupt_again:
            self._interrupt_again = time.monotonic() + _AGAIN_SECONDS
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGINT)

    def messages(self) -> Iterator[Message]:
        """What it sends, until it has ended; then ``how`` and ``hang_report`` are set.

        Time in which the machine does not let it run, or stops us as well, is no silence of it.
        """
        silence, beats = Silence(self.pid), self._words[:8]
        try:
            while True:
                self._insist()
                gone = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
                ready, _, _ = select.select([self._connection.fileno()], [], [], 0 if gone else _LOOK_SECONDS)
                if ready:
                    silence.broken()
                    try:
                        yield self._connection.recv()
                    except (EOFError, OSError):  # its end, perhaps in the middle of a message
                        os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
                        return
                    continue
                if gone:
                    return
                if beats != self._words[:8]:
                    beats = self._words[:8]
                    silence.broken()
                elif silence.lasts(self._limit):
                    self.how = f"gave no sign of life for {self._limit:g} s and was killed"
                    return
        finally:
            self.end()

    def end(self) -> None:
        """Kills it with whatever it has started, and keeps how it ended."""
        if self._ended:
            return
        self._ended = True
        for kill in (os.killpg, os.kill):  # its group may not be there yet
            with contextlib.suppress(ProcessLookupError):
                kill(self.pid, signal.SIGKILL)
        _, status = os.waitpid(self.pid, 0)
        self._connection.close()
        self.hang_report = os.pread(self._hang, 1 << 16, 0).decode("utf-8", "replace").strip()
        os.close(self._hang)
        if self.how:
            return
        if os.WIFSIGNALED(status):
            self.how = f"was killed by {signal.Signals(os.WTERMSIG(status)).name}"
        elif self.hang_report and os.WEXITSTATUS(status) == hang.STATUS:
            self.how = "hung in C code that keeps the interpreter lock"
        elif os.WEXITSTATUS(status):
            self.how = f"ended with exit status {os.WEXITSTATUS(status)}"


def start(job: Job, first: int, isolated: bool) -> Worker:
    """Forks a worker for the steps from number ``first`` on. ``isolated``: that one in processes of its own."""
    reader, writer = os.pipe()
    with tempfile.TemporaryFile() as file:
        hang_file = os.dup(file.fileno())
    words = mmap.mmap(-1, 16)
    parent = os.getpid()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        _worker(job, first, isolated, parent, reader, writer, hang_file, words)
    os.close(writer)
    return Worker(pid, Connection(reader, writable=False), words, hang_file)


def _worker(
    job: Job, first: int, isolated: bool, parent: int, reader: int, writer: int, hang_file: int, words: mmap.mmap
) -> None:
    status = 1
    try:
        os.setpgid(0, 0)
        _hooks.die_with_parent(parent)
        leave_no_core()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for each in (signal.SIGTERM, signal.SIGHUP):  # whoever ends the command ends the supervisor
            signal.signal(each, signal.SIG_DFL)
        os.close(reader)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # a process in the background may not read from the terminal
        _hooks.share_beats(words)
        watched(_hooks.beat)
        hang.report_to(hang_file)
        connection = Connection(writer, readable=False)
        try:
            _work(job, first, isolated, connection)
        except KeyboardInterrupt:
            connection.send(Finished(INTERRUPTED))
        status = 0
        _leave(connection)
    finally:
        os._exit(status)


def leave_no_core() -> None:
    """A scenario that kills the process would write one over the user's. What makes cores sets a limit of its own."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


@attrs.frozen(eq=False)
class _Sent:
    """An output on the other side of the pipe."""

    connection: Connection

    def handle(self, event: CampaignEvent) -> None:
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # half a message is none
        try:
            self.connection.send(event)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def close(self) -> None:
        pass


def _work(job: Job, first: int, isolated: bool, connection: Connection) -> None:
    title = ""
    try:
        with job() as steps:
            connection.send(Steps(tuple(step.title for step in steps)))
            for number, step in enumerate(steps[first:], first):
                title = step.title
                code = step.run(_Sent(connection), isolated and number == first)
                connection.send(Finished(code))
                if code == INTERRUPTED:
                    return
    except Exception as error:
        reason = Reason(internal.report(error, title or "a worker"))
        connection.send(CampaignEnded(Report(title, Verdict.ERROR, reason)))
        connection.send(Finished(INTERNAL))


def _leave(connection: Connection) -> None:
    """Does what an interpreter does at its end, but waits for nobody."""
    main = threading.main_thread()
    left = [thread.name for thread in threading.enumerate() if thread is not main and not thread.daemon]
    if left:
        connection.send(LeftOver(tuple(left)))
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
