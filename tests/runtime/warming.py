"""Scenarios whose first execution in a process goes another way than those that follow."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from redactfuzz import Race

RULES: dict[str, str] = {}
READY: list[bool] = []
WHOLE: list[tuple[str, ...]] = []
USED: list[int] = []


def rules_too_early() -> dict[str, str]:
    """Says that they are there before they are."""
    if not READY:
        READY.append(True)
        RULES["secret"] = "[gone]"
    return RULES


def scrub_at_first_use(text: str, secret: str) -> str:
    """Leaks while another thread sets the rules up, and never again."""
    for name, mark in list(rules_too_early().items()):
        assert name == "secret"
        text = text.replace(secret, mark)
    return text


def scrub_with_whole_rules(text: str, secret: str) -> str:
    """The right twin: what is set up is put where others look for it in one step."""
    if not WHOLE:
        WHOLE.append(("[gone]",))
    for mark in WHOLE[0]:
        text = text.replace(secret, mark)
    return text


def _scenario(race: Race, scrub: object) -> None:
    secret = race.canary("key").text
    mask = race.redactor(scrub, bypass=lambda text, _: text)
    race.thread(lambda: mask("nothing", secret), name="user")
    race.crash(lambda: mask(f"key {secret}", secret))


def cold_leak(race: Race) -> None:
    _scenario(race, scrub_at_first_use)


def cold_right(race: Race) -> None:
    _scenario(race, scrub_with_whole_rules)


def _late(race: Race, *, right: bool) -> None:
    """From its second use on the redactor takes a way that shows the secret for a moment."""
    secret = race.canary("key").text
    box = {"shown": ""}
    scrub = race.redactor(lambda record: dict(record), bypass=lambda record: {**record, "raw": secret})

    def uses() -> None:
        if USED and not right:
            box["shown"] = secret
            box["shown"] = ""
        if not USED:
            USED.append(1)

    race.thread(uses, name="user")
    race.crash(lambda: scrub(box))


def warm_leak(race: Race) -> None:
    _late(race, right=False)


def warm_right(race: Race) -> None:
    _late(race, right=True)


TURNS: list[int] = []


def never_the_same(race: Race) -> None:
    """Each execution is longer than the one before."""
    secret = race.canary("key").text
    scrub = race.redactor(lambda text: text.replace(secret, "[gone]"))
    TURNS.append(1)

    def counts() -> None:
        for turn in list(TURNS):
            str(turn)

    race.thread(counts, name="counts")
    race.crash(lambda: scrub(secret))


MADE: list[object] = []


def asks_of_all_that_it_made(race: Race) -> None:
    """In the library each execution goes further than the one before, through classes that it has made."""
    _asks(race, MADE)


def asks_for_the_first_time(race: Race) -> None:
    """An abstract class keeps which classes it was asked about."""
    _asks(race, [])


def asks_of_a_pattern(race: Race) -> None:
    """The module re keeps patterns."""
    _asks(race, [], lambda: re.match("no module has this pattern", "text"))


def _asks(race: Race, made: list[object], work: Callable[[], object] = int) -> None:
    secret = race.canary("key").text
    scrub = race.redactor(lambda text: text.replace(secret, "[gone]"))

    def asks() -> None:
        if work is int:
            made.append(type("Made", (), {})() if made is MADE else Asked())
        for each in made:
            isinstance(each, Mapping)
        work()

    race.thread(asks, name="asks")
    race.crash(lambda: scrub(secret))


class Asked:
    """Nobody else asks about it."""


def settles_late(race: Race) -> None:
    """Its second and third executions are alike, and the sixth is not."""
    secret = race.canary("key").text
    scrub = race.redactor(lambda text: text.replace(secret, "[gone]"))
    TURNS.append(1)

    def counts() -> None:
        if len(TURNS) == 1:
            str(1)
        if len(TURNS) > 5:
            for turn in TURNS[5:]:
                str(turn)

    race.thread(counts, name="counts")
    race.crash(lambda: scrub(secret))
