"""Runs `redactfuzz fuzz` in a process and a folder of its own, and reads what it left."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import attrs
from samples import RING

from redactfuzz.model.night import FindingMet, Life
from redactfuzz.night.journal import Night, nights, of_kind

COMMAND = Path(sys.executable).with_name("redactfuzz")
SECONDS = 300

SCENARIOS = """
import os
import signal
from redactfuzz import scenario


@scenario
def rotates(race):
    stage(race, "HOW")


@scenario
def right(race):
    stage(race, "rotate_safely")
"""
LEAKS = RING + SCENARIOS.replace("HOW", "rotate")
FIXED = RING + SCENARIOS.replace("HOW", "rotate_safely")


def by_proof(text: str) -> str:
    """The same scenarios, of which each has one strategy that comes to its end at once: no slice lasts to its limit.

    For tests that ask what a night makes of a proof or of a finding, and not what it does with its time.
    """
    assert "@scenario\n" in text
    return text.replace("@scenario\n", '@scenario(strategy="dpor")\n')




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
    """Without what the tests' own pytest, or who started it, has set: bytecode is kept, as it usually is."""
    others = ("PYTEST", "COV", "PYTHONHASH", "PYTHONDONTWRITEBYTECODE")
    return {name: value for name, value in os.environ.items() if not name.startswith(others)}


def fuzz(
    folder: Path,
    *words: object,
    rounds: int = 1,
    slice: str = "2s",
    out: str = "out",
    likelihood: bool = False,
    jobs: int = 1,
) -> Ran:
    """A night in which each scenario has so many slices of two seconds, and as long as that takes.

    ``likelihood``: new findings are measured, which takes seconds of each. ``jobs``: slices beside each other; of more
    than one, those of who is done go on being begun until the last one has had its own.
    """
    measures = "--likelihood" if likelihood else "--no-likelihood"
    options = ("--rounds", rounds, "--slice", slice, "--jobs", jobs, "--out", out, measures)
    command = [COMMAND, "fuzz", *words, *options]
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
