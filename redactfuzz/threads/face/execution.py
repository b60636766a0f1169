"""One execution as Python sees it: the listener of the C runtime, and the state behind a Race."""

from __future__ import annotations

import itertools
import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from types import CodeType
from typing import Any

from redactfuzz import workplace
from redactfuzz.model.canary import Canary, token
from redactfuzz.model.outcome import Bug, BugKind, Dump, Problem, ProblemKind
from redactfuzz.model.plan import Plan
from redactfuzz.model.texts.escaped import escaped
from redactfuzz.threads import _hooks
from redactfuzz.threads.explain import opaque, operands, releases
from redactfuzz.threads.explain.loops import long_loop
from redactfuzz.threads.explain.masking import Masking, ended, raised
from redactfuzz.threads.explain.survey import follow_secret
from redactfuzz.threads.explain.timeouts import ran_out
from redactfuzz.threads.explain.unreached import REMEDIES
from redactfuzz.threads.explain.unrun import ScenarioError, declined, is_unrun, refuse_unrun, unrun
from redactfuzz.threads.face.exits import Exits
from redactfuzz.threads.face.redactors import Redactors
from redactfuzz.threads.output.sink import Sink
from redactfuzz.threads.output.streams import NAMES, Output
from redactfuzz.threads.output.written import Written
from redactfuzz.threads.process.children import Children
from redactfuzz.threads.process.foreign import Foreign
from redactfuzz.threads.process.presented import MAIN, ExitFrame, gone, presented
from redactfuzz.threads.process.signals import REFUSED_SIGNAL, SIGNAL_REMEDY, Handlers, is_refused_signal
from redactfuzz.threads.process.writable import Kept
from redactfuzz.threads.restore.files import file_name
from redactfuzz.threads.restore.freeze import frozen

_MODES = {"watchdog": _hooks.WATCHDOG, "exception": _hooks.EXCEPTION, "signal": _hooks.SIGNAL, "kill": _hooks.KILL}

_EARLY = "where a wait came to its limit while others could go on, or time passed"


