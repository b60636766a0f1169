"""The handle of one execution, which a scenario's body gets: what it plants, what runs, what crashes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from redactfuzz.model.texts.escaped import escaped
from redactfuzz.threads import _hooks

if TYPE_CHECKING:
    from redactfuzz.model.canary import Canary, Kind
    from redactfuzz.threads.face.execution import Execution
    from redactfuzz.threads.output.sink import Sink

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])
By = Literal["watchdog", "exception", "signal", "kill"]


class Race:
    """One execution of a scenario. The body declares, and returns; then the threads run and the crash strikes.

    Names of canaries, witnesses and threads are unique within an execution. What it does itself is one step: no other
    thread runs in the midst of it, and none of it is the program's.
    """

    __slots__ = ("_execution",)

    def __init__(self, execution: Execution) -> None:
        self._execution = execution

    def __repr__(self) -> str:
        return "<Race>"

    def canary(self, name: str, kind: Kind | None = None) -> Canary:
        """Plants a secret that must not reach a dump. The default kind is ``token(32)``.

        Hand ``.text``, ``.bytes``, ``.int`` or ``.value`` to the code under test, or let ``write_into(buffer)`` fill a
        buffer without leaving a copy anywhere else.
        """
        if not isinstance(name, str):
            raise TypeError("race.canary(name, kind) takes the name, a text, before the kind")
        planted: Canary = _hooks.quietly(self._execution.plant, (escaped(name), kind))
        return planted

    def witness(self, name: str, value: str) -> str:
        """Declares data that is *not* secret and must survive redaction in every dump. Returns ``value``."""
        declared: str = _hooks.quietly(self._execution.witness, (escaped(name), value))
        return declared

    def redactor(self, redactor: F | str, bypass: Callable[..., Any] | None = None) -> F:
        """Declares the redactor under test and returns it, wrapped: control runs bypass it.

        ``redactor`` is a callable, or the dotted path ``"package.module:Class.method"`` of one that a library calls (it
        is replaced there for the execution). Bypassed, it returns its only positional argument; a redactor of any
        other shape needs ``bypass``, which is called in its place.
        """
        wrapped: F = _hooks.quietly(self._execution.redactor, (redactor, bypass))
        return wrapped

    def thread(
        self, target: Callable[..., Any], *args: Any, name: str | None = None, crashes: bool = False, **kwargs: Any
    ) -> None:
        """Adds a thread that calls ``target(*args, **kwargs)``.

        An exception that leaves it is a BUG, unless ``crashes`` is true: then it reaches ``threading.excepthook``.
        """
        _hooks.quietly(self._execution.thread, (target, args, kwargs, name, crashes))

    def main(self, target: Callable[..., Any], *args: Any) -> None:
        """Lets the main thread call ``target(*args)`` once the body has returned; ``by="signal"`` interrupts it."""
        self._execution.main(target, args)

    def crash(self, handler: F, *, by: By = "watchdog", name: str | None = None) -> F:
        """Adds the crash. ``handler`` redacts and dumps: what it returns (bytes, str, path, JSON-able) is a dump.

        ``None`` means that the dump was dropped, which is allowed. ``by`` says how it strikes: ``"watchdog"``: a
        thread of its own calls ``handler()``, the others run on; ``"exception"``: an exception is raised in one of the
        threads, unwinds it, and ``handler(type, exc, tb)`` is called; ``"signal"``: ``handler(signum, frame)``
        interrupts the main thread, its locks held (without ``race.main`` that one only waits, and nothing of the
        scenario is interrupted); ``"kill"``: everything stops, and an outside dumper runs ``handler()``. With two
        crashes the second may strike inside the first: a double fault, looked for last.
        """
        _hooks.quietly(self._execution.crash, (handler, by, name))
        return handler

    def dump(self, data: Any) -> None:
        """Hands over a dump made by any thread: bytes, str, a path, or anything that JSON can hold."""
        _hooks.quietly(self._execution.dump, (data,))

    @property
    def sink(self) -> Sink:
        """A real unbuffered binary file with ``fileno()``, emptied for each execution. What it holds is a dump."""
        sink: Sink = _hooks.quietly(self._execution.sink, ())
        return sink

    def ignore(self, *streams: Literal["stdout", "stderr"]) -> None:
        """Says that what is written to ``"stdout"`` or ``"stderr"`` is no dump: else it is searched like any other."""
        _hooks.quietly(self._execution.ignore, (streams,))

    def enter(self, manager: AbstractContextManager[T]) -> T:
        """Enters a context manager that is closed after the execution."""
        entered: T = self._execution.enter(manager)
        return entered

    @property
    def tmp_path(self) -> Path:
        """A folder of this execution alone, removed after it."""
        folder: Path = _hooks.quietly(self._execution.tmp_path, ())
        return folder
