"""What the command of a night was given, and the first event that says so."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs

from redactfuzz.model.night import NightStarted

SLICE = 45.0
"""Seconds of a slice; the start of a process and the controls take about one."""


@attrs.frozen
class Asked:
    """What the command was given."""

    folder: Path
    seconds: float | None
    until_stable: bool
    jobs: int
    seed: int
    memory: int
    """Bytes that the processes of a slice may have."""
    shard: tuple[int, int] = (1, 1)
    corpus: Path | None = None
    new_corpus: bool = False
    trust: bool = False
    """Findings that another machine has written are run again, whatever they ask for."""
    adaptive: bool = True
    slice_seconds: float = SLICE
    measures: bool = True
    """How likely new findings are along their schedules."""
    rounds: int | None = None
    """Ends when each scenario has had so many slices."""
    given: frozenset[str] = frozenset()
    """Fields that the command line named: they win over those of a night that is resumed."""

    def as_begun(self, started: NightStarted) -> Asked:
        """To go on with a night: as that began, but for what was named."""
        index, _, of = (started.shard or "1/1").partition("/")
        begun: dict[str, Any] = {
            "seconds": started.seconds,
            "corpus": Path(started.corpus) if started.corpus else None,
            "jobs": started.jobs,
            "slice_seconds": started.slice_seconds or SLICE,
            "rounds": started.rounds,
            "until_stable": started.until_stable,
            "adaptive": not started.round_robin,
            "measures": started.likelihood,
            "memory": started.memory or self.memory,
        }
        begun = {name: value for name, value in begun.items() if name not in self.given}
        return attrs.evolve(self, seed=started.seed, shard=(int(index), int(of)), **begun)


def opening(asked: Asked, paths: Sequence[str], tool: str, entries: int = 0, within: str | None = None) -> NightStarted:
    """The first event."""
    index, of = asked.shard
    return NightStarted(
        tool,
        platform.python_version(),
        time.time(),
        asked.seed,
        asked.seconds,
        asked.jobs,
        os.cpu_count() or 1,
        tuple(paths),
        f"{index}/{of}" if of > 1 else "",
        str(asked.corpus) if asked.corpus else "",
        entries,
        asked.slice_seconds,
        asked.rounds,
        asked.until_stable,
        not asked.adaptive,
        asked.measures,
        asked.memory,
        within,
    )
