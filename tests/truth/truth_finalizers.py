"""Line 3.4: what is freed when a thread ends runs its finalizers there, where locks are waited for as elsewhere."""

from __future__ import annotations

import multiprocessing

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
