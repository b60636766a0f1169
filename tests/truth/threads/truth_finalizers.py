"""Line 3.4: what is freed when a thread ends runs its finalizers there, where locks are waited for as elsewhere."""

from __future__ import annotations

import multiprocessing
import weakref
from collections.abc import Callable
from typing import Any

from truth import LEAK, PASS, case

from redactfuzz import Race


def _through_a_queue(race: Race, *, masked: bool) -> None:
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    queue = multiprocessing.Queue()

    def put() -> None:
        queue.put(mask(key.text) if masked else key.text)

    def get() -> None:
        race.dump(queue.get())

    race.thread(put)
    race.thread(get)
    race.crash(lambda: mask(f"died with {key.text}"))


@case("3.4", PASS, executions=300)
def a_masked_text_through_a_queue_of_processes(race: Race) -> None:
    """A queue of multiprocessing has a thread of its own, and a finalizer that takes a lock of it."""
    _through_a_queue(race, masked=True)


@case("3.4", LEAK, executions=100)
def a_secret_through_a_queue_of_processes(race: Race) -> None:
    """The same queue, and what goes through it is not masked."""
    _through_a_queue(race, masked=False)


class Ring:
    """Holds itself: only the collector lets it go."""

    def __init__(self) -> None:
        self.me = self


class Telling(Ring):
    """Its finalizer hands over what it was given."""

    def __init__(self, tell: Callable[[str], Any], text: str) -> None:
        super().__init__()
        self.tell, self.text = tell, text

    def __del__(self) -> None:
        """Runs when the collector comes by."""
        self.tell(self.text)


def _tells(tell: Callable[[str], Any], text: str) -> None:
    Telling(tell, text)


def _calls_back(tell: Callable[[str], Any], text: str) -> Any:
    ring = Ring()
    return weakref.ref(ring, lambda _: tell(text))


def _finalizes(tell: Callable[[str], Any], text: str) -> None:
    weakref.finalize(Ring(), tell, text)


WAYS: dict[str, Callable[[Race, str], Any]] = {
    "a_finalizer_that_dumps": lambda race, text: _tells(race.dump, text),
    "a_finalizer_that_prints": lambda _, text: _tells(print, text),
    "a_weak_reference": lambda race, text: _calls_back(race.dump, text),
    "weakref_finalize": lambda race, text: _finalizes(race.dump, text),
}
SAYS = "finalizers of reference cycles"


def _in_a_thread(way: Callable[[Race, str], Any], *, masked: bool) -> Callable[[Race], None]:
    def body(race: Race) -> None:
        key = race.canary("key")
        mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
        kept: list[Any] = []
        race.thread(lambda: kept.append(way(race, mask(key.text) if masked else key.text)))
        race.crash(lambda: mask(f"died with {key.text} and {len(kept)}"))

    return body


for name, way in WAYS.items():
    bad, good = _in_a_thread(way, masked=False), _in_a_thread(way, masked=True)
    bad.__name__, good.__name__ = f"a_cycle_and_{name}_with_the_secret", f"a_cycle_and_{name}_with_a_mask"
    bad.__doc__ = f"A cycle of references is let go by the collector, and {name.replace('_', ' ')} has the secret."
    good.__doc__ = f"The same cycle is let go, and {name.replace('_', ' ')} has what is masked."
    case("3.4", LEAK, executions=60)(bad)
    case("3.4", PASS - {"PROVED"}, SAYS, executions=60)(good)


def _older(race: Race, *, masked: bool) -> None:
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    kept = [Telling(race.dump, mask(key.text) if masked else key.text)]
    race.thread(kept.clear)
    race.crash(lambda: mask(f"died with {key.text}"))


@case("3.4", LEAK, executions=60)
def a_cycle_with_the_secret_that_a_thread_lets_go(race: Race) -> None:
    """The collector came by, at the end of the body, when the cycle was still held."""
    _older(race, masked=False)


@case("3.4", PASS - {"PROVED"}, SAYS, executions=60)
def a_cycle_with_a_mask_that_a_thread_lets_go(race: Race) -> None:
    """The same with a mask in it."""
    _older(race, masked=True)


@case("3.4", PASS - {"PROVED"}, SAYS, strategy="exhaustive", granularity="switches", executions=400)
def what_unwound_threads_leave_is_of_no_execution(race: Race) -> None:
    """A cycle prints what an unwound thread has left in it: after the execution, and not in the next one."""
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))

    def work() -> None:
        ring = Telling(print, key.text)
        mask(key.text)
        ring.text = "fine"

    race.thread(work)
    race.crash(lambda: mask(f"died with {key.text}"), by="kill")


@case("3.4", frozenset({"PROVED"}), strategy="exhaustive", granularity="switches", executions=400)
def a_cycle_without_a_finalizer(race: Race) -> None:
    """What the collector lets go in silence leaves the proof as it is."""
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    race.thread(lambda: mask(str(Ring()) and key.text))
    race.crash(lambda: mask(f"died with {key.text}"))
