"""Section 1: noise of any length in a dump hides nothing of what lies between."""

from __future__ import annotations

import codecs
import itertools
from collections.abc import Callable

from truth import LEAK, PASS, case

from redactfuzz import Race

_COUNT = itertools.count()
codecs.lookup("rot13")  # loaded here, not in an execution


def _between(race: Race, tells: Callable[[str], str], lengths: tuple[int, int] = (1, 1), lines: int = 130) -> None:
    """What differs from one execution to the next stands at both ends of a long report."""
    key = race.canary("key").text
    redact = race.redactor(lambda text: text.replace(key, "[key]"), bypass=lambda text: text + key)
    body = " ".join(f"line{number}" for number in range(lines))
    count = next(_COUNT) % 5 + 1
    first, last = ("#" * (count if grows > 0 else 6 - count) for grows in lengths)
    race.thread(lambda: None)
    race.crash(lambda: redact(f"{first} {body} {tells(key)} {body} {last}"))


@case("1.8", LEAK, "unknown encoding", executions=60)
def between_two_numbers_of_any_length(race: Race) -> None:
    """rot13 of the secret in the middle of a long report, with something of another length at both ends each time."""
    _between(race, lambda key: codecs.encode(key, "rot13"))


@case("1.8", PASS, executions=60)
def nothing_between_two_numbers_of_any_length(race: Race) -> None:
    """The same report without the secret."""
    _between(race, lambda key: "nothing to see")


@case("1.8", LEAK, "unknown encoding", executions=60)
def between_what_grows_and_what_shrinks(race: Race) -> None:
    """One end grows by what the other loses: the report stays as long, and all between has moved."""
    _between(race, lambda key: key.swapcase()[::-1], (1, -1))


@case("1.8", PASS, executions=60)
def nothing_between_what_grows_and_what_shrinks(race: Race) -> None:
    """The same report without the secret."""
    _between(race, lambda key: "nothing to see", (1, -1))


@case("1.8", LEAK, "unknown encoding", executions=60)
def among_many_records_that_are_alike(race: Race) -> None:
    """Every record is the same but one, which has the secret as numbers; a time of any length stands at both ends."""
    key = race.canary("key")
    redact = race.redactor(lambda text: text.replace(key.text, "[key]"), bypass=lambda text: text + key.text)
    rows = ", ".join(["{'user': 'alice', 'ok': True}"] * 40)
    spent = "1" * (next(_COUNT) % 4 + 1)
    race.thread(lambda: None)
    race.crash(lambda: redact(f"{spent}, {rows}, {[byte ^ 5 for byte in key.bytes]}, {rows}, {spent}"))
