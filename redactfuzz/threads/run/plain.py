"""One execution of a scenario with plain threads, which nobody controls: what the interpreter does by itself."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import attrs

from redactfuzz.model.outcome import Bug, BugKind
from redactfuzz.model.plan import Plan
from redactfuzz.threads import _hooks
from redactfuzz.threads.explain.masking import Masking, raised
from redactfuzz.threads.explain.unrun import ScenarioError, refuse_unrun
from redactfuzz.threads.face.race import Race
from redactfuzz.threads.output.black_box import BlackBox
from redactfuzz.threads.output.sink import Sink
from redactfuzz.threads.output.streams import Output
from redactfuzz.threads.process.presented import MAIN
from redactfuzz.threads.run.noted import NotedExecution

_FOR_EVER = 1e6
"""A switch interval in which nobody is displaced."""
_LOOK_SECONDS = 1e-3


@attrs.frozen(eq=False)
class _Crash:
    number: int
    handler: Callable[..., Any]
    by: str


class Plain(NotedExecution):
    """Its threads start together; each crash strikes a time after that, at the latest when they have ended."""

    def __init__(self, plan: Plan, number: int, sink: Sink, masking: Masking, output: Output, box: BlackBox) -> None:
        super().__init__(plan, number, sink, masking, output, box)
        self._begun = threading.Event()
        self._dead = False
        self._started_at = 0.0
        self._plain: list[threading.Thread] = []
        self._strikes: list[_Crash] = []
        self.seconds = 0.0
        """From the start of the threads to the end of the last one."""

    # -- what the body declares

    def _in_body(self, what: str) -> None:
        if self._begun.is_set():
            raise ScenarioError(f"{what} belongs in the scenario's body, before the threads run")

    def thread(
        self, target: Any, args: tuple[Any, ...], kwargs: dict[str, Any], name: str | None, crashes: bool
    ) -> None:
        """What Race.thread does."""
        self._in_body("race.thread")
        refuse_unrun("race.thread", target)
        called = self._name(name, target, "thread")

        def run() -> None:
            self._begun.wait()
            try:
                self._guarded(called, crashes, target, args, kwargs)
            finally:
                self.seconds = max(self.seconds, time.perf_counter() - self._started_at)

        self._plain.append(threading.Thread(target=run, name=called, daemon=True))

    def crash(self, handler: Any, by: str, name: str | None) -> None:
        """What Race.crash does."""
        self._in_body("race.crash")
        refuse_unrun("race.crash", handler)
        number = len(self._strikes) + 1
        self.crashes[number] = self._name(name, None, "crash")
        self._strikes.append(_Crash(number, handler, by))

    def dump(self, data: Any) -> None:
        """What Race.dump does."""
        if self._dead:
            return
        if data is None:
            self.dropped += 1
            return
        self._keep(f"dump by {threading.current_thread().name}", data, self._allowed_now())

    def _running_main(self) -> bool:
        return self._begun.is_set()

    # -- running it

    def run(self, body: Callable[[Race], Any], moment: float, hang_seconds: float) -> bool:
        """One run; each crash strikes ``moment`` seconds after the start. False: threads did not come to their end."""
        self._box.begin(self.number)
        self.output.begin()
        try:
            body(Race(self))
        except Exception as error:
            self._raised(BugKind.SCENARIO, MAIN, error)
            return True
        strikers = [
            threading.Thread(target=self._strike, args=(crash, moment), daemon=True)
            for crash in self._strikes
            if crash.by != "signal"
        ]
        with self._signals(moment) as senders:
            for thread in (*self._plain, *strikers, *senders):
                thread.start()
            self._started_at = time.perf_counter()
            self._begun.set()
            if self._main is not None:
                self._guarded(MAIN, False, *self._main, {})
            until = time.monotonic() + hang_seconds
            for thread in (*self._plain, *strikers, *senders):
                while thread.is_alive() and time.monotonic() < until:
                    thread.join(_LOOK_SECONDS)
        return not any(thread.is_alive() for thread in (*self._plain, *strikers))

    def _guarded(self, name: str, crashes: bool, target: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        try:
            target(*args, **kwargs)
        except _hooks.InjectedCrash as error:
            for crash in self._strikes:
                if crash.by == "exception":
                    self._handle(crash, type(error), error, error.__traceback__)
        except SystemExit:
            pass
        except BaseException as error:
            if crashes:
                threading.excepthook(
                    threading.ExceptHookArgs((type(error), error, error.__traceback__, threading.current_thread()))
                )
            elif not self._dead and self.bug is None:
                self.bug = raised(BugKind.EXCEPTION, name, error)

    def _wait(self, moment: float) -> None:
        """Not asleep: a sleep is longer than most threads here live."""
        self._begun.wait()
        while time.perf_counter() - self._started_at < moment and any(thread.is_alive() for thread in self._plain):
            pass

    def _strike(self, crash: _Crash, moment: float) -> None:
        self._wait(moment)
        alive = [thread for thread in self._plain if thread.is_alive()]
        if crash.by == "exception":
            if alive:
                victim = alive[self.number % len(alive)]
                raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc
                raise_in(ctypes.c_ulong(victim.ident or 0), ctypes.py_object(_hooks.InjectedCrash))
                victim.join(1.0)
            if self.crashes[crash.number] not in self._struck():
                error = _hooks.InjectedCrash()
                self._handle(crash, type(error), error, None)
            return
        before = sys.getswitchinterval()
        try:
            if crash.by == "kill":  # everything stops: nobody else gets the interpreter
                sys.setswitchinterval(_FOR_EVER)
            self._handle(crash)
        finally:
            sys.setswitchinterval(before)

    def _struck(self) -> set[str]:
        return {self.crashes[number] for number in self._may_show}

    def _handle(self, crash: _Crash, *arguments: Any) -> None:
        if self._dead:
            return
        try:
            self.crash_started(crash.number)
            self.crash_ended(crash.number, crash.handler(*arguments))
        except Exception as error:
            self.crash_failed(crash.number, error)
        self.died()
        self._dead = True

    @contextlib.contextmanager
    def _signals(self, moment: float) -> Iterator[list[threading.Thread]]:
        """Handlers of signals in place, and threads that send them."""
        wanted = [crash for crash in self._strikes if crash.by == "signal"][:1]
        before: Any = None

        def handler(number: int, frame: FrameType | None) -> None:
            self._handle(wanted[0], number, frame)

        def send() -> None:
            self._wait(moment)
            os.kill(os.getpid(), signal.SIGUSR1)

        if wanted:
            before = signal.signal(signal.SIGUSR1, handler)
        try:
            yield [threading.Thread(target=send, daemon=True) for _ in wanted]
        finally:
            if wanted:
                signal.signal(signal.SIGUSR1, before)

    def outcome(self) -> tuple[Any, Bug | None]:
        """The leaks and the bug that it came to."""
        self.died()
        dumps = [*self.dumps, *self.written_dumps(), *self.file_names]
        inspection = self.plan.inspect(dumps, self.canaries, self.witnesses, self.number)
        return inspection.leaks, self.bug
