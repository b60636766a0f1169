"""Line 3.4: many threads, descriptors left open, texts that are new in each execution, signal handlers."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from truth import BUG, LEAK, PASS, UNACCUSED, case

from redactfuzz import Race


@contextlib.contextmanager
def _few_descriptors() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 1024), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _planted(race: Race) -> Any:
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    race.crash(lambda: mask(f"died with {key.text}"))
    return key, mask


@case("3.4", UNACCUSED, executions=30)
def seventy_threads(race: Race) -> None:
    """Seventy threads are as deterministic as seven."""
    key, mask = _planted(race)
    for number in range(70):
        race.thread(lambda: mask(key.text), name=f"worker {number}")


@case("3.4", LEAK, executions=300)
def seventy_threads_of_which_one_leaks(race: Race) -> None:
    """The leak of one of seventy threads is found, and its schedule replays."""
    key, mask = _planted(race)
    box = [""]

    def works() -> None:
        box[0] = key.text
        box[0] = mask(key.text)

    for number in range(69):
        race.thread(lambda: None, name=f"worker {number}")
    race.thread(works)
    race.crash(lambda: list(box), name="second")


@case("3.4", PASS, executions=200)
def descriptors_are_left_open(race: Race) -> None:
    """Each execution leaves forty descriptors open; hundreds of them would leave none."""
    _planted(race)
    race.enter(_few_descriptors())
    race.thread(lambda: [os.open(os.devnull, os.O_RDONLY) for _ in range(40)])


@case("3.4", BUG, "FileNotFoundError")
def an_exception_that_names_the_folder_of_the_execution(race: Race) -> None:
    """The text of the exception holds race.tmp_path, which is another in each execution: it is the same bug."""
    _planted(race)
    missing = race.tmp_path / "missing.txt"
    race.thread(lambda: missing.read_text())


@case("3.4", BUG, "KeyError")
def an_exception_that_names_an_address(race: Race) -> None:
    """The text of the exception holds the address of an object and the name of a temporary file."""
    _planted(race)

    def works() -> None:
        folder = tempfile.mkdtemp()
        Path(folder).rmdir()
        raise KeyError(folder, object(), threading.get_ident())

    race.thread(works)


_REFUSED = frozenset({"INCONCLUSIVE"})


def _sends() -> None:
    if callable(signal.getsignal(signal.SIGUSR1)):
        os.kill(os.getpid(), signal.SIGUSR1)


def _set_and(race: Race, work: Callable[[], object], beside: Callable[[], object] = int) -> None:
    key, shown = race.canary("key").text, list[str]()
    scrub = race.redactor(lambda text: text.replace(key, "[key]"))

    def handler(number: int, frame: object) -> None:
        race.dump("".join(shown))

    def main() -> None:
        assert signal.signal(signal.SIGUSR1, handler) == signal.SIG_DFL
        assert signal.getsignal(signal.SIGUSR1) is handler
        shown.append(key)
        work()
        shown[0] = scrub(shown[0])
        signal.raise_signal(signal.SIGUSR1)
        assert signal.signal(signal.SIGUSR1, signal.SIG_DFL) is handler

    race.main(main)
    race.thread(beside)
    race.crash(lambda: scrub("".join(shown)))


@case("3.4", PASS - {"PROVED"}, "set at truth_limits.py")
def a_signal_handler_that_the_main_thread_sets(race: Race) -> None:
    """It is called where the main thread raises the signal, and the note says that nobody else does."""
    _set_and(race, int)


@case("3.4", LEAK)
def a_signal_handler_that_shows_what_is_not_masked_yet(race: Race) -> None:
    """The same, raised before."""
    _set_and(race, _sends)


@case("3.4", _REFUSED, 'by="signal"')
def a_signal_handler_and_another_thread_that_sends(race: Race) -> None:
    """It would come anywhere in the main thread: that is said, and what to do."""
    _set_and(race, int, _sends)


@case("3.4", _REFUSED, "comes in real time")
def a_signal_handler_for_an_alarm(race: Race) -> None:
    """Real time would send it."""
    _set_and(race, lambda: signal.signal(signal.SIGALRM, signal.SIG_IGN))


@case("3.4", BUG, "signal only works in main thread")
def a_signal_handler_that_another_thread_sets(race: Race) -> None:
    """In another thread it is a bug of the program."""
    _planted(race)
    race.thread(lambda: signal.signal(signal.SIGUSR1, signal.SIG_IGN))
