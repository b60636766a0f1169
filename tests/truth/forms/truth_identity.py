"""Section 3: what is the same in every execution of one run, and another one in the next, is named."""

from __future__ import annotations

import codecs
import logging
import os
import threading
from collections.abc import Callable

from truth import NO_PROOF, PASS, case

from redactfuzz import Race

codecs.lookup("rot13")  # loaded here, not in an execution


def _told_if(race: Race, holds: Callable[[], bool]) -> None:
    key = race.canary("key").text
    redact = race.redactor(lambda text: text.replace(key, "[key]"), bypass=lambda text: text + key)
    race.thread(lambda: None)
    race.crash(lambda: redact("x" + (codecs.encode(key, "rot13") if holds() else "y" * 32)))


@case("3.9", NO_PROOF, executions=100)
def by_the_number_of_the_process(race: Race) -> None:
    """The secret is told where the number of the process is a multiple of seven."""
    _told_if(race, lambda: os.getpid() % 7 == 0)


@case("3.9", NO_PROOF, executions=100)
def by_the_native_number_of_a_thread(race: Race) -> None:
    """The same, by the number that the kernel gave to the thread."""
    _told_if(race, lambda: threading.get_native_id() % 7 == 0)


@case("3.9", NO_PROOF, executions=100)
def by_the_number_of_a_thread(race: Race) -> None:
    """The same, by the number that is an address."""
    _told_if(race, lambda: threading.get_ident() >> 12 & 1023 == 7)


@case("3.9", frozenset({"PROVED"}), "addresses, host, environment", executions=400)
def by_nothing(race: Race) -> None:
    """Nothing of the kind is asked for: what was held fixed all the same is among the assumptions."""
    _told_if(race, lambda: False)


@case("3.9", PASS, executions=60)
def a_log_with_the_number_of_the_process(race: Race) -> None:
    """The standard library asks for the number of the process in each record of a log, which proves nothing less."""
    key = race.canary("key").text
    redact = race.redactor(lambda text: text.replace(key, "[key]"), bypass=lambda text: text)
    race.thread(lambda: logging.getLogger("truth").warning("started"))
    race.crash(lambda: redact(key))
