"""Growth of memory over 90,000 executions, threads left behind, the time of a point in long and short executions."""

from __future__ import annotations

import gc
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from shared import record

from redactfuzz import Race, explore
from redactfuzz.campaign.session.oracle import default_oracle
from redactfuzz.model.events import BatchEnded, Progress
from redactfuzz.model.plan import Budget, Isolation, Plan, Policy, Stage
from redactfuzz.model.schedule import Granularity
from redactfuzz.threads import ThreadRuntime

FIRST, LAST = 10_000, 100_000
ROUNDS = 5


def small(race: Race) -> None:
    """Two threads, a canary, a redactor, a crash: everything that an execution allocates."""
    key = race.canary("key").text
    state: dict[str, Any] = {"key": key, "n": 0}
    scrub = race.redactor(lambda text: text.replace(key, ""))

    def work() -> None:
        for _ in range(3):
            state["n"] += 1

    race.thread(work)
    race.thread(work)
    race.crash(lambda: scrub(repr(state)))


def resident() -> int:
    """Bytes."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def threads() -> int:
    """Of this process, as the kernel counts them."""
    return len(list(Path("/proc/self/task").iterdir()))


def leaky(race: Race) -> None:
    """The positive control: the same, and 100 bytes of each execution are kept (67, and what an object costs)."""
    KEPT.append(bytes(67))
    small(race)


KEPT: list[bytes] = []


def growth(body: Callable[[Race], None]) -> tuple[int, dict[str, int]]:
    """Bytes by which this process grew from execution 10,000 to 100,000, in one batch."""
    oracle = default_oracle()
    plan = Plan(
        name="small",
        body=body,
        seed=1,
        stages=(Stage(Policy.RANDOM, Granularity.INSTRUCTIONS),),
        mint=lambda name, kind, number: oracle.mint(1, name, kind, number),
        inspect=oracle.inspect(1),
        mask=oracle.masker(1),
        isolation=Isolation.NONE,
    )
    sizes: dict[int, int] = {}
    for event in ThreadRuntime().explore(plan, Budget(LAST, 3_600.0, stop_at_first=False)):
        if isinstance(event, Progress | BatchEnded):
            gc.collect()
            sizes[event.counters.executions] = resident()
    start = min(number for number in sizes if number >= FIRST)
    end = max(sizes)
    return sizes[end] - sizes[start], {"from": start, "to": end, "bytes_from": sizes[start], "bytes_to": sizes[end]}


def loop(times: int) -> None:
    """About ten instructions a turn."""
    total = 0
    for number in range(times):
        total += number
        total -= 1


def microseconds_a_point(points: int) -> float:
    """Time of an execution divided by its steps, without a switch in it, so that only points are measured."""
    oracle = default_oracle()

    def body(race: Race) -> None:
        race.thread(loop, points // 4)
        race.thread(loop, 1)

    plan = Plan(
        name="loop",
        body=body,
        seed=1,
        stages=(Stage(Policy.PCT, Granularity.INSTRUCTIONS, depth=1),),
        mint=lambda name, kind, number: oracle.mint(1, name, kind, number),
        inspect=oracle.inspect(1),
        mask=oracle.masker(1),
        isolation=Isolation.NONE,
        step_limit=1_000_000,
    )
    executions = 2_000_000 // points
    ended = None
    started = time.perf_counter()
    for event in ThreadRuntime().explore(plan, Budget(executions, 600.0, stop_at_first=False)):
        if isinstance(event, BatchEnded):
            ended = event.counters
    seconds = time.perf_counter() - started
    assert ended is not None
    assert ended.executions == executions
    return seconds / ended.steps * 1e6


def main() -> None:
    """Three figures, with what they must not exceed."""
    explore(small, executions=500, seed=1)
    before = threads()
    grown, detail = growth(small)
    left = threads() - before
    control, _ = growth(leaky)
    if control < 4_000_000:
        raise SystemExit(f"the control kept about 9 MB, and only {control} bytes were seen: this measures nothing")
    python_threads = threading.active_count() - 1
    short = median(microseconds_a_point(1_000) for _ in range(ROUNDS))
    long = median(microseconds_a_point(10_000) for _ in range(ROUNDS))
    rows = [
        (f"resident memory, execution {detail['from']:,} to {detail['to']:,}", f"{grown / 1e6:+.2f} MB", "< 1 MB"),
        ("the same, keeping 100 bytes an execution (control)", f"{control / 1e6:+.2f} MB", "> 4 MB"),
        ("OS threads more than before", left, "0"),
        ("Python threads beside the main one", python_threads, "0"),
        ("a point, executions of 1,000 points", f"{short:.3f} us", "-"),
        ("a point, executions of 10,000 points", f"{long:.3f} us", "-"),
        ("long to short", f"{long / short:.2f}", "<= 1.3"),
    ]
    data = {"growth": grown, "control": control, **detail, "threads_left": left, "us_short": short, "us_long": long}
    record.save("memory", "Memory, threads, time of a point", record.table(("what", "measured", "aim"), rows), data)


if __name__ == "__main__":
    main()