class Execution:
    """State of one execution.

    The C part calls attach, detach, body_ended, crash_*, thread_raised, uncaught, never_ran, died, opaque, noticed,
    coarse, stuck, exit_frame, opens, changes, logs, registers, unregisters, ended_itself, leads, starts_child,
    handles_signal, sends_signal, secret_forms and released, and looks into signals.
    """

    def __init__(self, plan: Plan, number: int, sink: Sink | None, masking: Masking, output: Output) -> None:
        self.plan = plan
        self.number = number
        self.canaries, self.kinds = dict[str, Canary](), dict[str, Any]()
        self.witnesses: dict[str, str] = {}
        self.dumps, self.file_names = list[Dump](), list[Dump]()  # both are searched: a name is on the disk as well
        self.dropped = 0
        self.bug: Bug | None = None
        self.timed_out = False
        """A thread ended by a time-out that nobody caught: what fails then may come of that, and is no bug."""
        self.problems: dict[tuple[ProblemKind, str], Problem] = {}
        self.redactors, self.exit_frame = Redactors(), ExitFrame()
        self.crashes, self.modes = dict[int, str](), dict[int, str]()
        self._names: set[str] = {MAIN}
        self._main: tuple[Callable[..., Any], tuple[Any, ...]] | None = None
        self._may_show: dict[int, frozenset[str]] = {}
        """By trigger: canaries that were allowed while its handler ran, so that it could read them."""
        self._writer: int | None = None
        """Trigger whose handler writes the part of the output that is open; None: a thread that runs none."""
        self._in_part = frozenset[str]()
        """Canaries that this part may hold."""
        self.output, self.opens = output, output.opened
        self._written = Written(output, sink, self.problem)
        self.noted: Callable[[str, Any], None] = lambda name, value: None  # where what is shown outlives the process
        self.exits, self.kept = Exits(), Kept(self.problem)
        self.foreign: tuple[Foreign, ...] = ()
        self.registers, self.unregisters, self.changes = self.exits.register, self.exits.unregister, self.kept.changes
        self.children = Children(self.problem, lambda text: not plan.bypass and masking.is_secret(text, self.canaries))
        self.starts_child = self.children.start
        self.signals = Handlers(self.problem)
        self.handles_signal, self.sends_signal = self.signals.keep, self.signals.refuse
        self._ignored: frozenset[str] = frozenset()
        self._stack = ExitStack()
        self._tmp: Path | None = None
        self._masking = masking
        self._anywhere: set[str] = set()
        self.watch: Callable[[Any], object] | None = None
        self.when_body_begins: Callable[[], None] | None = None
        self.when_body_ends: Callable[[], None] | None = None

    # -- what the body declares

    def plant(self, name: str, kind: Any) -> Canary:
        """What Race.canary does."""
        if name in self.canaries:
            raise ScenarioError(f"two canaries are named {name!r}: give each a name of its own")
        kind = kind if kind is not None else token()
        canary: Canary = self.plan.mint(name, kind, self.number)
        self._masking.refuse_secret("canary", name, {**self.canaries, name: canary})
        self._masking.refuse_secret("test", self.plan.item, {**self.canaries, name: canary}, " by ids=[...]")
        canary.handed, canary.turns = self.watch, lambda: _hooks.quietly(self._turn, (name,))
        self.canaries[name] = canary
        self.kinds[name] = kind
        _hooks.planted()
        if self.plan.surveys:
            follow_secret(canary)
        return canary

    def witness(self, name: str, value: str) -> str:
        """What Race.witness does."""
        if name in self.witnesses:
            raise ScenarioError(f"two witnesses are named {name!r}: give each a name of its own")
        self._masking.refuse_secret("witness", name, self.canaries)
        self.witnesses[name] = str(value)
        return value

    def redactor(self, target: Any, bypass: Callable[..., Any] | None) -> Any:
        """What Race.redactor does."""
        return self.redactors.declare(target, bypass)

    def _name(self, name: str | None, target: Any, fallback: str) -> str:
        base = escaped(str(name or getattr(target, "__name__", None) or fallback))
        if name:
            self._masking.refuse_secret(fallback, name, self.canaries)
        elif self._masking.is_secret(base, self.canaries):
            base = fallback
        if name is not None and base in self._names:
            raise ScenarioError(f"the name {base!r} is taken: give each thread a name of its own")
        if base == "<lambda>":
            base = fallback
        numbered = (f"{base}-{n}" for n in itertools.count(2))
        unique = base if base not in self._names else next(one for one in numbered if one not in self._names)
        self._names.add(unique)
        return unique

    def _in_body(self, what: str) -> None:
        current = _hooks.current()
        if current is None or current[0] != 0 or current[2] != 1:
            raise ScenarioError(f"{what} belongs in the scenario's body, before the threads run")

    def thread(
        self, target: Any, args: tuple[Any, ...], kwargs: dict[str, Any], name: str | None, crashes: bool
    ) -> None:
        """What Race.thread does."""
        self._in_body("race.thread")
        if not callable(target):
            raise ScenarioError(f"race.thread needs a callable, not {type(target).__name__}")
        refuse_unrun("race.thread", target)
        _hooks.add_thread(self._name(name, target, "thread"), target, args, kwargs, crashes)

    def main(self, target: Any, args: tuple[Any, ...]) -> None:
        """What Race.main does."""
        self._in_body("race.main")
        if self._main is not None:
            raise ScenarioError("race.main was called twice: there is one main thread")
        refuse_unrun("race.main", target)
        self._main = (target, args)

    def crash(self, handler: Any, by: str, name: str | None) -> None:
        """What Race.crash does."""
        self._in_body("race.crash")
        if by not in _MODES:
            raise ScenarioError(f"race.crash(by={by!r}): by is one of {', '.join(_MODES)}")
        if not callable(handler):
            raise ScenarioError(f"race.crash needs a callable, not {type(handler).__name__}")
        refuse_unrun("race.crash", handler)
        unique = self._name(name, None, "crash")
        number = _hooks.add_trigger(unique, handler, _MODES[by])
        self.crashes[number], self.modes[number] = unique, by
        if by in ("exception", "kill"):
            self._anywhere.add(unique)

    def enter(self, manager: AbstractContextManager[Any]) -> Any:
        """What Race.enter does."""
        return self._stack.enter_context(manager)

    def tmp_path(self) -> Path:
        """What Race.tmp_path gives."""
        if self._tmp is None:
            self._tmp = workplace.fresh()
        return self._tmp

    def sink(self) -> Sink:
        """What Race.sink gives."""
        return self._written.sink()

    # -- dumps

    def _allowed_now(self) -> frozenset[str]:
        return frozenset(name for name, canary in self.canaries.items() if canary.allowed)

    def _allowed_to_thread(self) -> frozenset[str]:
        """Return what this thread may show: in a handler, what was allowed at one of its steps."""
        handler = _hooks.handler()
        return self._allowed_now() if handler is None else self._may_show[handler]

    def dump(self, data: Any) -> None:
        """What Race.dump does."""
        current = _hooks.current() or ((0, "what runs at exit", 0) if self.exits.running else None)
        if current is None or current[2] > _hooks.EXPLORE:
            return  # the process is dead: what its threads still do does not count
        if data is None:
            self.dropped += 1
        else:
            self._keep(f"dump by {current[1]}", data, self._allowed_to_thread())

    def _keep(self, name: str, data: Any, allowed: frozenset[str]) -> None:
        self.dumps.append(Dump(name, frozen(data), allowed))
        self.noted("dumps", self.dumps[-1])
        if isinstance(data, os.PathLike):
            self.file_names.append(Dump(f"the name of {name}", file_name(data, self._tmp), allowed))
            self.noted("file_names", self.file_names[-1])
            if isinstance(lacks := getattr(data, "lacks", None), str):
                self.problem(ProblemKind.INCOMPLETE, lacks, name, "", fatal=False)

    def logs(self, text: str) -> None:
        """What is handed to syslog is a dump as well."""
        current = _hooks.current()
        if current is not None and current[2] <= _hooks.EXPLORE:
            self._keep(f"syslog by {current[1]}", text, self._allowed_to_thread())

    def crash_started(self, trigger: int) -> None:
        """A handler is about to run: what is allowed now, and at any later step of it, is allowed in its dump."""
        self._may_show[trigger] = self._allowed_now()
        self._begin_part(trigger, self._allowed_now())

    def crash_ended(self, trigger: int, data: Any) -> None:
        """A handler returned: what it returned is a dump."""
        allowed = self._may_show[trigger]
        if data is None:
            self.dropped += 1
        elif is_unrun(data):
            name = self.crashes[trigger]
            self._raised(BugKind.SCENARIO, name, unrun(f"what {name!r} called", data))
        else:
            self._keep(self.crashes[trigger], data, allowed)

    def leads(self) -> None:
        """Descriptor 1 or 2 is about to lead elsewhere."""
        self.output.leads(self.problem)

    def secret_forms(self) -> list[tuple[str, int, bytes]]:
        """By name of the canary: the forms in which texts and bytes hold it, masked. The order of a set needs them."""
        return [(name, form.mask, form.data) for name, each in self.canaries.items() for form in each.plain_forms()]

    def switched(self) -> None:
        """Another thread goes on while a handler may show something else than is allowed now."""
        handler, now = _hooks.handler(), self._allowed_now()
        if handler is not None:
            self._may_show[handler] |= now
        if handler != self._writer:
            self._begin_part(handler, now)

    def _turn(self, name: str) -> None:
        """The canary ``name`` is about to be allowed, or forbidden. A handler that forbids it may not show it after."""
        handler, now = _hooks.handler(), self._allowed_now() ^ {name}
        if handler is not None:
            self._may_show[handler] = self._may_show[handler] - {name} | now
        self._begin_part(handler, now)

    def _begin_part(self, writer: int | None, now: frozenset[str]) -> None:
        """From now on the output is that of ``writer``, while ``now`` is allowed."""
        may_show = now if writer is None else self._may_show[writer]
        if may_show != self._in_part:
            self._written.turn(self._in_part)
        self._writer, self._in_part = writer, may_show
        _hooks.announce_switches(any(each != now for each in self._may_show.values()))

    def died(self) -> None:
        """The process is dead, its other threads still run: what the sink and the output hold now are dumps."""
        if self._written.streams is None:
            self._written.end(self._in_part)

    def written_dumps(self) -> list[Dump]:
        """What the sink held when the process died, and what was written to stdout and stderr by then."""
        return list(self._written.dumps(self._ignored, alone=not self.dumps))

    @property
    def printed(self) -> Mapping[str, Any]:
        """What was written to stdout and stderr until the process died."""
        return self._written.streams or {}

    @printed.setter
    def printed(self, streams: Mapping[str, Any]) -> None:
        self._written.streams = streams

    def ignore(self, streams: Iterable[str]) -> None:
        """What Race.ignore does."""
        self._in_body("race.ignore")
        for name in streams:
            if name not in NAMES:
                raise ScenarioError(f"race.ignore({name!r}): it is one of {', '.join(NAMES)}")
        self._ignored |= frozenset(streams)

    # -- called by the C part

    def attach(self, name: str, target: Any, args: Any, kwargs: Any) -> threading.Thread:
        """A controlled thread begins: it gets a Thread object, and is found where others look for threads."""
        thread = presented(name) if name == MAIN else presented(name, target, args, kwargs)
        if name == MAIN:
            threading._main_thread = thread  # type: ignore[attr-defined]
            if self.when_body_begins is not None:
                self.when_body_begins()
        return thread

    def detach(self, name: str) -> None:
        """A controlled thread ends: nothing of it stays behind."""
        gone()

    def body_ended(self) -> tuple[Any, ...] | None:
        """The body has returned. Gives what the main thread calls next."""
        if threading._trace_hook or threading._profile_hook:  # type: ignore[attr-defined]
            self.noticed(ProblemKind.TRACER, MAIN)
        if self.when_body_ends is not None:
            self.when_body_ends()
        return self._main

    @property
    def strikes_anywhere(self) -> frozenset[str]:
        """Crashes that strike between any two instructions: an exception of the thread itself, an outside dumper."""
        return frozenset(self._anywhere)

    def crash_failed(self, trigger: int, error: BaseException) -> None:
        """A handler raised."""
        name = self.crashes.get(trigger, "threading.excepthook")
        self._raised(BugKind.HANDLER, name, error)

    def thread_raised(self, thread: int, error: BaseException) -> None:
        """An exception left a thread, or the body."""
        names = _hooks.thread_names()
        if thread == 0 and is_refused_signal(error):
            self.problem(ProblemKind.OUTSIDE, REFUSED_SIGNAL, MAIN, SIGNAL_REMEDY)
            return
        if thread == 0 and _hooks.current() is not None and not self._running_main():
            self._raised(BugKind.SCENARIO, MAIN, error)
        elif not isinstance(error, SystemExit):
            self._raised(BugKind.EXCEPTION, names[thread], error)

    def never_ran(self, name: str, result: Any) -> None:
        """The body, or what a thread calls, returned a coroutine or a generator, which nobody will run."""
        what = f"what thread {name!r} called" if self._running_main() else "the scenario"
        self._raised(BugKind.SCENARIO, name, unrun(what, result))

    def uncaught(self, thread: str, error: BaseException) -> None:
        """An exception, not SystemExit, left a thread that the code under test started: a BUG, as in one of ours."""
        self._raised(BugKind.EXCEPTION, thread, error)

    def _running_main(self) -> bool:
        current = _hooks.current()
        return current is not None and current[2] != 1

    def _raised(self, kind: BugKind, thread: str, error: BaseException) -> None:
        bug = raised(declined(error) or kind, thread, error)
        if self.bug is None and not self.timed_out and ran_out(error, stalls=self.plan.stalls != 0):
            self.timed_out = True
            what = f"{bug.kind} in thread {thread!r}: {type(error).__name__}, {_EARLY}"
            self.problem(ProblemKind.TIME_OUT, what, bug.raised_at, "", fatal=False)
        elif self.bug is None and not self.timed_out:
            self.bug = bug

    def opaque(
        self, thread: str, callee: Any, first: Any, arguments: tuple[Any, ...] | None, redacting: int, site: int
    ) -> bool:
        """C code is called that gives up the interpreter lock, for some arguments at least. Gives whether it is noted.

        ``first`` is ``self`` of a method; ``arguments`` are the others, None where the C part does not know them.
        ``site``: not 0 where a call that is not known to do so did it before, at this place.
        """
        arguments = operands.given(sys._getframe(1), callee) if arguments is None else arguments
        call = releases.Call(callee, first, arguments, bool(redacting), {} if self.plan.bypass else self.canaries)
        found = None if _hooks.alone() else call.known(thread) if site == 0 else call.again(thread, site)
        if found is not None:
            self.problems.setdefault((found.kind, found.what), found)
        if opaque.reads_real_clock(callee):
            self.problem(ProblemKind.REAL_TIME, "a clock whose function was looked up beforehand", thread, "", False)
        return found is not None and site == 0

    def released(self, thread: str, file: str | None, redacting: int, site: int) -> None:
        """Code in the object ``file`` gives up the interpreter lock, in the middle of what is done at ``site``."""
        canaries = {} if self.plan.bypass else self.canaries
        found = releases.seen(thread, sys._getframe(1), file, bool(redacting), site, canaries)
        self.problems.setdefault((found.kind, found.what), found)

    def coarse(self, thread: str, code: CodeType, index: int) -> None:
        """A loop is so long that most of its passes have no points."""
        problem = long_loop(code, index)
        self.problems.setdefault((problem.kind, problem.what), problem)

    def noticed(self, what: str, thread: str) -> None:
        """The code under test did something by which it leaves our control."""
        kind = ProblemKind(what)
        article = "an" if what == ProblemKind.EVENT_LOOP else "a"
        text = f"thread {thread!r} started {article} {what}: what runs there is not controlled"
        if kind is ProblemKind.DEBUGGER:
            text = f"thread {thread!r} called a debugger (breakpoint() or the like), which stops nowhere in a scenario"
        self.problem(kind, text, thread, REMEDIES[kind])

    def ended_itself(self, what: str, thread: str) -> None:
        """A thread called what ends the process (``what``), in place of which this execution ends."""
        if self.bug is None:
            self.bug = ended(what, thread, sys._getframe(1))

    def depths(self, code: CodeType) -> bytes:
        """How deep the evaluation stack is before each instruction of ``code``: 255 where that is not known."""
        return operands.depths(code)

    def stuck(self, thread: str, frame: Any) -> None:
        """A thread does not come back."""
        where = ""
        if frame is not None:
            where = f"{frame.f_code.co_filename}:{frame.f_lineno} in {frame.f_code.co_qualname}"
        self.problem(
            ProblemKind.UNSEEN_LOCK,
            f"thread {thread!r} did not come back within {self.plan.hang_seconds:g} s: it waits for something that the "
            "tool cannot see, or computes in C",
            where,
            "Give the call a timeout, or replace what it waits for.",
        )

    def problem(self, kind: ProblemKind, what: str, where: str, remedy: str, fatal: bool = True) -> None:
        """Keeps a problem, once for each kind and text."""
        self.problems.setdefault((kind, what), Problem(kind, what, where, remedy, fatal))

    # -- the end

    def close(self) -> None:
        """After the execution: context managers, replaced redactors, files. Problems on the way are the scenario's."""
        self.died()
        self.redactors.restore()
        _hooks.confine_rest(self.kept.changes)
        try:
            self._stack.close()
        except Exception as error:
            self._raised(BugKind.SCENARIO, MAIN, error)
        self._main = None
        self.children.end()
        self.exits.forget()
        self.redactors.forget()
        _hooks.collect_rest()  # what unwound threads have left runs its finalizers now, as no part of any execution
        _hooks.confine_rest(None)
        self.output.end()
        if self._tmp is not None:
            shutil.rmtree(self._tmp, ignore_errors=True)

    def keep_sink(self) -> Sink | None:
        """The sink, for the next execution."""
        return self._written.keep_sink()
