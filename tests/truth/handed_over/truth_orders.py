"""Line 2.9: threads of one step each, of which one order alone leaks."""

from __future__ import annotations

from typing import Any

from truth import LEAK, PASS, case

from redactfuzz import Race


def steps(race: Race, needed: tuple[int, ...]) -> None:
    """As many threads as numbers, each of one step; a dump shows the secret after the needed order."""
    key = race.canary("key")
    order: list[int] = []
    mask = race.redactor(lambda text: "[key]")

    def report() -> Any:
        return key.text if tuple(order) == needed else mask(key.text)

    for number in range(len(needed)):
        race.thread(order.append, number, name=f"t{number}")
    race.crash(report)


@case("2.9", LEAK, executions=2_000)
def one_order_of_five(race: Race) -> None:
    """Five threads of one step: one of 120 orders leaks."""
    steps(race, (3, 1, 4, 0, 2))


@case("2.9", LEAK, executions=5_000)
def one_order_of_six(race: Race) -> None:
    """Six threads of one step: one of 720 orders leaks."""
    steps(race, (4, 2, 1, 0, 5, 3))


@case("2.9", LEAK, executions=5_000)
def another_order_of_six(race: Race) -> None:
    """Six threads of one step: another of 720 orders leaks."""
    steps(race, (5, 3, 0, 4, 2, 1))


@case("2.9", PASS, executions=1_500)
def no_order_of_six(race: Race) -> None:
    """Six threads of one step, and no order that leaks."""
    steps(race, (9, 9, 9, 9, 9, 9))
