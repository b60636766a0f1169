"""Line 3.1: a lock that dies while it is held, and what is born at its address; sets in the order of addresses."""

from __future__ import annotations

import threading
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, as_completed, wait
from queue import Queue, SimpleQueue
from typing import Any

from truth import BUG, LEAK, PASS, case

from redactfuzz import Race


def _planted(race: Race) -> Any:
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    race.crash(lambda: mask(f"died with {key.text}"))
    return key, mask


@case("3.1", PASS)
def an_rlock_born_where_a_held_lock_died(race: Race) -> None:
    """Each thread leaves a held lock behind and makes an RLock at its address, which another thread takes as well."""
    _planted(race)
    shared: list[Any] = []

    def makes() -> None:
        for _ in range(3):
            lock = threading.Lock()
            lock.acquire()
            del lock
            born = threading.RLock()
            with born, born:
                pass
            shared.append(born)

    def takes() -> None:
        for lock in list(shared):
            with lock:
                pass

    race.thread(makes)
    race.thread(takes)


@case("3.1", PASS)
def locks_made_after_waits_for_an_event(race: Race) -> None:
    """Event.wait leaves a lock behind that died while it was held; RLocks and conditions are made after it."""
    _planted(race)
    ready = threading.Event()
    born: list[Any] = []

    def waits() -> None:
        ready.wait()
        born.extend([threading.RLock() for _ in range(4)])
        for lock in born:
            with lock:
                pass

    def sets() -> None:
        ready.set()
        for lock in list(born):
            with lock:
                pass

    race.thread(waits)
    race.thread(waits, name="second")
    race.thread(sets)


@case("3.1", PASS)
def a_nested_rlock_given_up_by_a_condition(race: Race) -> None:
    """Condition.wait gives an RLock up that was taken twice, and takes it as often."""
    _planted(race)
    changed = threading.Condition(threading.RLock())
    state = {"up": False}

    def waits() -> None:
        with changed, changed:
            while not state["up"]:
                changed.wait()

    def sets() -> None:
        with changed:
            state["up"] = True
            changed.notify_all()

    race.thread(waits)
    race.thread(sets)


@case("3.1", BUG, "deadlock")
def an_rlock_taken_twice_and_given_up_once(race: Race) -> None:
    """It is held still: whoever waits for it waits for ever."""
    _planted(race)
    lock = threading.RLock()

    def keeps() -> None:
        lock.acquire()
        lock.acquire()
        lock.release()

    def wants() -> None:
        with lock:
            pass

    race.thread(keeps)
    race.thread(wants)


@case("3.1", BUG, "deadlock")
def two_locks_in_two_orders(race: Race) -> None:
    """A true deadlock, of locks made where held ones died."""
    _planted(race)
    for _ in range(8):
        threading.Lock().acquire()
    one, other = threading.RLock(), threading.RLock()

    def first() -> None:
        with one, other:
            pass

    def second() -> None:
        with other, one:
            pass

    race.thread(first)
    race.thread(second)


@case("3.1", PASS)
def two_futures_as_completed(race: Race) -> None:
    """as_completed takes the locks of its futures in the order of their addresses."""
    key, mask = _planted(race)

    def works() -> None:
        with ThreadPoolExecutor(2) as pool:
            futures = [pool.submit(mask, f"{number} {key.text}") for number in range(2)]
            race.dump([future.result() for future in as_completed(futures)])

    race.thread(works)


@case("3.1", PASS)
def futures_in_sets_and_dicts(race: Race) -> None:
    """Sets of futures are gone through in an order that does not follow from addresses."""
    key, mask = _planted(race)

    def works() -> None:
        with ThreadPoolExecutor(2) as pool:
            waiting = {pool.submit(mask, f"{number} {key.text}") for number in range(3)}
            while waiting:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    race.dump(future.result())

    race.thread(works)


@case("3.1", LEAK)
def a_future_that_leaks(race: Race) -> None:
    """The same with a result that is dumped before it is masked."""
    key, mask = _planted(race)
    results: dict[int, str] = {}

    def handle(number: int) -> None:
        results[number] = key.text
        results[number] = mask(results[number])

    def works() -> None:
        with ThreadPoolExecutor(2) as pool:
            for future in as_completed([pool.submit(handle, number) for number in range(2)]):
                future.result()

    race.thread(works)
    race.crash(lambda: dict(results), name="second")


@case("3.1", PASS)
def threads_joined_out_of_a_set(race: Race) -> None:
    """Threads in a set are started and joined in the set's order."""
    key, mask = _planted(race)

    def works() -> None:
        threads = {threading.Thread(target=lambda: race.dump(mask(key.text))) for _ in range(3)}
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    race.thread(works)


@case("3.1", PASS)
def queues_that_come_and_go(race: Race) -> None:
    """Queues are made and freed where locks were, and hand items from one thread to the other."""
    key, mask = _planted(race)
    handed: SimpleQueue[Any] = SimpleQueue()

    def gives() -> None:
        for _ in range(2):
            queue: Queue[str] = Queue()
            handed.put(queue)
            queue.put(mask(key.text))
            del queue

    def takes() -> None:
        for _ in range(2):
            race.dump(handed.get().get())

    race.thread(gives)
    race.thread(takes)
