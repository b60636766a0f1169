"""Line 3.2: what holds a secret comes to its end where it does, whether or not it is watched where the secret moves."""

from __future__ import annotations

import weakref

from truth import LEAK, PASS, case

from redactfuzz import Race


class _Buffer(bytearray):
    """One that can be referred to weakly."""


class _Wiped(bytearray):
    wiped = 0

    def __del__(self) -> None:
        self[:] = bytes(len(self))
        type(self).wiped += 1


def _registry(race: Race, *, dropped: bool) -> None:
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    live: weakref.WeakValueDictionary[str, _Buffer] = weakref.WeakValueDictionary()

    def works() -> None:
        buffer: _Buffer | None = _Buffer(key.size)
        key.write_into(buffer)
        live["key"] = buffer  # type: ignore[assignment]
        buffer = None if dropped else buffer
        for each in list(live.values()):
            race.dump(bytes(each))
        race.dump([len(live)])

    race.thread(works)
    race.crash(lambda: mask(key.text))


@case("3.2", PASS, executions=60)
def a_registry_of_live_buffers_that_is_empty(race: Race) -> None:
    """A buffer is let go before those that live are dumped."""
    _registry(race, dropped=True)


@case("3.2", LEAK, executions=60)
def a_registry_of_live_buffers_that_holds_one(race: Race) -> None:
    """The same, and it lives."""
    _registry(race, dropped=False)


@case("3.2", PASS, executions=60)
def a_buffer_with_a_finalizer_of_weakref(race: Race) -> None:
    """What is told to a pool when a buffer ends is told at once."""
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    pool = {"live": 0}

    def works() -> None:
        buffer = _Buffer(key.size)
        key.write_into(buffer)
        pool["live"] += 1
        weakref.finalize(buffer, pool.update, live=0)
        del buffer
        race.dump(key.text if pool["live"] else "none lives")

    race.thread(works)
    race.crash(lambda: mask(key.text))


def _wipes(race: Race, *, wiped: bool) -> None:
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))

    def works() -> None:
        before = _Wiped.wiped
        buffer: bytearray | None = _Wiped(key.size) if wiped else bytearray(key.size)
        key.write_into(buffer)
        buffer = None
        race.dump("wiped" if _Wiped.wiped > before else key.text)

    race.thread(works)
    race.crash(lambda: mask(key.text))


@case("3.2", PASS, executions=60)
def a_buffer_that_wipes_itself(race: Race) -> None:
    """Its __del__ runs when the last reference is gone."""
    _wipes(race, wiped=True)


@case("3.2", LEAK, executions=60)
def a_buffer_that_does_not_wipe_itself(race: Race) -> None:
    """A plain one has no finalizer."""
    _wipes(race, wiped=False)
