"""Section 3: a thread that ends the process by a signal ends it; one that does no harm does none."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable

from truth import BUG, LEAK, PASS, case, program

from redactfuzz import Race


def _signals(race: Race, work: Callable[[], object]) -> None:
    key = race.canary("key").text
    redact = race.redactor(lambda text: text.replace(key, "[key]"), bypass=lambda text: text)
    race.thread(work)
    race.crash(lambda: redact(key))


@case("3.8", BUG, "process ended itself: signal.raise_signal(15)", executions=60)
def ended_by_a_signal_that_a_thread_raises(race: Race) -> None:
    """A thread raises SIGTERM, whose action is the default one."""

    def work() -> None:
        assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
        signal.raise_signal(signal.SIGTERM)

    _signals(race, work)


@case("3.8", BUG, "process ended itself", executions=60)
def ended_by_a_signal_to_the_thread(race: Race) -> None:
    """The same by the number of the thread."""
    _signals(race, lambda: signal.pthread_kill(threading.get_ident(), signal.SIGUSR2))


@case("3.8", BUG, "process ended itself", executions=60)
def ended_by_a_signal_to_the_process(race: Race) -> None:
    """The same by the number of the process."""
    _signals(race, lambda: os.kill(os.getpid(), signal.SIGUSR1))


@case("3.8", PASS, executions=60)
def signals_that_end_nothing(race: Race) -> None:
    """Signals whose default action is none, or which are ignored, and a look whether a process is there."""

    def work() -> None:
        signal.raise_signal(signal.SIGWINCH)
        signal.raise_signal(signal.SIGPIPE)
        os.kill(os.getpid(), 0)

    _signals(race, work)


for _name, _expected, _flags in (("kept", LEAK, ("-DKEEPS",)), ("wiped", PASS, ())):
    program(
        "5.3",
        f"signals_that_queue_{_name}",
        _expected,
        "A real-time signal comes as often as it was sent, and a handler learns from whom: a program relies on it.",
        file="signals_kept.c",
        flags=_flags,
        explored={"executions": 500},
    )
