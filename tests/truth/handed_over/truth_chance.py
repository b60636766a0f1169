"""Line 2.4: what is drawn by chance follows from the number of the execution; where it was drawn nothing is proved."""

from __future__ import annotations

import os
import random
import secrets
import tempfile
import uuid
from collections.abc import Callable

from truth import LEAK, NO_PROOF, PASS, case

from redactfuzz import Race

_EVERYTHING = {"strategy": "exhaustive", "granularity": "switches", "executions": 2_000}
_OF_THE_MODULE = random.Random()
PROVED = frozenset({"PROVED"})


def _leaks_when(race: Race, unlucky: Callable[[], object]) -> None:
    key = race.canary("key")
    mask = race.redactor(lambda text: "[key]")

    def report() -> None:
        race.dump(key.text if unlucky() else mask(key.text))

    race.thread(report)
    race.thread(lambda: None, name="other")


def _never_leaks(race: Race, draw: Callable[[], object]) -> None:
    key = race.canary("key")
    mask = race.redactor(lambda text: "[key]")

    def report() -> None:
        if draw():
            mask(key.text)
        race.dump(mask(key.text))

    race.thread(report)
    race.thread(lambda: None, name="other")


@case("2.4", LEAK)
def one_in_two(race: Race) -> None:
    """`random() < .5` guards the mask."""
    _leaks_when(race, lambda: random.random() < 0.5)


@case("2.4", LEAK, seed=1)
def one_in_two_by_another_seed(race: Race) -> None:
    """The same with another seed of the campaign."""
    _leaks_when(race, lambda: random.random() >= 0.5)


@case("2.4", LEAK)
def one_in_eight_by_the_system(race: Race) -> None:
    """A byte of os.urandom decides."""
    _leaks_when(race, lambda: os.urandom(1)[0] % 8 == 0)


@case("2.4", LEAK)
def an_identifier(race: Race) -> None:
    """Whether the id of an event is odd decides."""
    _leaks_when(race, lambda: uuid.uuid4().int & 1)


@case("2.4", LEAK)
def a_secret_coin(race: Race) -> None:
    """secrets.choice decides."""
    _leaks_when(race, lambda: secrets.choice([True, False, False]))


@case("2.4", LEAK)
def a_generator_of_its_own(race: Race) -> None:
    """A generator without a seed is made in the thread."""
    _leaks_when(race, lambda: random.Random().getrandbits(2) == 3)


@case("2.4", LEAK)
def a_generator_of_the_module(race: Race) -> None:
    """A generator that was made before the campaign: its state is carried over by nobody."""
    _leaks_when(race, lambda: _OF_THE_MODULE.shuffle(order := [1, 2, 3]) or order[0] == 2)


@case("2.4", LEAK)
def drawn_in_the_body(race: Race) -> None:
    """The scenario's body draws, before the threads run."""
    unlucky = random.randrange(4) == 1
    _leaks_when(race, lambda: unlucky)


@case("2.4", NO_PROOF, says="chance", **_EVERYTHING)
def one_in_a_billion(race: Race) -> None:
    """What hardly ever comes out is not found, and nothing is proved of it."""
    _leaks_when(race, lambda: random.random() < 1e-9)


@case("2.4", PASS, says="chance", **_EVERYTHING)
def another_path_and_no_leak(race: Race) -> None:
    """Chance leads another way, and neither leaks: no proof, and nobody is accused."""
    _never_leaks(race, lambda: random.random() < 0.5)


@case("2.4", PASS, says="chance")
def a_rare_path_and_no_leak(race: Race) -> None:
    """The other way is rare, so that the search meets it late."""
    _never_leaks(race, lambda: random.randrange(40) == 0)


@case("2.4", PASS, says="chance")
def identifiers_and_files_and_no_leak(race: Race) -> None:
    """Ids, tokens and names of files are drawn, and lead nowhere else."""

    def draw() -> bool:
        with tempfile.TemporaryFile() as file:
            file.write(secrets.token_bytes(4))
        return bool(uuid.uuid4())

    _never_leaks(race, draw)


@case("2.4", PROVED, **_EVERYTHING)
def nothing_is_drawn(race: Race) -> None:
    """The same without a draw is proved as ever."""
    _never_leaks(race, lambda: len("text"))
