"""Line 3.4: descriptors of ours are not there for a program that closes whatever is open, as daemons do."""

from __future__ import annotations

import contextlib
import os
import resource
from collections.abc import Callable

from truth import BUG, LEAK, PASS, case

from redactfuzz import Race


def close_range() -> None:
    """All numbers from 3 on."""
    os.closerange(3, 256)


def close_one_by_one() -> None:
    """The same as it was done before there was a call for it."""
    for number in range(3, min(512, resource.getrlimit(resource.RLIMIT_NOFILE)[0])):
        with contextlib.suppress(OSError):
            os.close(number)


def close_what_is_listed() -> None:
    """What the kernel lists."""
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208  (numbers, no paths)
        if int(name) > 2:
            with contextlib.suppress(OSError):
                os.close(int(name))


def daemonizes(close: Callable[[], None], *, right: bool) -> Callable[[Race], None]:
    """A thread that closes all, and one that dumps to stderr and to a file."""

    def body(race: Race) -> None:
        key = race.canary("key")
        shown: list[str] = []
        mask = race.redactor(lambda text: "[key]")

        def publish() -> None:
            if not right:
                shown[:] = [key.text]
            shown[:] = [str(mask(key.text))]

        race.thread(close)
        race.thread(publish)
        race.crash(lambda: " ".join(shown) + str(mask(key.text)))

    return body


for way in (close_range, close_one_by_one, close_what_is_listed):
    right, leaks = daemonizes(way, right=True), daemonizes(way, right=False)
    right.__name__, leaks.__name__ = f"{way.__name__}_right", f"{way.__name__}_leaks"
    right.__doc__ = f"A daemon begins ({way.__name__}) beside a thread that masks."
    leaks.__doc__ = f"A daemon begins ({way.__name__}) beside a thread that masks too late."
    case("3.4", PASS, executions=40)(right)
    case("3.4", LEAK, executions=100)(leaks)


@case("3.4", LEAK, executions=60)
def a_daemon_that_prints_a_key_after_it_has_closed_all(race: Race) -> None:
    """What is printed afterwards is still read."""
    key = race.canary("key")
    race.redactor(lambda text: "[key]")

    def work() -> None:
        os.closerange(3, 256)
        os.write(2, key.bytes)

    race.thread(work)


@case("3.4", BUG, executions=20)
def a_daemon_that_closes_what_it_still_writes_to(race: Race) -> None:
    """Its own descriptors are closed as ever: to write to one of them is a fault."""
    race.canary("key")
    reading, writing = os.pipe()

    def work() -> None:
        os.closerange(3, 256)
        os.write(writing, b"ready")

    race.thread(work)
    race.enter(contextlib.closing(os.fdopen(reading, closefd=False)))
