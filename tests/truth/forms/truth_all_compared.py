"""Open 21: a proof of every schedule is one of every dump: what looks like no dump that was compared rules it out."""

from __future__ import annotations

from collections.abc import Callable

from truth import LEAK, NO_PROOF, PASS, case

from redactfuzz import Race

_EVERYTHING = {"strategy": "exhaustive", "granularity": "instructions"}


def _progress(race: Race, told: Callable[[int, str], str], lines: int = 12) -> None:
    """A report that grows, and once holds what is ``told``."""
    key = race.canary("key").text
    redact = race.redactor(lambda text: text.replace(key, "[key]"))
    log: list[str] = []

    def work() -> None:
        for number in range(lines):
            log.append(told(number, key))

    race.thread(work)
    race.crash(lambda: redact(f"{key} {log[-1] if log else ''}"), by="kill")


@case("1.7", LEAK, "unknown encoding", executions=3_000, **_EVERYTHING)
def reversed_in_one_of_many_lengths(race: Race) -> None:
    """A line of another length at each moment, one of which is the secret reversed with its case swapped."""
    _progress(race, lambda number, key: key.swapcase()[::-1] if number == 7 else "." * (3 + number))


@case("1.7", LEAK, "unknown encoding", executions=3_000, **_EVERYTHING)
def shifted_in_one_of_many_numbers(race: Race) -> None:
    """A number of as many digits at each moment, one of which is made of the secret's."""

    def told(number: int, key: str) -> str:
        return "".join(f"{ord(char) + 1:03}" for char in key[:16]) if number == 8 else f"{number * 7919:048}"

    _progress(race, told)


@case("1.7", frozenset({"PROVED"}), executions=3_000, **_EVERYTHING)
def dots_in_one_of_many_lengths(race: Race) -> None:
    """A line of another length at each moment, none of which has anything of the secret."""
    _progress(race, lambda number, key: "." * (3 + number))


@case("1.7", NO_PROOF, "look like none that were compared", executions=1_830, **_EVERYTHING)
def no_room_for_all_lengths(race: Race) -> None:
    """The same, with hardly more executions than there are schedules."""
    _progress(race, lambda number, key: "." * (3 + number), lines=150)


@case("1.7", PASS, "look like none that were compared", executions=300, strategy="random")
def some_of_many_lengths(race: Race) -> None:
    """The same, drawn at random: what was not compared is told."""
    _progress(race, lambda number, key: "." * (3 + number), lines=100)
