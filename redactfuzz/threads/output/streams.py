"""What a scenario writes to stdout and stderr: a dump like any other, and nothing for the terminal, thousands of times.

While executions run, file descriptors 1 and 2 lead to files in memory, and ``sys.stdout`` and ``sys.stderr`` to those;
and so do duplicates of the descriptors.
Streams that the program took hold of before lead there too. Before control leaves the runtime all is as it was.
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import io
import itertools
import os
import sys
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

import attrs

from redactfuzz.model.outcome import Unreadable
from redactfuzz.threads import _hooks
from redactfuzz.threads.output.placed import below, is_of_the_program
from redactfuzz.threads.output.redirected import File, leads_to, redirected
from redactfuzz.threads.process.duplicates import duplicates
from redactfuzz.threads.restore.files import LARGE

NAMES = ("stdout", "stderr")
_SHOWN = 16 << 10
"""Bytes of what was written that are shown."""
_ERRORS = {"stdout": "surrogateescape", "stderr": "backslashreplace"}
_BUFFERED = (io.TextIOWrapper, io.BufferedWriter, io.BufferedRandom)
_TOO_LARGE = Unreadable(f"more than {LARGE >> 20} MB were written to it")


@attrs.define(eq=False)
class _Stream:
    """One of the two: the file in memory, and what leads there."""

    name: str
    file: int
    writer: io.TextIOWrapper
    before: Any = None
    """What ``sys`` held."""
    below: list[io.IOBase] = attrs.field(factory=list)
    """What it writes to, where the program has put a stream of its own in place, as one that redacts, which stays."""
    saved: dict[int, int] = attrs.field(factory=dict)
    """Descriptors that lead to the file now, and what they led to."""
    inherited: set[int] = attrs.field(factory=set)
    """Those of them that a program which is started gets."""
    kept: io.BytesIO | io.StringIO | None = None
    """Where ``before`` keeps what is written to it, when that is no file; ``mark`` is how much it was."""
    mark: int = 0
    size: int = 0
    """When it was last looked at."""
    past: bytes = b""
    """What was in the file before somebody opened or cut it by its path: no terminal or pipe loses what was written."""
    led: bytes = b""
    """What was written where the descriptor led before it was led elsewhere; ``cut``: so much of the file is in it."""
    cut: int = 0
    unread: Unreadable | None = None
    held: tuple[int, int] = (0, 0)
    """References to what is below ``writer``; more where somebody has put a stream of its own on that."""

    @property
    def number(self) -> int:
        """Its descriptor, whatever that leads to."""
        return NAMES.index(self.name) + 1

    def on(self, but: Collection[int]) -> None:
        """``but``: descriptors that stay as they are."""
        self.before = getattr(sys, self.name)
        self.below = below(self.before) if is_of_the_program(self.before) else []
        self._flush_before()
        number, there = self.number, [_descriptor(each) for each in self._reached]
        for target in dict.fromkeys((number, *filter(None, there), *duplicates(number, but))):
            with contextlib.suppress(OSError):  # one that is closed stays so
                self.saved[target] = _hooks.own(os.dup(target))
                self.inherited.update({target} if os.get_inheritable(target) else ())
                os.dup2(self.file, target, target in self.inherited)
        self.renew()
        inner = [getattr(each, "buffer", each) for each in self._reached]
        self.kept = next((each for each in inner if isinstance(each, io.BytesIO | io.StringIO)), None)
        self.mark = self.kept.tell() if self.kept is not None else 0

    @property
    def _reached(self) -> list[Any]:
        """Streams that are no code of the program."""
        return self.below or [self.before]

    def _flush_before(self) -> None:
        for each in self._reached:
            _flush(each)

    def renew(self) -> None:
        """Writer and file are as a process begins with them, whatever an execution has done to them."""
        _as_new(self.file)
        try:
            self.writer.reconfigure(encoding=_encoding(self.name), errors=_ERRORS[self.name], write_through=True)
            self.writer.reconfigure(line_buffering=False, newline=None)
        except ValueError:  # it was closed, or nothing is below it any more
            self.writer = _writer(self.name)
            self.held = _references(self.writer)
        setattr(sys, self.name, self.before if self.below else self.writer)

    def off(self, ours: Collection[File | None]) -> None:
        """All is as it was. ``ours``: the files of both streams.

        A duplicate that leads to neither was closed since, perhaps by the collector, and its number may belong to
        somebody else: it stays as it is.
        """
        _flush(self.writer)
        self._flush_before()
        self.look()
        self.forget()
        for target, saved in self.saved.items():
            if target == self.number or leads_to(target) in ours:
                os.dup2(saved, target, target in self.inherited)
            os.close(_hooks.disown(saved))
        self.saved.clear()
        self.inherited.clear()
        setattr(sys, self.name, self.before)
        self.before = self.kept = None
        self.below = []

    def flush(self) -> None:
        """What streams hold that lead there comes to the file."""
        if self.before is not sys.__dict__.get(f"__{self.name}__"):
            _flush(sys.__dict__.get(f"__{self.name}__"))
        self._flush_before()
        for stream in (getattr(sys, self.name, None), self.writer):
            if isinstance(stream, _BUFFERED):  # else it is the program's own code
                _flush(stream)

    def written(self) -> Any:
        """What has come to the file since it was last led elsewhere; empty for nothing."""
        self.look()
        if self.size > LARGE:
            return _TOO_LARGE
        written = self._so_far()[self.cut :]
        if self.kept is not None and self.kept.tell() > self.mark:
            rest = self.kept.getvalue()[self.mark :]
            written += rest.encode("utf-8", "surrogatepass") if isinstance(rest, str) else rest
        return written

    def _so_far(self) -> bytes:
        now = os.pread(self.file, self.size, 0) if self.size else b""
        return now if now.startswith(self.past) else self.past + now

    def remember(self) -> None:
        """Its file is about to be opened, or cut, by its path."""
        self.look()
        if self.size <= LARGE:
            self.past = self._so_far()

    def leads(self, there: Any) -> None:
        """It is about to be led elsewhere; ``there`` is what the file holds that it leads to, if that is another."""
        now = there or self.written()
        if isinstance(now, Unreadable):
            self.unread = self.unread or now
        else:
            self.led += now
            self.cut = self.cut if there else len(self._so_far())

    def is_wrapped(self) -> bool:
        """Whether somebody has put a stream of its own on what is below ``writer``."""
        return _references(self.writer) != self.held

    def lead_back(self) -> None:
        """The descriptor leads to the file again, wherever an execution has led it."""
        if self.number in self.saved:
            os.dup2(self.file, self.number, self.number in self.inherited)

    def look(self) -> None:
        """Whether more was written since."""
        self.size = os.fstat(self.file).st_size

    def forget(self) -> None:
        """For the next execution."""
        self.past, self.led, self.cut, self.unread = b"", b"", 0, None
        if self.size:
            self.size = 0
            os.ftruncate(self.file, 0)
            os.lseek(self.file, 0, os.SEEK_SET)
        if self.kept is not None and self.kept.tell() > self.mark:
            self.kept.seek(self.mark)
            self.kept.truncate()


class Output:
    """Both streams of the executions of one batch. ``file`` gives the file in memory of each, else it is new."""

    def __init__(self, file: Callable[[str], int] | None = None) -> None:
        self._file = file or _file
        self._streams: tuple[_Stream, ...] = ()
        self._on = False
        self._files: set[File | None] = set()
        self._show: Callable[..., None] | None = None
        self._opened = False

    def prepare(self) -> None:
        """The files in memory are there: what a child of fork writes to them can be read here."""
        self._streams = self._streams or tuple(_stream(name, self._file(name)) for name in NAMES)

    def left(self) -> dict[str, bytes]:
        """What an execution had written whose process died, as far as there is room; nothing of it stays."""
        found = {}
        for stream in self._streams:
            stream.look()
            found[stream.name] = os.pread(stream.file, min(stream.size, LARGE), 0)
            stream.forget()
        return found

    def begin(self) -> None:
        """Before an execution."""
        if not self._on:
            self._turn_on()
        for stream in self._streams:
            stream.renew()
        # What was warned of once is warned of in each execution.
        warnings._filters_mutated()  # type: ignore[attr-defined]

    def _turn_on(self) -> None:
        self.prepare()
        self._files = {leads_to(stream.file) for stream in self._streams}
        self._on = True
        for stream in self._streams:
            stream.on({number for other in self._streams for pair in other.saved.items() for number in pair})
        self._show, warnings._showwarnmsg_impl = warnings._showwarnmsg_impl, _show_warning  # type: ignore[attr-defined]

    def content(self, problem: Callable[..., None]) -> Mapping[str, Any]:
        """What the execution has written by now, by name of the stream. ``problem``: of what could not be read."""
        if not self._on:
            return {}
        self._flush_others()
        for stream in self._streams:
            stream.flush()
        return self.so_far(problem)

    def so_far(self, problem: Callable[..., None]) -> Mapping[str, Any]:
        """The same without what streams hold back."""
        found: dict[str, Any] = {}
        for stream in self._streams if self._on else ():
            there = redirected(stream.number, stream.name, self._files, problem)
            written = [stream.unread or stream.led, stream.written(), there]
            if any(written):
                unread = next((one for one in written if isinstance(one, Unreadable)), None)
                found[stream.name] = unread or b"".join(written)
        return found

    def leads(self, problem: Callable[..., None]) -> None:
        """Descriptors are about to be led elsewhere: what was written where they lead is part of it."""
        for stream in self._streams:
            _flush(stream.writer)
            stream.leads(redirected(stream.number, stream.name, self._files, problem))

    def opened(self) -> None:
        """A descriptor is about to be made a stream, or a device to be opened or cut: it may be one of ours."""
        self._opened = True
        for stream in self._streams:
            stream.remember()

    def _flush_others(self) -> None:
        """Streams that the program has made upon ours, and keeps: when a process ends, what they hold comes out."""
        if not (self._opened or any(stream.is_wrapped() for stream in self._streams)):
            return
        # Nothing made in an execution is older. No list is made of all of them: it would hold itself.
        young = itertools.chain.from_iterable(map(gc.get_objects, (0, 1)))
        there = [each for each in young if issubclass(type(each), _BUFFERED)]
        there.sort(key=lambda each: not isinstance(each, io.TextIOWrapper))  # text is above bytes
        for each in there:
            if leads_to(_descriptor(each)) in self._files:
                _flush(each)

    def end(self) -> None:
        """After an execution."""
        self._flush_others()
        self._opened = False
        for stream in self._streams:
            _flush(stream.writer)
            stream.look()
            stream.forget()
            if leads_to(stream.number) not in self._files:
                stream.lead_back()

    def off(self) -> None:
        """All is as it was."""
        if self._on:
            self._on = False
            warnings._showwarnmsg_impl = self._show  # type: ignore[attr-defined]
            for stream in self._streams:
                stream.off(self._files)

    def close(self) -> None:
        """The files in memory are gone."""
        self.off()
        for stream in self._streams:
            stream.writer.close()
            os.close(_hooks.disown(stream.file))
        self._streams = ()


def _file(name: str) -> int:
    return _hooks.own(os.memfd_create(f"redactfuzz-{name}"))


def _stream(name: str, file: int) -> _Stream:
    _as_new(file)
    writer = _writer(name)
    return _Stream(name, file, writer, held=_references(writer))


def _as_new(file: int) -> None:
    fcntl.fcntl(file, fcntl.F_SETFL, os.O_APPEND)  # as on a terminal nothing is overwritten
    os.lseek(file, 0, os.SEEK_SET)


def _encoding(name: str) -> str:
    return getattr(getattr(sys, f"__{name}__", None), "encoding", None) or "utf-8"


def _writer(name: str) -> io.TextIOWrapper:
    """Of the three layers that each has; what is written is in the file at once, but for a single byte."""
    below = io.BufferedWriter(io.FileIO(NAMES.index(name) + 1, "w", closefd=False), buffer_size=1)
    return io.TextIOWrapper(below, _encoding(name), _ERRORS[name], write_through=True)


def _references(writer: io.TextIOWrapper) -> tuple[int, int]:
    try:
        return sys.getrefcount(writer.buffer), sys.getrefcount(writer.buffer.raw)  # type: ignore[attr-defined]
    except (ValueError, AttributeError):  # it was detached from what is below
        return 0, 0


def _flush(stream: Any) -> None:
    with contextlib.suppress(Exception):  # a stream of anybody's making
        stream.flush()


def _descriptor(stream: Any) -> int:
    """Of a stream that has one; 0 for none."""
    try:
        number = stream.fileno()
    except Exception:
        return 0
    return number if isinstance(number, int) and number > 0 else 0


def _show_warning(message: Any) -> None:
    """As the interpreter does, whatever a test runner puts in its place."""
    file = message.file or sys.stderr
    if file is not None:
        with contextlib.suppress(OSError):
            file.write(warnings._formatwarnmsg(message))  # type: ignore[attr-defined]


@contextlib.contextmanager
def without_log_capture() -> Iterator[None]:
    """The log handlers of pytest would keep the records of every execution, and take the place of the last resort."""
    logging = sys.modules.get("logging")
    root: Any = logging.getLogger() if logging else None
    taken = [handler for handler in root.handlers if type(handler).__module__ == "_pytest.logging"] if root else []
    for handler in taken:
        root.removeHandler(handler)
    try:
        yield
    finally:
        for handler in taken:
            root.addHandler(handler)


def shown(data: Any) -> str:
    """The beginning of what was written."""
    if not isinstance(data, bytes):
        return f"({data.reason})\n"
    return data[:_SHOWN].decode("utf-8", "replace")
