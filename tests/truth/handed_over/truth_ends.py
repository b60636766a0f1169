"""Line 2.4: handlers that end the process, limits that it sets itself, and logs of the system."""

from __future__ import annotations

import _thread
import logging
import os
import resource
import signal
import sys
import syslog
from collections.abc import Callable

from truth import BUG, LEAK, PASS, UNACCUSED, case

from redactfuzz import Race

ENDS: dict[str, Callable[[], object]] = {
    "exit": lambda: os._exit(1),
    "abort": os.abort,
    "a_signal": lambda: signal.raise_signal(signal.SIGABRT),
    "kill": lambda: os.kill(os.getpid(), signal.SIGTERM),
}


def _ended(end: Callable[[], object], by: str, *, masked: bool) -> Callable[[Race], None]:
    def body(race: Race) -> None:
        key = race.canary("key")
        mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
        state = {"text": mask(key.text)}

        def work() -> None:
            state["text"] = "[key]" if masked else key.text
            state["text"] = mask(state["text"])

        def handler(*args: object) -> None:
            race.dump(f"{state['text']} of {mask(key.text)}")
            end()

        race.thread(work)
        race.crash(handler, by=by)

    return body


for name, end in ENDS.items():
    for by in ("watchdog", "exception"):
        bad, good = _ended(end, by, masked=False), _ended(end, by, masked=True)
        bad.__name__, good.__name__ = f"a_leak_before_{name}_by_{by}", f"nothing_before_{name}_by_{by}"
        bad.__doc__ = f"A crash handler dumps a window, and ends the process by {name.replace('_', ' ')}."
        good.__doc__ = f"A crash handler dumps what is masked, and ends the process by {name.replace('_', ' ')}."
        case("2.4", LEAK, executions=200)(bad)
        case("2.4", PASS, executions=200)(good)


def _small_files(text: str) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    logging.warning("with %s", text)


def _few_descriptors(text: str) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (16, hard))
    print(text)


def _system_log(text: str) -> None:
    syslog.syslog(syslog.LOG_DEBUG, text)


WAYS: dict[str, Callable[[str], None]] = {
    "a_limit_of_files": _small_files,
    "a_limit_of_descriptors": _few_descriptors,
    "the_log_of_the_system": _system_log,
}


def _told(way: Callable[[str], None], *, masked: bool) -> Callable[[Race], None]:
    def body(race: Race) -> None:
        key = race.canary("key")
        mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
        race.thread(lambda: way("fine" if masked else key.text))
        race.crash(lambda: mask(f"died with {key.text}"))

    return body


for name, way in WAYS.items():
    bad, good = _told(way, masked=False), _told(way, masked=True)
    bad.__name__, good.__name__ = f"the_secret_with_{name}", f"no_secret_with_{name}"
    bad.__doc__ = f"The secret is written with {name.replace('_', ' ')}."
    good.__doc__ = f"Something else is written with {name.replace('_', ' ')}."
    case("2.4", LEAK, executions=100)(bad)
    case("2.4", PASS, executions=100)(good)


@case("2.4", UNACCUSED, "tracer", executions=40)
def an_audit_hook_that_refuses_files(race: Race) -> None:
    """It could never be removed, so it is not there, which is said."""
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))

    def hook(event: str, args: object) -> None:
        if event == "open":
            raise PermissionError

    race.thread(lambda: sys.addaudithook(hook))
    race.crash(lambda: mask(f"died with {key.text}"))


INTERRUPTS: dict[str, Callable[[], object]] = {
    "a_signal": lambda: os.kill(os.getpid(), signal.SIGINT),
    "interrupt_main": _thread.interrupt_main,
}


def _interrupted(interrupt: Callable[[], object], *, right: bool) -> Callable[[Race], None]:
    def body(race: Race) -> None:
        key = race.canary("key")
        mask = race.redactor(lambda text: text.replace(key.text, "[key]"))

        def work() -> None:
            if not right:
                interrupt()

        race.thread(work)
        race.crash(lambda: mask(f"died with {key.text}"))

    return body


for name, interrupt in INTERRUPTS.items():
    bad, good = _interrupted(interrupt, right=False), _interrupted(interrupt, right=True)
    bad.__name__, good.__name__ = f"interrupted_by_{name}", f"not_interrupted_by_{name}"
    bad.__doc__ = f"A thread interrupts the process by {name.replace('_', ' ')}, which is no user at the terminal."
    good.__doc__ = "The same thread does not."
    case("2.4", BUG, executions=20)(bad)
    case("2.4", PASS, executions=20)(good)
