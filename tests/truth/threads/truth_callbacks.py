"""Lines 3.3 and 3.4: a redactor is copied as a function is, and a handler of signals is given a frame."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from types import FrameType

from truth import LEAK, PASS, case

from redactfuzz import Race


@dataclasses.dataclass
class _Settings:
    before_send: object


def _scrub(text: str) -> str:
    return text[:0] + "[scrubbed]"


def _copied(race: Race, *, calls: bool) -> None:
    key = race.canary("key")
    text = key.text
    mask = race.redactor(lambda value: value.replace(text, "[key]"))

    def works() -> None:
        kept = dataclasses.asdict(_Settings(mask))["before_send"]
        deep = copy.deepcopy([{"before_send": kept}])[0]["before_send"]
        assert copy.copy(mask) is kept is deep
        race.dump(deep(text) if calls else text)

    race.thread(works)
    race.crash(lambda: mask(text))


@case("3.4", PASS, executions=60)
def settings_that_hold_the_redactor_are_copied(race: Race) -> None:
    """Settings are made a dict, and copied deep, with the redactor in them."""
    _copied(race, calls=True)


@case("3.4", LEAK, executions=100)
def settings_are_copied_and_nothing_is_masked(race: Race) -> None:
    """The same, and the copy is not called."""
    _copied(race, calls=False)


@case("3.4", PASS, executions=60)
def a_redactor_is_pickled(race: Race) -> None:
    """By its name, as the function of a module is."""
    key = race.canary("key")
    text = key.text
    mask = race.redactor(_scrub)
    race.thread(lambda: race.dump([mask(text), pickle.loads(pickle.dumps(mask))(text)]))
    race.crash(lambda: mask(text))


def _signal(race: Race, *, masked: bool) -> None:
    key = race.canary("key")
    text = key.text
    mask = race.redactor(lambda value: value.replace(text, "[key]"))

    def handler(number: int, frame: FrameType) -> str:
        told = f"{number} {frame.f_code.co_name}:{frame.f_lineno} {sorted(frame.f_locals)} {text}"
        return mask(told) if masked else told

    race.main(lambda: race.dump(mask(text)))
    race.crash(handler, by="signal")


@case("3.4", PASS, executions=60)
def a_handler_of_signals_looks_at_its_frame(race: Race) -> None:
    """Also where the main thread has come to its end."""
    _signal(race, masked=True)


@case("3.4", LEAK, executions=100)
def a_handler_of_signals_does_not_mask(race: Race) -> None:
    """The same, not masked."""
    _signal(race, masked=False)
