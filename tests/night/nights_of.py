"""Runs `redactfuzz fuzz` in a process and a folder of its own, and reads what it left."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import attrs

from redactfuzz.model.night import FindingMet, Life
from redactfuzz.night.journal import Night, nights, of_kind

COMMAND = Path(sys.executable).with_name("redactfuzz")
SECONDS = 300

RING = """
import os
import signal
import time
from redactfuzz import scenario


class Ring:
    def __init__(self, key):
        self.current, self.known = key, (key,)

    def use(self, key):
        self.current = key

    def know(self, key):
        self.known = (*self.known, key)

    def scrub(self, text):
        for key in self.known:
            text = text.replace(key, "[key]")
        return text


def stage(race, *steps):
    ring = Ring(race.canary("old key").text)
    scrub = race.redactor(ring.scrub)
    key = race.canary("new key").text

    def rotate():
        for step in steps:
            getattr(ring, step)(key)

    race.thread(rotate, name="rotate")
    race.crash(lambda: scrub("signs with " + ring.current))


@scenario
def rotates(race):
    stage(race, ORDER)


@scenario
def right(race):
    stage(race, "know", "use")
"""
LEAKS = RING.replace("ORDER", '"use", "know"')
FIXED = RING.replace("ORDER", '"know", "use"')


@attrs.frozen
class Ran:
    """What came of a night."""

    code: int
    said: str
    nights: list[Night]

    @property
    def lives(self) -> dict[str, Life]:
        """Of each finding of the last night what was said of it last, by the name of its scenario."""
        met = of_kind(self.nights[-1].events, FindingMet)
        return {each.title.rpartition("::")[2]: each.life for each in met}


def environment() -> dict[str, str]:
    """Without what the tests' own pytest has set."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV", "PYTHONHASH"))}


def fuzz(folder: Path, *words: object, rounds: int = 1, slice: str = "2s", out: str = "out") -> Ran:
    """A night in which each scenario has so many slices of two seconds, and as long as that takes."""
    command = [COMMAND, "fuzz", *words, "--rounds", rounds, "--slice", slice, "--out", out]
    done = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return Ran(done.returncode, done.stdout + done.stderr, nights(folder / out))


def write(folder: Path, text: str, name: str = "ring.py") -> str:
    """A file of scenarios; its name."""
    (folder / name).write_text(text, "utf-8")
    return name
