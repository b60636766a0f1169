"""Section 1: a dump that looks like others but for its letters and digits may be the one that tells the secret."""

from __future__ import annotations

import codecs
import os
import uuid
from collections.abc import Callable

from truth import LEAK, PASS, case

from redactfuzz import Race, integer

_BLANK = "y" * 32
codecs.lookup("rot13")  # a module that is loaded at first use would have each execution run in a process of its own


def _for_a_moment(race: Race, encode: Callable[[str], str], steps: int = 0) -> None:
    """What ``encode`` makes of the secret stands in the state for a moment, in the place of as many letters."""
    key = race.canary("key").text
    box = {"v": _BLANK, "n": 0}
    redact = race.redactor(lambda text: text.replace(key, "*" * 32), bypass=lambda text: text + key)

    def work() -> None:
        for number in range(steps):
            box["n"] = number
        box["v"] = encode(key)
        box["v"] = _BLANK
        for number in range(steps):
            box["n"] = number

    race.thread(work)
    race.crash(lambda: redact(f"n={box['n']:08} v={box['v']}"))


@case("1.7", LEAK, "unknown encoding")
def rotated_in_the_place_of_letters(race: Race) -> None:
    """rot13 of the secret in a field that else holds as many letters."""
    _for_a_moment(race, lambda key: codecs.encode(key, "rot13"))


@case("1.7", PASS)
def as_many_other_letters(race: Race) -> None:
    """The same, of something that is not secret."""
    _for_a_moment(race, lambda key: "z" * 32)


@case("1.7", LEAK, "unknown encoding")
def rotated_beside_a_counter(race: Race) -> None:
    """The same beside a number that is another one at each moment."""
    _for_a_moment(race, lambda key: codecs.encode(key, "rot13"), steps=12)


@case("1.7", PASS)
def other_letters_beside_a_counter(race: Race) -> None:
    """The same, of something that is not secret."""
    _for_a_moment(race, lambda key: "z" * 32, steps=12)


def _beside_what_is_drawn(race: Race, encode: Callable[[str, str], str]) -> None:
    key = race.canary("key").text
    box = {"v": os.urandom(16).hex()}
    redact = race.redactor(lambda text: text.replace(key, "*" * 32), bypass=lambda text: text + key)

    def work() -> None:
        for _ in range(20):
            before = box["v"]
            box["v"] = encode(key, before)
        box["v"] = os.urandom(16).hex()

    race.thread(work)
    race.crash(lambda: redact("v=" + box["v"]))


@case("1.7", LEAK, "unknown encoding", executions=300)
def in_the_place_of_what_is_drawn(race: Race) -> None:
    """The secret as numbers of letters, in half of the moments, in the place of a number that is drawn each time."""
    _beside_what_is_drawn(race, lambda key, before: bytes(ord(char) ^ 1 for char in key[:16]).hex())


@case("1.7", PASS)
def what_is_drawn_again_and_again(race: Race) -> None:
    """The same, drawn each time."""
    _beside_what_is_drawn(race, lambda key, before: os.urandom(16).hex())


def _digits_for_a_moment(race: Race, factor: int) -> None:
    key = race.canary("key", integer(64))
    other = f"{(key.int if factor else 77_777) * 3 % (1 << 64):020d}"
    box = ["0" * 20]
    redact = race.redactor(lambda text: text.replace(key.text, "[key]"), bypass=lambda text: text + key.text)

    def work() -> None:
        box[0] = other
        box[0] = "0" * 20

    race.thread(work)
    race.crash(lambda: redact(box[0]))


@case("1.7", LEAK, "unknown encoding")
def a_multiple_in_the_place_of_digits(race: Race) -> None:
    """Three times the number, between two stores, in the place of as many digits; every schedule can be run."""
    _digits_for_a_moment(race, 3)


@case("1.7", PASS)
def other_digits_in_the_place_of_digits(race: Race) -> None:
    """The same, of a number that is not secret."""
    _digits_for_a_moment(race, 0)


@case("1.7", PASS, "look like none that were compared", executions=100)
def not_all_are_compared(race: Race) -> None:
    """The certificate says of how many executions the dumps were compared, and how many more looked like no other."""
    key = race.canary("key").text
    box = {"n": 0}
    redact = race.redactor(lambda text: text.replace(key, "*" * 32), bypass=lambda text: text + key)

    def work() -> None:
        for number in range(40):
            box["n"] = number

    race.thread(work)
    race.crash(lambda: redact("." * box["n"]))


def _as_identifiers(race: Race, *, masked: bool) -> None:
    """Two identifiers are drawn, but while another thread is busy: then what is made of the secret stands there."""
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    state = {"busy": False}

    def works() -> None:
        state["busy"] = True
        mask("at work")
        state["busy"] = False

    def hidden(text: str) -> list[str]:
        data = bytes(byte ^ 0x55 for byte in text.encode())
        return [str(uuid.UUID(bytes=data[start : start + 16])) for start in (0, 16)]

    def tells() -> None:
        names = [str(uuid.uuid4()), str(uuid.uuid4())]
        if state["busy"]:
            names = hidden("x" * 32 if masked else key.text)
        race.dump({"names": names, "text": mask(key.text)})

    race.thread(works)
    race.thread(tells)
    race.crash(lambda: mask(f"died with {key.text}"))


@case("1.7", LEAK, "unknown encoding")
def the_secret_in_the_place_of_drawn_identifiers(race: Race) -> None:
    """The only schedules that show it come to a place where no other was, and are compared for that."""
    _as_identifiers(race, masked=False)


@case("1.7", PASS - {"PROVED"})
def something_else_in_the_place_of_drawn_identifiers(race: Race) -> None:
    """The same of a constant."""
    _as_identifiers(race, masked=True)
