"""Line 2.5: what a program sees of its own process is what it would see without the tool."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from typing import Any

from truth import LEAK, PASS, case

from redactfuzz import Race


def _where(holds: Callable[[], object]) -> Callable[[Race], None]:
    """What is dumped is masked, unless something holds that does in every plain run."""

    def body(race: Race) -> None:
        key = race.canary("key")
        mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
        race.thread(lambda: race.dump(key.text if holds() else mask(key.text)))
        race.crash(lambda: mask(key.text))

    return body


def _off_and_on() -> bool:
    before = gc.isenabled()
    gc.disable()
    off = gc.isenabled()
    gc.enable()
    return before and not off and gc.isenabled()


ALWAYS: dict[str, Callable[[], object]] = {
    "the_collector_is_on": gc.isenabled,
    "the_collector_is_turned_off_and_on": _off_and_on,
    "this_thread_is_alive_and_listed": lambda: threading.current_thread() in threading.enumerate(),
}

for name, holds in ALWAYS.items():
    leaks, right = _where(holds), _where(lambda holds=holds: not holds())
    leaks.__name__, right.__name__ = f"{name}_leaks", f"{name}_right"
    leaks.__doc__ = f"Where {name.replace('_', ' ')}, what is dumped is not masked."
    right.__doc__ = f"Unless {name.replace('_', ' ')}, what is dumped is not masked."
    case("2.5", LEAK, executions=20)(leaks)
    case("2.5", PASS, executions=20)(right)


def _arguments(race: Race, *, right: bool) -> None:
    """A reporter tells of each thread what it was given."""
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))

    def work(given: Any) -> None:
        mask(str(given))

    race.thread(work, "masked" if right else key.text)
    race.crash(lambda: [mask(key.text)] + [repr(vars(each).get("_args")) for each in threading.enumerate()])


@case("2.5", LEAK, executions=40)
def what_a_thread_was_given_is_in_its_object(race: Race) -> None:
    """The secret is an argument of a thread, and the report shows those."""
    _arguments(race, right=False)


@case("2.5", PASS, executions=40)
def what_a_thread_was_given_is_masked(race: Race) -> None:
    """The argument was masked before."""
    _arguments(race, right=True)
