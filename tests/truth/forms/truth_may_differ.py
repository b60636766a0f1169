"""Section 1: what goes by the form of a secret, what may differ, and what is declared."""

from __future__ import annotations

import codecs
import datetime
import random
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from reporter import UNSURE, Reporter
from truth import LEAK, PASS, UNACCUSED, case

from redactfuzz import Race, literal, raw

codecs.lookup("rot13")  # loaded here, not in an execution

# -- what goes by the form of a secret


def known_by_its_form(race: Race, text: str, form: str, beside: Callable[[str], Any]) -> None:
    """A literal that the redactor knows by a pattern."""
    key = race.canary("key", literal(text)).text
    pattern = re.compile(form)
    redact = race.redactor(lambda said: pattern.sub("[key]", said))
    race.thread(lambda: None)
    race.crash(lambda: [redact(f"using {key}"), beside(key)])


@case("1.5", frozenset({"PROVED"}), "do not depend on them")
def a_key_with_words_in_front(race: Race) -> None:
    """Other values keep the words that the redactor goes by."""
    known_by_its_form(race, "sk_live_4eC39HqLyjWDarjtT1zdp7dc", r"sk_live_\w+", len)


@case("1.5", LEAK, "unknown encoding")
def a_key_with_words_in_front_and_its_codes(race: Race) -> None:
    """The same, and the key in another form beside it."""
    known_by_its_form(race, "sk_live_4eC39HqLyjWDarjtT1zdp7dc", r"sk_live_\w+", lambda key: [ord(c) * 3 for c in key])


@case("1.5", frozenset({"NO_LEAK_FOUND"}), "knows 'key' by its form")
def a_key_with_letters_in_front(race: Race) -> None:
    """Other values are left as they are: that is no dependence, and nothing could be compared."""
    known_by_its_form(race, "AKIAQ7XN2PLM9RT4WZKB", r"AKIA[A-Z0-9]{16}", len)


# -- what may differ


@case("1.3", PASS, "do not depend on them")
def its_length(race: Race) -> None:
    """Stars, as many as the secret has characters."""
    Reporter(race, lambda key: "*" * len(key.text))


@case("1.3", PASS, "do not depend on them")
def times_and_numbers_by_chance(race: Race) -> None:
    """Times, random numbers and identifiers."""
    Reporter(race, lambda key: [time.time(), str(datetime.datetime.now()), str(uuid.uuid4()), random.random()])


@case("1.3", PASS, "do not depend on them")
def addresses(race: Race) -> None:
    """Addresses of objects, and the numbers of threads."""
    Reporter(race, lambda key: [repr(object()), id(key.text), threading.get_ident(), threading.get_native_id()])


@case("1.3", PASS)
def names_of_threads(race: Race) -> None:
    """What is alive at the moment of the crash."""
    Reporter(race, lambda key: [thread.name for thread in threading.enumerate()])


@case("1.3", PASS)
def an_allowed_canary(race: Race) -> None:
    """A dump whose canary is in legitimate use may depend on it."""
    key, other = race.canary("key"), race.canary("other")
    redact = race.redactor(lambda text: "[redacted]")
    key.allow()

    def work() -> None:
        race.dump({"used": [ord(char) * 2 for char in key.text], "text": redact(other.text)})
        key.forbid()
        race.dump({"text": redact(f"{key.text} and {other.text}")})

    race.thread(work)


@case("1.3", UNACCUSED)
def another_way_under_another_value(race: Race) -> None:
    """The code goes another way for each character: the schedule may not be followed."""
    key = race.canary("key")
    state = {"token": key.text}
    redact = race.redactor(lambda fields: {**fields, "token": "[redacted]"})

    def strides(text: str) -> Iterator[int]:
        for char in text:
            if char.isdigit():
                yield int(char)

    def work() -> None:
        for stride in strides(key.text):
            for _ in range(stride):
                state["count"] = "one more"

    race.thread(work)
    race.crash(lambda: redact(dict(state)))


def _declared(race: Race, compute: Callable[[Any], str], kind: Any = None) -> None:
    def beside(key: Any) -> str:
        key.allow_derived(compute)
        return compute(key.value)

    Reporter(race, beside, kind)


@case("1.2", UNSURE, "another form of it", executions=60)
def the_secret_itself_declared(race: Race) -> None:
    """What a callable computes, declared as harmless, is the secret with its letters rotated."""
    _declared(race, lambda value: f"x {codecs.encode(value, 'rot13')}!")


@case("1.2", UNSURE, "another form of it", executions=60)
def half_of_the_secret_declared(race: Race) -> None:
    """Every second character, each as a number."""
    _declared(race, lambda value: "-".join(str(ord(char)) for char in value[::2]))


@case("1.2", UNSURE, "another form of it", executions=60)
def a_masked_key_declared(race: Race) -> None:
    """The bytes of a key under a mask that never changes."""
    _declared(race, lambda value: bytes(byte ^ 0x3C for byte in value).hex(), raw(16))


@case("1.2", frozenset({"PROVED"}), "what four_and_length computes of 'key'", executions=1_500)
def a_few_characters_declared(race: Race) -> None:
    """The last four characters and the length, declared and told to be."""

    def four_and_length(value: str) -> str:
        return f"{len(value)}:{value[-4:]}"

    _declared(race, four_and_length)
