"""Line 2.2: every clock shows one date, below Python; what is not reached rules out a proof."""

from __future__ import annotations

import asyncio
import ctypes
import datetime
import os
import resource
import select
import sqlite3
import threading
import time
from collections.abc import Callable

from truth import LEAK, PASS, case

from redactfuzz import Race

_BASE = sqlite3.connect(":memory:", check_same_thread=False)
_PYTHON = ctypes.PyDLL(None)
_FOREIGN = ctypes.CDLL(None)


def _dumped(race: Race, tell: Callable[[], bool]) -> None:
    """The secret is in the dump where ``tell`` says so, and masked otherwise."""
    key = race.canary("key")
    mask = race.redactor(lambda text: "[key]")
    race.thread(lambda: race.dump(key.text if tell() else mask(key.text)))


def _dates() -> list[float]:
    """Today, by everybody who knows it."""
    ((by_base,),) = _BASE.execute("select strftime('%s', 'now')").fetchall()
    return [
        time.time(),
        time.time_ns() / 1e9,
        time.clock_gettime(time.CLOCK_REALTIME),
        time.mktime(time.localtime()),
        datetime.datetime.now(datetime.timezone.utc).timestamp(),  # noqa: UP017
        datetime.datetime.now().timestamp(),
        float(by_base),
        _FOREIGN.time(None),
        _PYTHON.time(None),
    ]


@case("2.2", LEAK, executions=20)
def one_date_for_all(race: Race) -> None:
    """Nine ways to ask for today agree within a second, one that stands: then it leaks."""
    dates = _dates()
    _dumped(race, lambda: max(found := _dates()) - min(found) <= 1 and abs(found[0] - dates[0]) < 60)


@case("2.2", PASS, executions=20)
def no_date_is_another(race: Race) -> None:
    """The right twin: it would leak if two of them were a minute apart."""
    _dumped(race, lambda: max(found := _dates()) - min(found) > 60)


@case("2.2", LEAK, executions=20)
def uptimes_agree(race: Race) -> None:
    """The clocks that only go forward, asyncio's among them, agree, and times of the processor are short."""

    def tell() -> bool:
        loop = asyncio.new_event_loop()
        uptimes = [time.monotonic(), time.perf_counter(), time.clock_gettime(time.CLOCK_BOOTTIME), loop.time()]
        uptimes.append(os.times().elapsed)
        loop.close()
        used = [time.process_time(), time.thread_time(), resource.getrusage(resource.RUSAGE_SELF).ru_utime]
        return max(uptimes) - min(uptimes) < 1 and max(used) < 0.1

    _dumped(race, tell)


@case("2.2", LEAK, executions=20)
def waiting_takes_its_time_and_none(race: Race) -> None:
    """Sleeps and deadlines of Python and of C, 400 s in all, pass in virtual time, and in no real time."""
    ready = threading.Condition()

    def tell() -> bool:
        began = time.monotonic()
        time.sleep(100)
        with ready:
            ready.wait_for(lambda: False, 100)
        select.select([], [], [], 100)
        _FOREIGN.usleep(100_000_000)
        return 399.9 < time.monotonic() - began < 401

    _dumped(race, tell)


@case("2.2", LEAK, executions=200)
def an_expiry_by_datetime(race: Race) -> None:
    """A grace period by datetime.now ends while the thread sleeps: what is said afterwards is not masked."""
    key = race.canary("key")
    mask = race.redactor(lambda text: "[key]")
    end = datetime.datetime.now() + datetime.timedelta(seconds=30)

    def work() -> None:
        time.sleep(60)
        over = datetime.datetime.now() > end
        race.dump(key.text if over else mask(key.text))

    race.thread(work)


@case("2.2", PASS, executions=200)
def no_expiry_by_datetime(race: Race) -> None:
    """The right twin: it sleeps for less."""
    key = race.canary("key")
    mask = race.redactor(lambda text: "[key]")
    end = datetime.datetime.now() + datetime.timedelta(seconds=30)

    def work() -> None:
        time.sleep(6)
        over = datetime.datetime.now() > end
        race.dump(key.text if over else mask(key.text))

    race.thread(work)
