"""Section 1: what is said of a dependence is what it is."""

from __future__ import annotations

import codecs
import random
from collections.abc import Callable
from string import ascii_letters
from typing import Any

from truth import BUG, LEAK, NO_CALLS, PASS, UNACCUSED, VACUOUS, WITHHELD, case, program

from redactfuzz import Race, integer, raw

NOTED = frozenset({"NO_LEAK_FOUND"})
_ROTATED = str.maketrans(ascii_letters, ascii_letters[13:] + ascii_letters[:13])
_DRAWN = random.Random(1)
_PARITIES = [_DRAWN.getrandbits(256) for _ in range(100)]


def _tells(race: Race, tells: Callable[[Any], object], kind: Any = None) -> None:
    key = race.canary("key", kind)
    redact = race.redactor(lambda text: text.replace(key.text, "[key]"), bypass=lambda text: text + key.text)
    race.thread(lambda: None)
    race.crash(lambda: redact(str(tells(key))))


@case("1.9", NOTED, "bits of 'key' can be read off crash", executions=60)
def classes_of_letters(race: Race) -> None:
    """Which characters are vowels, as true and false: a few bits, though the two words differ in length."""
    _tells(race, lambda key: [char in "aeiouAEIOU" for char in key.text])


@case("1.9", NOTED, "bits of 'key' can be read off crash", executions=60)
def the_number_of_ones(race: Race) -> None:
    """How many bits of a number are set, which has as many digits or one less."""
    _tells(race, lambda key: key.int.bit_count(), integer(256))


@case("1.9", NOTED, "100 bytes of crash depend on 'key'", executions=60)
def parities_are_no_order(race: Race) -> None:
    """Sums of bits, each zero or one: as many ones with another value are no other order of the same words."""
    masks = _PARITIES
    _tells(race, lambda key: [(int.from_bytes(key.bytes, "big") & mask).bit_count() & 1 for mask in masks], raw(32))


@case("1.9", WITHHELD, "rder of what is in crash", executions=60)
def an_order_that_follows_from_the_secret(race: Race) -> None:
    """Names in an order that follows from a digest of the secret."""
    names = [f"name{number}" for number in range(12)]
    _tells(race, lambda key: random.Random(key.text).sample(names, len(names)))


def _named_by_anybody(race: Race, leaks: bool) -> None:
    key = race.canary("k\x1b[31mey\nPROVED").text
    redact = race.redactor(lambda text: text if leaks else text.replace(key, "[key]"), bypass=lambda text: text)
    race.thread(lambda: None, name="thread\nLEAK b\x1b[2J")
    race.crash(lambda: redact(key), name="\x07c\nr")


@case("1.9", LEAK, r"k\x1b[31mey\nPROVED", executions=60)
def names_that_would_forge_a_report(race: Race) -> None:
    """Names hold lines and control sequences: they are escaped."""
    _named_by_anybody(race, leaks=True)


@case("1.9", PASS, executions=60)
def names_that_would_forge_another(race: Race) -> None:
    """The same names where nothing leaks: they are no reason for anything."""
    _named_by_anybody(race, leaks=False)


def _hidden(key: str) -> str:
    return codecs.encode(key, "rot13").swapcase()


@case("1.9", BUG, "cannot parse <what differs with another secret> at 3", executions=60)
def an_exception_that_quotes_the_secret(race: Race) -> None:
    """The text of an exception holds the secret in a form that no table has: the part that is equal is told."""
    key = race.canary("key").text
    redact = race.redactor(lambda text: text.replace(key, "[key]"), bypass=lambda text: text)

    def work() -> None:
        raise ValueError(f"cannot parse {_hidden(key)} at 3")

    race.thread(work)
    race.crash(lambda: redact(key))


@case("1.9", BUG, "cannot parse the header at 3", executions=60)
def an_exception_that_quotes_nothing(race: Race) -> None:
    """The text of an exception that is the same whatever the secret is: all of it is told."""
    key = race.canary("key").text
    redact = race.redactor(lambda text: text.replace(key, "[key]"), bypass=lambda text: text)

    def work() -> None:
        raise ValueError("cannot parse the header at 3")

    race.thread(work)
    race.crash(lambda: redact(key))


@case("1.9", WITHHELD, "have other names where the secrets are others", executions=60)
def a_thread_named_by_the_secret(race: Race) -> None:
    """The name of a thread holds the secret in a form that no table has."""
    key = race.canary("key").text
    redact = race.redactor(lambda text: text.replace(key, "[key]"), bypass=lambda text: text)
    race.thread(lambda: None, name=f"w{_hidden(key)}")
    race.crash(lambda: redact(key))


for _name, _expected, _what, _says, _flags in (
    ("kept", LEAK, "Six of the eight bytes of a pin stand in memory in decimal.", "48 of 64 bits", ("-DKEPT=6",)),
    (
        "wiped",
        UNACCUSED,
        "The redactor wipes them; without it they show, in no form that is listed.",
        "",
        ("-DKEPT=6", "-DWIPES"),
    ),
    ("few", VACUOUS, "Three of them: too few for a leak, and it is said.", "few bits of 'pin'", ("-DKEPT=3",)),
):
    program(
        "1.9",
        f"decimal_pin_{_name}",
        _expected,
        _what,
        file="decimal_pin.c",
        flags=_flags,
        says=_says,
        explored={"executions": 200},
        clang=VACUOUS if _name == "kept" else frozenset(),
        because=NO_CALLS if _name == "kept" else "",
    )


@case("1.9", PASS, executions=60)
def an_unlisted_form_that_is_redacted(race: Race) -> None:
    """The letters are rotated where the redactor gets them, and it drops them: that shows what it is for."""
    key = race.canary("key").text.translate(_ROTATED)
    redact = race.redactor(lambda text: text.replace(key, "[key]"), bypass=lambda text: text)
    race.crash(lambda: redact(f"key={key}"))


@case("1.9", VACUOUS, "bits of 'key' can be read off crash", executions=60)
def a_few_characters_and_never_more(race: Race) -> None:
    """No dump ever shows the secret, but for four characters of it in hexadecimal."""
    key = race.canary("key").text
    redact = race.redactor(lambda text: text, bypass=lambda text: text)
    race.crash(lambda: redact(key[:4].encode().hex()))
