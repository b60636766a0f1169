"""When a dump is ripe: nobody has it open for writing; where the kernel does not tell, it did not change for a while.

One that is sealed too early makes two of one, where the kernel tells who writes. Where it does not, what is written to
it after the original was removed is lost: a writer may pause for no longer than a dump has to stay the same. Nothing
is decided by the clock on the wall, which jumps, and nothing waits for ever.
"""

from __future__ import annotations

from collections.abc import Collection

import attrs

from redactfuzz.gate.passage import Source


@attrs.frozen
class Wait:
    """Not now. ``late``: it has been so for longer than anybody waits."""

    reason: str
    late: bool = False


@attrs.frozen
class _Seen:
    source: Source
    first: float
    unchanged: float
    """Since when."""


@attrs.define
class Looking:
    """What was seen of the files that are not sealed yet. Times are seconds of a clock that only goes forward."""

    settle: float
    patience: float
    _seen: dict[str, _Seen] = attrs.field(factory=dict)

    def decide(self, source: Source, writers: bool | None, now: float) -> Wait | None:
        """None: it can be sealed."""
        before = self._seen.get(source.name)
        if before is None:
            seen = _Seen(source, now, now)
        else:
            seen = before if before.source == source else _Seen(source, before.first, now)
        self._seen[source.name] = seen
        if writers:
            return self._wait(seen, now, "somebody has it open for writing")
        if writers is None and now - seen.unchanged < self.settle:
            return self._wait(seen, now, f"it has not been the same for {self.settle:g} s yet")
        return None

    def postponed(self, name: str, reason: str, now: float) -> Wait:
        """Sealing it was tried, and it is still being written."""
        seen = self._seen.setdefault(name, _Seen(Source(name), now, now))
        return self._wait(seen, now, reason)

    def _wait(self, seen: _Seen, now: float, reason: str) -> Wait:
        late = now - seen.first >= self.patience
        return Wait(f"{reason}; {self.patience:g} s have passed (--patience)" if late else reason, late)

    def keep(self, names: Collection[str]) -> None:
        """Forgets all others: they are sealed, or gone."""
        self._seen = {name: seen for name, seen in self._seen.items() if name in names}
