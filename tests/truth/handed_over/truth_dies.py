"""Line 1.8 of issue 12: that a process really dies hides no leak in what it had shown before."""

from __future__ import annotations

import ctypes
import os
import signal
from collections.abc import Callable

from truth import BUG, LEAK, case

from redactfuzz import Race


def _to_a_file(race: Race, text: str) -> None:
    path = race.tmp_path / "report.txt"
    path.write_text(text)
    race.dump(path)


def _as_json(race: Race, text: str) -> None:
    race.dump({"held": [text, b"more"], "of": None})


WAYS: dict[str, Callable[[Race, str], object]] = {
    "a_dump": lambda race, text: race.dump(text),
    "json": _as_json,
    "a_file": _to_a_file,
    "stderr": lambda race, text: os.write(2, text.encode()),
    "the_sink": lambda race, text: race.sink.write(text),
}
DEATHS: dict[str, Callable[[], object]] = {
    "a_fault": lambda: ctypes.string_at(0),
    "libc": lambda: ctypes.CDLL(None)._exit(3),
    "sigkill": lambda: ctypes.CDLL(None)["raise"](signal.SIGKILL),
}


def _dies(way: Callable[[Race, str], object], death: Callable[[], object], *, masked: bool) -> Callable[[Race], None]:
    def body(race: Race) -> None:
        key = race.canary("key")
        mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
        state = {"text": mask(key.text)}

        def work() -> None:
            state["text"] = "[key]" if masked else key.text
            state["text"] = mask(state["text"])

        def handler() -> None:
            way(race, f"{state['text']} of {mask(key.text)}")
            death()

        race.thread(work)
        race.crash(handler)

    return body


KINDS = [(way, "a_fault") for way in WAYS] + [("a_dump", "libc"), ("a_dump", "sigkill")]
for way, death in KINDS:
    bad, good = (_dies(WAYS[way], DEATHS[death], masked=masked) for masked in (False, True))
    bad.__name__, good.__name__ = f"a_leak_in_{way}_before_{death}", f"nothing_in_{way}_before_{death}"
    bad.__doc__ = f"A crash handler leaves a window in {way.replace('_', ' ')}; then {death} ends its process for good."
    good.__doc__ = f"A crash handler leaves what is masked in {way.replace('_', ' ')}; then {death} ends its process."
    case("1.8", LEAK, "also seen", executions=8, isolation="process")(bad)
    case("1.8", BUG, executions=4, isolation="process")(good)


@case("1.8", BUG, executions=4, isolation="process")
def in_use_when_its_process_dies(race: Race) -> None:
    """The handler dumps a key that it may, forbids it, dumps what is masked, and its process dies."""
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))

    def handler() -> None:
        key.allow()
        race.dump(key.text)
        os.write(1, key.bytes)
        key.forbid()
        race.dump(mask(key.text))
        ctypes.string_at(0)

    race.crash(handler)


@case("1.8", LEAK, executions=4, isolation="process")
def no_longer_in_use_when_its_process_dies(race: Race) -> None:
    """The same, and the key is written once more when it is forbidden."""
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))

    def handler() -> None:
        key.allow()
        race.dump(key.text)
        key.forbid()
        race.dump(mask(key.text))
        os.write(1, key.bytes)
        ctypes.string_at(0)

    race.crash(handler)
