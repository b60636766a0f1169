"""Line 3.3: a loop that gets on is long, and no bug; what nobody gets out of is one."""

from __future__ import annotations

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
    case("3.3", UNACCUSED, executions=30, says="long loop")(right)
    case("3.3", LEAK, executions=40)(leaks)


@case("3.3", UNACCUSED, executions=25, granularity="calls")
def a_million_passes(race: Race) -> None:
    """A loop of a million passes that ends."""
    after(counts_up, 1_000_000, right=True)(race)


@case("3.3", UNACCUSED, executions=25, granularity="calls")
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
