"""Line 3.2: what a program asks of the interpreter and the machine is answered as without this tool."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from truth import LEAK, PASS, case

from redactfuzz import Race

_PROCESSORS = os.sched_getaffinity(0)


def _untraced() -> bool:
    return sys.gettrace() is None


def _unmonitored() -> bool:
    monitoring = getattr(sys, "monitoring", None)
    return monitoring is None or not any(monitoring.get_tool(number) == "redactfuzz" for number in range(6))


def _all_processors() -> bool:
    return os.sched_getaffinity(0) == _PROCESSORS == os.sched_getaffinity(os.getpid())


def _asked_for_one() -> bool:
    one = {min(_PROCESSORS)}
    os.sched_setaffinity(0, one)
    return os.sched_getaffinity(0) == one


ASKED: dict[str, Callable[[], bool]] = {
    "untraced": _untraced,
    "unmonitored": _unmonitored,
    "on_all_processors": _all_processors,
    "on_the_processor_that_it_asked_for": _asked_for_one,
}


def _when(asked: Callable[[], bool], *, leaks: bool) -> Callable[[Race], None]:
    def body(race: Race) -> None:
        key = race.canary("key")
        mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
        race.thread(lambda: race.dump(key.text if asked() is leaks else "fine"))
        race.crash(lambda: mask(f"died with {key.text}"))

    return body


for name, asked in ASKED.items():
    bad, good = _when(asked, leaks=True), _when(asked, leaks=False)
    bad.__name__, good.__name__ = f"leaks_only_when_it_is_{name}", f"leaks_only_when_it_is_not_{name}"
    bad.__doc__ = f"The secret is dumped where the program is {name.replace('_', ' ')}: always, without the tool."
    good.__doc__ = f"The secret is dumped where the program does not see itself {name.replace('_', ' ')}: never."
    case("3.2", LEAK, executions=20)(bad)
    case("3.2", PASS, executions=20)(good)


def _pooled(race: Race, *, masked: bool) -> None:
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    state = {"text": ""}

    def store() -> None:
        state["text"] = "[key]" if masked else key.text
        state["text"] = mask(state["text"])

    def serve() -> None:
        with ThreadPoolExecutor((len(_PROCESSORS) > 1 and len(os.sched_getaffinity(0))) or 2) as pool:
            pool.submit(store)
            pool.submit(lambda: race.dump(state["text"]))

    race.thread(serve)
    race.crash(lambda: mask(f"died with {key.text}"))


@case("3.2", LEAK, executions=200)
def as_many_workers_as_processors(race: Race) -> None:
    """One of two workers masks in place what the other one dumps."""
    _pooled(race, masked=False)


@case("3.2", PASS, executions=60)
def as_many_right_workers_as_processors(race: Race) -> None:
    """The same workers, and a text that was masked before."""
    _pooled(race, masked=True)
