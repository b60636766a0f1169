"""What an execution writes to stdout, stderr and the sink, and what was allowed when it did: parts of a dump."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

import attrs

from redactfuzz.model.outcome import Dump
from redactfuzz.threads.output.sink import Sink
from redactfuzz.threads.output.streams import Output

Turn = tuple[Mapping[str, int], frozenset[str]]
"""How much was written when the canaries that are allowed became others, and which were until then."""


@attrs.define(eq=False)
class Written:
    """That of one execution."""

    _output: Output
    _sink: Sink | None
    _problem: Callable[..., None]
    _turns: list[Turn] = attrs.field(factory=list)
    _used: bool = False
    _in_sink: bytes = b""
    noted: Callable[[str, Any], None] = attrs.field(default=lambda name, value: None)
    """Called with each turn."""
    streams: Mapping[str, Any] | None = None
    """What was in each when the process died; None as long as it lives."""

    def sink(self) -> Sink:
        """The sink, which is empty at first."""
        if self._sink is None or (self._sink.closed and not self._used):
            self._sink = Sink()
        if not self._used:
            self._sink.empty()
            self._used = True
        return self._sink

    def keep_sink(self) -> Sink | None:
        """The sink, for the next execution."""
        return self._sink

    def turn(self, allowed: frozenset[str]) -> None:
        """Until now this was ``allowed``."""
        if self.streams is None:
            written = {**self._output.so_far(self._problem), "sink": self._sunk()}
            sizes = {name: len(data) for name, data in written.items() if isinstance(data, bytes)}
            self._turns.append((sizes, allowed))
            self.noted("turns", self._turns[-1])

    def end(self, allowed: frozenset[str]) -> None:
        """The process is dead, its other threads still run."""
        self.streams, self._in_sink = self._output.content(self._problem), self._sunk()
        self._turns.append(({}, allowed))

    def dumps(self, ignored: Collection[str], alone: bool) -> Iterator[Dump]:
        """What was written by then, but to ``ignored`` streams. An empty sink is a dump only where it is ``alone``."""
        if self.streams is None:
            return
        written = {name: data for name, data in self.streams.items() if name not in ignored}
        if self._in_sink or (self._used and alone and not written):
            written["sink"] = self._in_sink
        for name, data in written.items():
            yield from parts(name, data, self._turns)

    def _sunk(self) -> bytes:
        return self._sink.content() if self._used and self._sink is not None else b""


def parts(name: str, data: Any, all_turns: Sequence[Turn]) -> Iterator[Dump]:
    """``data`` cut where something else was allowed. What is empty, or was not read, has no parts."""
    (*turns, (_, last)), start = all_turns, 0
    if not isinstance(data, bytes):
        last = last.intersection(*(allowed for _, allowed in turns))
    elif any(allowed != last for _, allowed in turns):
        for sizes, allowed in turns:
            if (end := sizes.get(name, 0)) > start:
                yield Dump(name, data[start:end], allowed)
                start = end
        data = data[start:]
    if not start or data:
        yield Dump(name, data, last)
