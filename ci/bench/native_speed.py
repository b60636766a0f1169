"""Executions a second of native programs, beside Relacy and a process for each; what an event and memory cost."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from shared import native_programs, record

from redactfuzz.model.schedule import Granularity

SHARED = Path(__file__).parent / "shared"
ROUNDS = 5
EXECUTIONS, FORKED = 1_000_000, 1_000
OF_RELACY, OR_ABOVE, TIMES_FORKED, FLAT = 0.6, 500_000, 50, 1.3
EVENTS = (10, 100, 1_000, 10_000, 100_000)
MEGABYTES = (1, 16, 128, 1_024)
MEMORY = (100_000, 10_000_000)


def built(folder: Path, *command: str | Path) -> Path:
    """What a compiler makes."""
    subprocess.run(command, check=True, cwd=folder)
    return folder


def rivals(folder: Path, name: str) -> dict[str, Callable[[], float]]:
    """The same program for Relacy, and with a process for each execution: executions a second."""
    built(
        folder,
        "g++",
        "-std=c++17",
        "-O2",
        "-DNDEBUG",
        "-w",
        SHARED / "native_relacy.cpp",
        "-o",
        folder / "native_relacy",
    )
    source, include = native_programs.PROGRAMS[f"{name}.c"], record.ROOT / "redactfuzz" / "native" / "include"
    flags = ("-std=gnu11", "-O2", "-DREDACTFUZZ_OFF")
    built(folder, "gcc", *flags, "-Dmain=program_main", f"-I{include}", "-c", source, "-o", folder / f"{name}.o")
    built(
        folder,
        "gcc",
        *flags,
        SHARED / "native_forked.c",
        folder / f"{name}.o",
        "-pthread",
        "-o",
        folder / f"f-{name}",
    )

    def ran(*command: str | Path) -> float:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
        return float(json.loads(done.stdout)["executions_per_s"])

    return {
        "Relacy, random scheduler": lambda: ran(folder / "native_relacy", name, str(EXECUTIONS)),
        "a forked process each": lambda: ran(folder / f"f-{name}", str(FORKED)),
    }


def against_rivals(name: str, crash: str) -> tuple[str, dict[str, Any]]:
    """All in turn, ``ROUNDS`` times over."""
    with tempfile.TemporaryDirectory() as folder, native_programs.Measured(f"{name}.c", crash=crash) as ours:
        tools: dict[str, Callable[[], float]] = {
            "redactfuzz, random": lambda: ours.rate(EXECUTIONS, Granularity.INSTRUCTIONS),
            **rivals(Path(folder), name),
        }
        rates: dict[str, list[float]] = {tool: [] for tool in tools}
        for _ in range(ROUNDS):
            for tool, measure in tools.items():
                rates[tool].append(measure())
        events = ours.steps
    medians = {tool: median(values) for tool, values in rates.items()}
    mine, relacy, forked = medians.values()
    rows = [
        (tool, medians[tool], " ".join(f"{value:,.0f}" for value in rates[tool]), mine / medians[tool])
        for tool in tools
    ]
    least = min(OF_RELACY * relacy, OR_ABOVE)
    text = f"## {name}: {events:.0f} events an execution\n\n"
    text += record.table(("tool", "median executions/s", "each round", "redactfuzz is so many times faster"), rows)
    text += (
        f"\n\nThe aim is {OF_RELACY} times Relacy's rate or {OR_ABOVE:,}/s, whichever is lower ({least:,.0f}):"
        f" **{'met' if mine >= least else 'not met'}**; {TIMES_FORKED} times the forked rate:"
        f" **{'met' if mine >= TIMES_FORKED * forked else 'not met'}**."
    )
    return text, {"rates": rates, "events": events}


def flat(title: str, what: str, cells: list[tuple[Any, float]]) -> str:
    """A table whose last column tells how many times dearer than the cheapest each is."""
    least = min(cost for _, cost in cells)
    rows = [(size, cost, cost / least) for size, cost in cells]
    worst = max(cost for _, cost in cells) / least
    return (
        f"## {title}\n\n{record.table((what, 'nanoseconds', 'times the cheapest'), rows)}\n\n"
        f"Most to least: {worst:.2f}. The aim of {FLAT} is **{'met' if worst <= FLAT else 'not met'}**."
    )


def per_event() -> tuple[str, dict[str, Any]]:
    """Nanoseconds that an event more costs: executions of as many events are compared with those of twice as many."""
    cells = []
    for events in EVENTS:
        (few, least), (many, most) = long_run(events), long_run(2 * events)
        cells.append((events, (many - few) / (most - least) * 1e9))
    title = "An event more, what threads cost to start and to end left out"
    return flat(title, "stores of two threads together, and as many more", cells), {"events": cells}


def long_run(events: int) -> tuple[float, float]:
    """Seconds and steps of an execution."""
    with native_programs.Measured("long_run.c", f"-DEVENTS={events // 2}", crash="none") as program:
        executions = max(4_000_000 // (events + 10), 40)
        return 1 / max(program.rate(executions, Granularity.INSTRUCTIONS) for _ in range(5)), program.steps


def per_megabyte() -> tuple[str, dict[str, Any]]:
    """Nanoseconds an execution, with more and more memory beside it."""
    cells = []
    for size in MEGABYTES:
        with native_programs.Measured("much_memory.c", f"-DMEGABYTES={size}", crash="SIGSEGV") as program:
            cells.append((size, 1e9 / max(program.rate(300_000, Granularity.INSTRUCTIONS) for _ in range(3))))
    return flat("An execution beside memory that it does not touch", "MB", cells), {"megabytes": cells}


def memory() -> tuple[str, dict[str, Any]]:
    """Resident memory of the driver."""
    few, many = MEMORY
    with native_programs.Measured("key_rotation.c", crash="SIGSEGV") as program:
        began = time.monotonic()
        sizes = program.resident(few, many)
    grown = sizes[1] - sizes[0]
    text = f"## Memory\n\nResident memory of the driver after {few:,} executions of key_rotation: {sizes[0]:.1f} MB,"
    text += f" after {many:,}: {sizes[1]:.1f} MB ({time.monotonic() - began:.0f} s). That it stays flat is"
    text += f" **{'met' if grown < 1 else 'not met'}**."
    return text, {"resident": sizes}


def main() -> None:
    """One page of all."""
    parts = [
        against_rivals("counter", "none"),
        against_rivals("key_rotation", "SIGSEGV"),
        per_event(),
        per_megabyte(),
        memory(),
    ]
    text = (
        "\n\n".join(text for text, _ in parts)
        + "\n\nMedian of rounds, all tools in turn in each round; ours with every store a point, the crash at any of"
        " them, the process's memory and files searched for the canaries in every execution, and memory put back."
        " Relacy has no crash: there the handler is one more thread, and nothing is searched."
    )
    data = {name: value for _, part in parts for name, value in part.items()}
    record.save("native_speed", "Native programs: executions a second", text, data)


if __name__ == "__main__":
    main()
