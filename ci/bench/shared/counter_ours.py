"""Runs under each of our interpreters: executions a second on the two-thread counter. Prints JSON."""

from __future__ import annotations

import json
import platform
import sys
import time
from collections.abc import Callable

from redactfuzz import Race, explore
from redactfuzz.campaign.session.oracle import default_oracle
from redactfuzz.model.events import BatchEnded
from redactfuzz.model.plan import Budget, Isolation, Plan, Policy, Stage
from redactfuzz.model.schedule import Granularity
from redactfuzz.threads import ThreadRuntime


class Counter:
    """The counter of every tutorial."""

    def __init__(self) -> None:
        """Zero."""
        self.value = 0

    def increment(self) -> None:
        """A load and a store that are not one step."""
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


def by_runtime(policy: Policy) -> Callable[[int], int]:
    """One batch of the runtime, without a campaign: a campaign gives up on a scenario that has no secret."""

    def run(executions: int) -> int:
        oracle = default_oracle()
        plan = Plan(
            name="counter",
            body=counter,
            seed=1,
            stages=(Stage(policy, Granularity.INSTRUCTIONS),),
            mint=lambda name, kind, number: oracle.mint(1, name, kind, number),
            inspect=oracle.inspect(1),
            mask=oracle.masker(1),
            isolation=Isolation.NONE,
        )
        done = 0
        for event in ThreadRuntime().explore(plan, Budget(executions, 600.0, stop_at_first=False)):
            if isinstance(event, BatchEnded):
                done = event.counters.executions
        return done

    return run


def by_campaign(strategy: str) -> Callable[[int], int]:
    """A whole campaign, with its controls."""

    def run(executions: int) -> int:
        return explore(counter_with_crash, strategy=strategy, executions=executions, seconds=600, seed=1).executions

    return run


CONFIGURATIONS = {
    "random": by_runtime(Policy.RANDOM),
    "PCT": by_runtime(Policy.PCT),
    "POS": by_runtime(Policy.POS),
    "with crash report, random": by_campaign("random"),
    "with crash report, default portfolio": by_campaign("default"),
}


def main() -> None:
    """``counter_ours.py EXECUTIONS``."""
    wanted = int(sys.argv[1])
    rates = {}
    for name, run in CONFIGURATIONS.items():
        run(50)
        started = time.perf_counter()
        done = run(wanted)
        rates[name] = {"executions": done, "per_second": done / (time.perf_counter() - started)}
    json.dump({"python": platform.python_version(), "rates": rates}, sys.stdout)


if __name__ == "__main__":
    main()
