"""What runs when the process exits: functions of atexit, log handlers that hold records back, finalizers.

Those that an execution has left run in a forked child, once every thread has ended by itself. What they write and hand
over is a dump, and is known though the child dies: it notes that in a black box. Where a crash leaves threads in the
middle they do not run, which is reported.
"""

from __future__ import annotations

import contextlib
import sys
import traceback
import weakref
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import attrs

from redactfuzz.model.outcome import Dump, ProblemKind
from redactfuzz.threads import _hooks
from redactfuzz.threads.explain.unreached import denied
from redactfuzz.threads.output.black_box import BlackBox, Left
from redactfuzz.threads.process.child import Answer, Died, in_child

if TYPE_CHECKING:
    from redactfuzz.threads.face.execution import Execution

_WHAT = "what runs at the exit of the process (atexit, log handlers, finalizers)"
_NOT_RUN = f"{_WHAT} ran only where every thread had ended"
_ENDLESS = f"{_WHAT} did not come to an end"
_DIED = f"{_WHAT} ended its process: it"
_ROOM = "Give this process more memory or more file descriptors."
_PLAIN_HANDLERS = ("Handler", "StreamHandler", "FileHandler", "NullHandler", "_StderrHandler")
"""Of logging, which hold nothing back."""


@attrs.define
class Exits:
    """Of one execution."""

    running: bool = False
    """This is the child, in which they run."""
    _registered: list[tuple[Any, tuple[Any, ...], Mapping[str, Any]]] = attrs.field(factory=list)
    _finalizers: int = attrs.field(factory=lambda: _count_finalizers())
    _handlers: dict[Any, int] = attrs.field(factory=lambda: {ref: _held(ref()) for ref in _handlers()})
    """Those of before, with the number of records that each held back."""

    def register(self, args: tuple[Any, ...], kwargs: Mapping[str, Any] | None) -> bool:
        """What atexit.register does. Gives whether it is kept here: what the library registers is for the process."""
        caller = sys._getframe(1).f_globals.get("__name__")
        if isinstance(caller, str) and caller.partition(".")[0] in sys.stdlib_module_names - {"__main__"}:
            return False
        self._registered.append((args[0], args[1:], kwargs or {}))
        return True

    def unregister(self, function: Any) -> None:
        """What atexit.unregister does."""
        self._registered = [each for each in self._registered if each[0] != function]

    def forget(self) -> None:
        """After the execution: what is registered will not run any more."""
        self._registered.clear()

    def waiting(self) -> list[Callable[[], Any]]:
        """What is to run, in its order."""
        found: list[Callable[[], Any]] = [partial(f, *args, **kwargs) for f, args, kwargs in reversed(self._registered)]
        registry: dict[Any, Any] = weakref.finalize._registry  # type: ignore[attr-defined]
        made = [(info.index, each, info) for each, info in registry.items() if info.index >= self._finalizers]
        # A temporary folder is removed then, which is no dump, and may be needed yet.
        ours = [
            (n, each) for n, each, info in made if info.atexit and getattr(info.func, "__module__", "") != "tempfile"
        ]
        found += [each for _, each in sorted(ours, key=lambda pair: pair[0], reverse=True)]
        refs = [ref for ref in _handlers() if self._holds_back(ref)]
        return [*found, partial(sys.modules["logging"].shutdown, refs)] if refs else found

    def _holds_back(self, ref: Any) -> bool:
        """Whether shutdown() may bring out something that this execution has put into the handler."""
        handler, before = ref(), self._handlers.get(ref)
        if handler is None or type(handler).__module__.startswith("_pytest"):
            return False
        if before is not None:
            return _held(handler) > before
        kind = type(handler)
        return _held(handler) > 0 or not (kind.__module__ == "logging" and kind.__name__ in _PLAIN_HANDLERS)

    def run(self, waiting: list[Callable[[], Any]]) -> None:
        """In the child."""
        self.running = True
        for call in waiting:
            try:
                call()
            except SystemExit:
                pass
            except BaseException:
                with contextlib.suppress(Exception):  # the interpreter goes on as well
                    traceback.print_exc()


def leave(execution: Execution, *, whole: bool, killed: bool) -> None:
    """What the process of an execution would do when it exits. ``whole``: each of its threads has come to its end."""
    waiting = execution.exits.waiting()
    if not waiting or execution.bug is not None or killed:
        return
    if not whole:
        execution.problem(ProblemKind.EXIT, _NOT_RUN, "", "", fatal=False)
        return
    execution.died()
    dumps, names = len(execution.dumps), len(execution.file_names)
    try:
        box = BlackBox(())
    except OSError as error:
        execution.problem(ProblemKind.EXIT, f"{_WHAT} did not run: {error.strerror}", "", _ROOM)
        return

    def exits() -> tuple[Mapping[str, Any], list[Dump], list[Dump], Mapping[Any, Any], bool]:
        _hooks.confine_here()
        box.begin(1)
        execution.noted = box.note
        _hooks.confine_rest(execution.kept.changes, True)
        execution.exits.run(waiting)
        _hooks.confine_rest(None)
        written = execution.output.content(execution.problem)
        made = execution.dumps[dumps:], execution.file_names[names:]
        return written, *made, execution.problems, execution.kept.refused

    answer = in_child(exits, execution.plan.hang_seconds)
    if _hooks.was_refused(False) and not (isinstance(answer, Answer) and answer.value[-1]):  # which has noted it
        execution.kept.refused, problem = True, denied()
        execution.problems.setdefault((problem.kind, problem.what), problem)
    if isinstance(answer, Answer):
        execution.printed, more, more_names, problems, refused = answer.value
        execution.kept.refused |= refused
        execution.problems.update(problems)
        execution.dumps += more
        execution.file_names += more_names
    else:
        _keep_rest(execution, box.left(), answer)
    box.close()


def _keep_rest(execution: Execution, left: Left | None, answer: Died) -> None:
    """What the child had shown before it ended without an answer, and why it did."""
    execution.printed = execution.output.content(execution.problem)
    if left is not None:
        execution.dumps += left.dumps
        execution.file_names += left.file_names
        if problem := left.problem:
            execution.problems.setdefault((problem.kind, problem.what), problem)
    if answer.hung:
        execution.problem(ProblemKind.EXIT, _ENDLESS, "", "Give what it waits for a timeout.")
    elif answer.killed and not execution.kept.refused:  # os._exit is a way to end it
        execution.problem(ProblemKind.EXIT, f"{_DIED} {answer.how}", "", "Mend that: what follows it does not run.")


def _count_finalizers() -> int:
    """The number that the next one will have. Nothing is drawn: it would be state that an execution leaves behind."""
    return int(repr(weakref.finalize._index_iter)[len("count(") : -1])  # type: ignore[attr-defined]


def _handlers() -> list[Any]:
    logging = sys.modules.get("logging")
    return list(logging._handlerList) if logging else []


def _held(handler: Any) -> int:
    """Records that a handler holds back."""
    buffer = getattr(handler, "buffer", None)
    return len(buffer) if isinstance(buffer, list) else 0
