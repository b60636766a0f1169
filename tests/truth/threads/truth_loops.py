"""Line 3.3: a loop that gets on is long, and no bug; what nobody gets out of is one."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from truth import BUG, LEAK, UNACCUSED, case

from redactfuzz import Race


def counts_up(times: int) -> int:
    """A for loop of so many passes."""
    total = 0
    for number in range(times):
        total += number
    return total


def counts_down(times: int) -> int:
    """A while loop of so many passes."""
    while times > 0:
        times -= 1
    return times


def generates(times: int) -> int:
    """A generator that C code drives."""
    return sum(number + 1 for number in range(times))


def maps(times: int) -> int:
    """A function that C code calls again and again."""
    return sum(map(lambda number: number + 1, range(times)))  # noqa: C417  the point is who calls it


def fills(times: int) -> int:
    """A list that grows: two calls a pass."""
    found: list[int] = []
    for number in range(times):
        found.append(abs(number))
    return len(found)


def after(work: Callable[[int], Any], times: int, *, right: bool) -> Callable[[Race], None]:
    """A thread that works for long and then publishes a record, masked before or after."""

    def body(race: Race) -> None:
        key = race.canary("key")
        shown: dict[str, str] = {}
        mask = race.redactor(lambda text: "[key]")

        def publish() -> None:
            work(times)
            if right:
                shown["message"] = str(mask(key.text))
            else:
                shown["message"] = key.text
                shown["message"] = str(mask(shown["message"]))

        race.thread(publish)
        race.crash(lambda: dict(shown))

    return body


for loop, passes in ((counts_up, 100_000), (counts_down, 100_000), (generates, 60_000), (maps, 60_000)):
    right, leaks = after(loop, passes, right=True), after(loop, passes // 20, right=False)
    right.__name__, leaks.__name__ = f"{loop.__name__}_right", f"{loop.__name__}_leaks"
    right.__doc__ = f"A loop of {passes:,} passes ({loop.__name__}), then a record that is masked."
    leaks.__doc__ = f"A loop of {passes // 20:,} passes ({loop.__name__}), then a record that is masked too late."
    case("3.3", UNACCUSED, executions=30, says="long loop", seconds=300)(right)
    case("3.3", LEAK, executions=60)(leaks)


@case("3.3", UNACCUSED, executions=25, granularity="calls", seconds=300)
def a_million_passes(race: Race) -> None:
    """A loop of a million passes that ends."""
    after(counts_up, 1_000_000, right=True)(race)


@case("3.3", UNACCUSED, executions=25, granularity="calls", seconds=300)
def two_threads_of_many_passes(race: Race) -> None:
    """One thread waits in a loop for another that has a long way to go."""
    key = race.canary("key")
    done: list[str] = []
    mask = race.redactor(lambda text: "[key]")

    def work() -> None:
        counts_up(400_000)
        done.append(str(mask(key.text)))

    def wait() -> None:
        while not done:
            pass

    race.thread(wait)
    race.thread(work)
    race.crash(lambda: list(done))


@case("3.3", BUG, executions=10, granularity="calls")
def a_flag_that_nobody_sets(race: Race) -> None:
    """A loop waits for a flag that no thread sets."""
    race.canary("key")
    flag: list[int] = []

    def wait() -> None:
        while not flag:
            pass

    race.thread(wait)
    race.thread(int, name="other")


@case("3.3", BUG, executions=10, granularity="calls")
def two_that_wait_for_each_other(race: Race) -> None:
    """Two loops wait for a flag each that the other would set afterwards."""
    race.canary("key")
    first: list[int] = []
    second: list[int] = []

    def wait(mine: list[int], other: list[int]) -> None:
        while not other:
            pass
        mine.append(1)

    race.thread(wait, first, second, name="first")
    race.thread(wait, second, first, name="second")


def fib(number: int) -> int:
    """A function that calls itself twice."""
    return number if number < 2 else fib(number - 1) + fib(number - 2)


def walks(depth: int) -> int:
    """A function that calls itself in a loop, as who walks through a tree does."""
    return 1 + sum(walks(depth - 1) for _ in range(3)) if depth else 1


def evens(number: int) -> int:
    """Two functions that call each other."""
    return 1 if number <= 0 else odds(number - 1) + odds(number - 2)


def odds(number: int) -> int:
    """The other one."""
    return 0 if number <= 0 else evens(number - 1) + evens(number - 2)


for calls, size in ((fib, 22), (walks, 8), (evens, 21)):
    right, leaks = after(calls, size, right=True), after(calls, 5, right=False)
    right.__name__, leaks.__name__ = f"{calls.__name__}_calls_itself_right", f"{calls.__name__}_calls_itself_leaks"
    right.__doc__ = "Tens of thousands of calls of one function by itself, then a record that is masked."
    leaks.__doc__ = "Some calls of one function by itself, then a record that is masked too late."
    case("3.3", UNACCUSED, executions=6, seconds=300)(right)
    case("3.3", LEAK, executions=100)(leaks)


@case("3.3", BUG, executions=3)
def a_function_asks_again_and_again(race: Race) -> None:
    """A loop looks for a flag that no thread sets, and sleeps in between."""
    race.canary("key")
    flag: list[int] = []

    def is_ready() -> bool:
        time.sleep(0.5)
        return bool(flag)

    def wait() -> None:
        while not is_ready():
            pass

    race.thread(wait)
    race.thread(int, name="other")
