"""Scenarios that are replayed, here and in a process of their own: ``python replayed.py SCENARIO`` prints hashes."""

from __future__ import annotations

import base64
import pickle
import queue
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from redactfuzz import Race

MODULE_LOCK = threading.Lock()


def locked(race: Race) -> None:
    key = race.canary("key")
    box = {"a": key.text, "b": "kept"}

    def scrub() -> None:
        with MODULE_LOCK:
            box["a"] = "gone"
        box["b"] = "gone too"

    def use() -> None:
        for name in sorted(box):
            with MODULE_LOCK:
                len(box[name])

    race.thread(scrub)
    race.thread(use, name="one")
    race.thread(use, name="two")
    race.crash(lambda: dict(box))


def waiting(race: Race) -> None:
    items: queue.Queue[str] = queue.Queue()
    key = race.canary("key")

    def put() -> None:
        items.put(key.text)
        time.sleep(0.1)
        items.put("")

    def get() -> str:
        got = ""
        for _ in range(2):
            try:
                got += items.get(timeout=0.05)
            except queue.Empty:
                got += "-"
        return got

    race.main(get)
    race.thread(put)
    race.crash(lambda number, frame: sorted(items.queue), by="signal")


def executor(race: Race) -> None:
    key = race.canary("key")
    seen: list[str] = []

    def work() -> None:
        with ThreadPoolExecutor(2) as pool:
            for future in [pool.submit(seen.append, text) for text in (key.text, "other")]:
                future.result()

    race.thread(work)
    race.crash(lambda: list(seen))


def started_by_the_body(race: Race) -> None:
    key = race.canary("key")
    box = [""]
    race.crash(lambda: list(box))

    def use() -> None:
        box[0] = key.text
        len(box)
        box[0] = ""

    first, second = threading.Thread(target=use), threading.Thread(target=use)
    first.start()
    second.start()
    second.join()


def two_crashes(race: Race) -> None:
    key = race.canary("key")
    box = [key.text]

    def handler(*_: object) -> list[str]:
        shown = list(box)
        box.clear()
        return shown

    race.main(lambda: [int("1") for _ in range(3)])
    race.thread(lambda: box.append("more"), name="appends")
    race.crash(handler, by="watchdog", name="first")
    race.crash(handler, by="signal", name="second")


SCENARIOS: dict[str, Callable[[Race], None]] = {
    "locked": locked,
    "waiting": waiting,
    "executor": executor,
    "started by the body": started_by_the_body,
    "two_crashes": two_crashes,
}


def main() -> None:
    """Reads (schedule, canary number) pairs, pickled as base64, from stdin."""
    from driving import run

    body = SCENARIOS[sys.argv[1]]
    for line in sys.stdin:
        schedule, number = pickle.loads(base64.b64decode(line))
        outcome = run(body, schedule=schedule, canary_number=number).only
        print(outcome.trace_hash, len(outcome.problems), sorted({leak.canary for leak in outcome.leaks}))


if __name__ == "__main__":
    main()
