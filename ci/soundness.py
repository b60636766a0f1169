"""What partial order reduction loses of small programs drawn by chance: nothing, or it is named, and the page says so.

``ci/soundness.py [PROGRAMS [SCENARIOS]]``: so many model programs (default 20,000) are explored by the C core and by
brute force, and as many scenarios in Python and programs in C (default 300 each) by the reduction and under every
schedule. With each rule of the reduction taken away in turn the first of these programs must lose something. Writes
docs/results/soundness.md, a part after the other, in some 20 minutes; exits 1 where anything was lost.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import attrs

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [
    str(ROOT / "tests" / folder) for folder in ("unit/core", "runtime", "native", "native/campaigns", "native/reduced")
]

import drawn_threads  # noqa: E402
import test_exposure  # noqa: E402
import test_handlers_reduced  # noqa: E402
import test_reduction  # noqa: E402
from reduced import AIMING, CORE, KILLING, RULES, compiled, linked, mutated, sources  # noqa: E402

PAGE = ROOT / "docs" / "results" / "soundness.md"
MUTANTS = 1_500
"""Programs that a mutant is given, as in tests/unit/core/test_dpor.py."""
IN_PYTHON = 1_500
"""Schedules of a scenario in Python, beyond which another one is drawn."""
DRAWS = 8
"""So many times as many are drawn as are to be compared, at most."""


@attrs.define
class Tally:
    """What came of the programs of one kind."""

    compared: int = 0
    left_out: int = 0
    few: int = 0
    many: int = 0
    lost: list[str] = attrs.field(factory=list)

    def row(self, kind: str) -> str:
        cells = (self.compared, self.left_out, self.few, self.many, len(self.lost))
        return f"| {kind} | " + " | ".join(f"{cell:,}" for cell in cells) + " |"


CORE_TEXT = (
    "2 or 3 threads with variables, locks of both kinds, semaphores, conditions, branches, waits with a limit, and",
    "a crash of each kind, by `tests/unit/core/soundness/soundness.c`. Compared are final states, what a handler",
    "saw, and each state of each group of variables. Left out are those in which the reduction cuts something, and",
    "says so (yields, waits that end by their time), or has more than 1,000 classes: what was found of them must be",
    "right, and was.",
)
FOUND = (
    "Two outcomes in 20,000 programs were lost by the core as it was when this was first run: a crash that",
    "strikes a thread just before a step that nobody notices and that leads to a wait; and a thread that is",
    "ended by another one after a third woke it. Each is a rule with a mutant now. One in 300 programs in C",
    "had an outcome that every schedule had not: `snprintf` into an array of its own thread was no point, so",
    "the *enumeration* was too coarse.",
)
HEAD = (
    "| crash | compared | left out | executions of the reduction | of every schedule | lost |",
    "|---|---|---|---|---|---|",
)


def ran(program: Path, first: int, count: int) -> tuple[int, str]:
    done = subprocess.run([program, str(first), str(count)], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.strip()


def core(programs: int, lost: list[str]) -> Iterator[str]:
    """Model programs, in C; in a part of them threads end one another."""
    yield from CORE_TEXT
    yield ""
    yield "| programs | compared | left out | executions | ended asleep | states | lost |"
    yield "|---|---|---|---|---|---|---|"
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        objects = {source.name: compiled(CORE, source, folder) for source in sources()}
        whole = linked(objects.values(), folder)
        for what, first, count in (
            ("any", 0, programs // 2),
            ("threads end threads", KILLING, programs // 4),
            ("crashes aim, and others go on after a death", AIMING, programs // 4),
        ):
            status, text = ran(whole, first, count)
            if status != 0:
                lost.append(text)
                yield f"| {what} | - | - | - | - | - | {text.splitlines()[0] if text else f'status {status}'} |"
                continue
            _, executions, repeated, states, complete = map(int, re.findall(r"\d+", text))
            cells = (complete, count - complete, executions, repeated, states, 0)
            yield f"| {what} | " + " | ".join(f"{cell:,}" for cell in cells) + " |"
        caught = 0
        for rule, mutant in RULES.items():
            status, text = ran(mutated(mutant, objects, folder), mutant.first, MUTANTS)
            caught += status == 1
            if status != 1:
                lost.append(f"the mutant without '{rule}' loses nothing: {text}")
    yield ""
    yield f"Of {len(RULES)} mutants, each without one rule of the reduction, {caught} lose an outcome among"
    yield f"{MUTANTS:,} programs."


Compare = Callable[[int], tuple[int, ...]]


def tallied(compare: Compare, wanted: int, lost: list[str]) -> Tally:
    """Draws until so many were compared."""
    tally = Tally()
    for seed in range(DRAWS * wanted):
        if tally.compared == wanted:
            break
        try:
            few, many, *_ = compare(seed)
        except AssertionError as error:
            tally.compared += 1
            tally.lost.append(str(error))
            print(error, flush=True)
            continue
        tally.compared += (few, many) != (0, 0)
        tally.left_out += (few, many) == (0, 0)
        tally.few, tally.many = tally.few + few, tally.many + many
    lost += tally.lost
    return tally


def in_python(count: int, lost: list[str]) -> Iterator[str]:
    yield "By `tests/runtime/drawn_threads.py`. Compared are leaks, bugs and the text of the dumps. Left out are those"
    yield f"of {IN_PYTHON:,} schedules and more."
    yield ""
    yield from HEAD
    for crash in drawn_threads.CRASHES:
        compare = partial(drawn_threads.compared, crash=crash, most=IN_PYTHON)
        yield tallied(compare, count // len(drawn_threads.CRASHES), lost).row(crash)


def exposed(seed: int, crash: str) -> tuple[int, ...]:
    return test_exposure.compared(test_exposure.drawn(seed, crash))


def handled(seed: int, crash: str) -> tuple[int, ...]:
    return test_handlers_reduced.compared(test_handlers_reduced.drawn(seed, 2 if crash.endswith("twice") else 1))


def in_c(count: int, lost: list[str]) -> Iterator[str]:
    yield "By `drawn.c` (locks, conditions, semaphores, memory; compared is how they end and what leaks) and"
    yield "`exposed.c` (what is done with a key; compared is each place that leaks, and each bug), and `struck.c` (a"
    yield "handler that writes memory and files, and ends the process), of `tests/native`. Left out are those of"
    yield f"{test_reduction.MOST:,}, {test_exposure.MOST:,} and {test_handlers_reduced.MOST:,} schedules and more."
    yield ""
    yield from HEAD
    kinds: dict[str, Compare] = {
        f"{program}, {crash}": partial(compare, crash=crash)
        for program, compare, crashes in (
            ("drawn.c", test_reduction.compared, ("none", "kill")),
            ("exposed.c", exposed, ("kill", "SIGSEGV")),
            ("struck.c", handled, ("SIGSEGV", "SIGSEGV twice")),
        )
        for crash in crashes
    }
    for kind, compare in kinds.items():
        yield tallied(compare, count // len(kinds), lost).row(kind)


def main(programs: int, scenarios: int) -> int:
    """Write the page, a part after the other."""
    lost: list[str] = []
    text = ["# What partial order reduction loses", ""]
    text += ["By `ci/soundness.py`. An outcome that every schedule has and the reduction has not is a loss, so is one"]
    text += ["that the reduction alone has."]
    parts = {
        "Model programs by the C core, against brute force": core(programs, lost),
        "Programs in C, against every schedule": in_c(scenarios, lost),
        "Scenarios in Python, against every schedule": in_python(scenarios, lost),
    }
    for title, lines in parts.items():
        text += ["", f"## {title}", ""]
        for line in lines:
            print(line, flush=True)
            text.append(line)
            PAGE.write_text("\n".join(text) + "\n", encoding="utf-8")
    text += ["", "## What it has found", "", *FOUND]
    text += ["", f"Lost in all: {len(lost)}.", *("" if not lost else f"\n```\n{each}\n```" for each in lost)]
    PAGE.write_text("\n".join(text).rstrip() + "\n", encoding="utf-8")
    return bool(lost)


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:]]
    sys.exit(main(*(numbers + [20_000, 300][len(numbers) :])))
