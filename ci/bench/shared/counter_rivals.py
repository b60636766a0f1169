"""Runs under the rivals' Python: executions a second on a two-thread counter, every strategy of one rival. Prints JSON.

frontrun works only under its own command: ``frontrun python counter_rivals.py frontrun 2000``.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable

import frontrun
import interleave_test


class Counter:
    """The counter of every tutorial."""

    def __init__(self) -> None:
        """Zero."""
        self.value = 0

    def increment(self) -> None:
        """A load and a store that are not one step."""
        value = self.value
        self.value = value + 1

    def increment_five_times(self) -> None:
        """Once has only a few classes for DPOR, and its rate would be that of starting up."""
        for _ in range(5):
            value = self.value
            self.value = value + 1


def frontrun_random(executions: int) -> int:
    return frontrun.explore(
        setup=Counter,
        workers=[Counter.increment, Counter.increment],
        invariant=lambda counter: counter.value > 0,
        strategy="random",
        max_attempts=executions,
        max_ops=100,
        seed=1,
        detect_io=False,
    ).num_explored


def frontrun_dpor(executions: int) -> int:
    return frontrun.explore(
        setup=Counter,
        workers=[Counter.increment_five_times, Counter.increment_five_times],
        invariant=lambda counter: counter.value > 0,
        max_executions=executions,
        preemption_bound=None,
        stop_on_first=False,
        detect_io=False,
    ).num_explored


def interleave(strategy: str) -> Callable[[int], int]:
    def model() -> None:
        counter = Counter()
        first, second = interleave_test.spawn(counter.increment), interleave_test.spawn(counter.increment)
        first.join()
        second.join()
        assert counter.value > 0

    def run(executions: int) -> int:
        return interleave_test.explore(
            model, iterations=executions, seed=1, strategy=strategy, max_preemptions=4
        ).schedules_run

    return run


CONFIGURATIONS = {
    "frontrun 0.7.0, random": frontrun_random,
    "frontrun 0.7.0, DPOR (5 increments)": frontrun_dpor,
    "interleave-test 0.1.0, random": interleave("random"),
    "interleave-test 0.1.0, PCT": interleave("pct"),
    "interleave-test 0.1.0, DFS": interleave("dfs"),
}


def main() -> None:
    """``counter_rivals.py RIVAL EXECUTIONS``."""
    rival, wanted = sys.argv[1], int(sys.argv[2])
    rates = {}
    for name, run in CONFIGURATIONS.items():
        if not name.startswith(rival):
            continue
        run(20)  # imports, caches
        started = time.perf_counter()
        done = run(wanted)
        rates[name] = {"executions": done, "per_second": done / (time.perf_counter() - started)}
    json.dump({"python": sys.version.split()[0], "rates": rates}, sys.stdout)


if __name__ == "__main__":
    main()
