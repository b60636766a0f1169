"""``redactfuzz replay --pdb``: stops when the crash strikes, to look at the threads as they are."""

from __future__ import annotations

import pdb
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType, TracebackType
from typing import Any

import attrs

from redactfuzz.campaign.session.runtime import Runtime
from redactfuzz.model.events import RuntimeEvent
from redactfuzz.model.plan import Budget, Isolation, Plan
from redactfuzz.report.internal import PACKAGE
from redactfuzz.threads import _hooks

_PATIENCE = 7 * 24 * 3600.0
"""Seconds for which somebody may sit at the prompt before an execution counts as hanging."""


class Stopping:
    """A runtime that stops in the crash handler of every execution, just before it runs."""

    def __init__(self, runtime: Runtime) -> None:
        """Takes the runtime that does the work."""
        self._runtime = runtime

    def explore(self, plan: Plan, budget: Budget) -> Iterator[RuntimeEvent]:
        """Explores in this process: a child has no terminal to talk to."""
        body = plan.body
        patient = attrs.evolve(
            plan,
            body=lambda race: body(_Stops(race)),
            hang_seconds=_PATIENCE,
            isolation=Isolation.WARM if plan.isolation is Isolation.WARM else Isolation.NONE,
            running_file="",
            listens=False,
        )
        return self._runtime.explore(patient, attrs.evolve(budget, seconds=_PATIENCE))


class _Stops:
    """A Race whose crash handlers stop first."""

    def __init__(self, race: Any) -> None:
        self._race = race

    def __repr__(self) -> str:
        return repr(self._race)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._race, name)

    def crash(self, handler: Callable[..., Any], **options: Any) -> Any:
        def stopped(*args: Any) -> Any:
            _hooks.quietly(_look, (args,))
            return handler(*args)

        self._race.crash(stopped, **options)
        return handler


class _Looking(pdb.Pdb):
    """A prompt for looking around. The schedule says what runs next: nothing can be stepped here."""

    def set_continue(self) -> None:
        """Not the debugger's: that would take our trace function away."""

    def set_quit(self) -> None:
        """Nothing is quit, the crash handler runs next."""

    def do_step(self, arg: str) -> None:
        """Refuses to step."""
        self.message("The schedule decides what runs next: look around, and type c to let the crash handler run.")

    do_s = do_next = do_n = do_until = do_unt = do_return = do_r = do_jump = do_j = do_step

    def do_threads(self, arg: str) -> None:
        """threads: every thread of the scenario and where it stands; threads NAME: looks at that one."""
        for name, frame in _threads().items():
            if not arg:
                self.message(f"{name}: {frame.f_code.co_filename}:{frame.f_lineno} in {frame.f_code.co_name}")
            elif name == arg:
                self.setup(frame, None)
                self.print_stack_entry(self.stack[self.curindex])
                return
        if arg:
            self.error(f"no thread is called {arg!r} here")


def _look(args: tuple[Any, ...]) -> None:
    """Opens the prompt on what the crash has hit: a traceback, a frame, or else the thread that was stopped."""
    traceback = next((each for each in args if isinstance(each, TracebackType)), None)
    frame = next((each for each in args if isinstance(each, FrameType)), None)
    threads = _threads()
    looking = _Looking(nosigint=True)
    looking.prompt = "(crash) "
    looking.message("The crash strikes here. 'threads' lists who stands where, 'threads NAME' looks at one, c goes on.")
    if frame is None and traceback is None:
        frame = next(iter(threads.values()), None)
    if frame is None and traceback is None:
        looking.message("Every thread has ended: only the crash handler is left.")
        frame = sys._getframe()
    looking.reset()
    looking.interaction(frame, traceback)


def _threads() -> dict[str, FrameType]:
    """The threads of the scenario but the one that calls, and the innermost frame of each that is not ours."""
    frames = sys._current_frames()
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    found: dict[str, FrameType] = {}
    for ident, innermost in frames.items():
        frame: FrameType | None = innermost
        while frame is not None and frame.f_code.co_filename.startswith(str(PACKAGE)):
            frame = frame.f_back
        if frame is not None and ident != threading.get_ident() and names.get(ident) in _hooks.thread_names():
            found[names[ident]] = frame
    return found
