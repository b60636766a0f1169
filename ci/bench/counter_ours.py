"""Runs under each of our interpreters: executions a second on the two-thread counter. Prints JSON."""

from __future__ import annotations

import json
import platform
import sys
import time
from collections.abc import Callable

from redactfuzz import Race, explore


class Counter:
    """The counter of every tutorial."""

    def __init__(self) -> None:
        """Zero."""
        self.value = 0

    def increment(self) -> None:
        """A load and a store that are not one step."""
        for _ in range(1):
            value = self.value
            self.value = value + 1


def counter(race: Race) -> None:
    """What the rivals run: two threads, and nothing else."""
    shared = Counter()
    race.thread(shared.increment)
    race.thread(shared.increment)


def counter_with_crash(race: Race) -> None:
    """What redactfuzz is for: a canary, a redactor, and a crash report that is searched in every execution."""
    shared = Counter()
    key = race.canary("key").text
    scrub = race.redactor(lambda text: text.replace(key, ""))
    race.thread(shared.increment)
    race.thread(shared.increment)
    race.crash(lambda: scrub(f"{key} {shared.value}"))


CONFIGURATIONS: dict[str, tuple[Callable[[Race], None], str]] = {
    "random": (counter, "random"),
    "PCT": (counter, "pct"),
    "default portfolio": (counter, "default"),
    "random, with crash report": (counter_with_crash, "random"),
    "default portfolio, with crash report": (counter_with_crash, "default"),
}


def main() -> None:
    """``counter_ours.py EXECUTIONS``: the rate is over the whole campaign, its controls included."""
    wanted = int(sys.argv[1])
    rates = {}
    for name, (body, strategy) in CONFIGURATIONS.items():
        explore(body, strategy=strategy, granularity="instructions", executions=50, seconds=60, seed=1)
        started = time.perf_counter()
        report = explore(body, strategy=strategy, granularity="instructions", executions=wanted, seconds=600, seed=1)
        seconds = time.perf_counter() - started
        rates[name] = {"executions": report.executions, "per_second": report.executions / seconds}
    json.dump({"python": platform.python_version(), "rates": rates}, sys.stdout)


if __name__ == "__main__":
    main()
