"""Partial order reduction of programs: how many executions it takes, what it costs, and that nothing is lost.

``ci/reduction.py [PROGRAMS]``: so many programs are drawn for each kind of crash (default 150) and compared with every
schedule. Writes docs/results/reduction.md.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from redactfuzz import Report, explore, native

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests" / "native"), str(ROOT / "tests" / "native" / "reduced")]

from modelled import PROGRAMS  # noqa: E402
from test_exposure import Drawn, fields  # noqa: E402
from test_exposure import compared as exposures  # noqa: E402
from test_exposure import drawn as exposing  # noqa: E402
from test_reduction import MOST, compared  # noqa: E402

PAGE = ROOT / "docs" / "results" / "reduction.md"
SECONDS = 20.0
LIMIT = 2_000_000
CLASSES = {2: 4, 3: 36, 4: 576, 5: 14_400}
"""Of threads that each do t = x; x = t + 1: (n!)^2, as many as there are orders of their accesses."""


def stage(report: Report) -> str:
    """What the certificate says of the reduction."""
    lines = report.certificate.covered if report.certificate else ()
    return next((line.partition(": ")[2] for line in lines if line.startswith("one schedule of each class")), "")


def searched(source: Path, strategy: str, *flags: str, executions: int = LIMIT) -> tuple[Report, float]:
    """The report, and executions a second of its search as the campaign counts them."""
    body = native.scenario(source, flags=flags, crash="none" if flags else "SIGSEGV")
    started = time.monotonic()
    report = explore(body, strategy=strategy, seconds=SECONDS, executions=executions, seed=0)
    return report, report.executions / (time.monotonic() - started)


def counters() -> list[str]:
    rows = ["| threads | classes | executions |", "|---|---|---|"]
    for threads, classes in CLASSES.items():
        report, _ = searched(PROGRAMS["counter.c"], "dpor", f"-DN={threads}")
        rows.append(f"| {threads} | {classes:,} | {stage(report)} |")
    return rows


def speed() -> list[str]:
    """In turn, five times: one of five threads to its end, and a random walk of as many executions."""
    ratios = []
    for _ in range(5):
        _, reduced = searched(PROGRAMS["counter.c"], "dpor", "-DN=5")
        _, walked = searched(PROGRAMS["counter.c"], "random", "-DN=5", executions=CLASSES[5])
        ratios.append(reduced / walked)
    ratio = sorted(ratios)[2]
    return [f"Executions a second of a campaign, reduction to random walk, five threads: {ratio:.2f} (median of 5)."]


def twins() -> list[str]:
    rows = ["| target | vulnerable | fixed: executions of the reduction |", "|---|---|---|"]
    done = 0
    for folder in sorted((ROOT / "targets" / "native").iterdir()):
        pair = [next(iter(folder.glob(f"{twin}.c*")), None) for twin in ("vulnerable", "fixed")]
        if pair[0] is None or pair[1] is None:
            continue
        vulnerable, fixed = (searched(source, "dpor")[0] for source in pair if source)
        done += stage(fixed).startswith("all")
        rows.append(f"| `{folder.name}` | {vulnerable.verdict} | {fixed.verdict}: {stage(fixed)} |")
    return [*rows, "", f"Gone through to the end: {done} of {len(rows) - 2} fixed twins within {SECONDS:g} s."]


SHAPES = {
    "late": "redactor and reporter, the flag is set last",
    "early": "the same, the flag is set one field early",
    "two": "two redactors of half of the fields each",
    "private": "a redactor of one field, beside a thread with so many stores to what is its own",
}


def counts() -> list[str]:
    """Of programs of many fields that a core by the kernel would show."""
    rows = ["| program | 4 | 8 | 16 | 60 | 1,000 |", "|---|---|---|---|---|---|"]
    for shape, what in SHAPES.items():
        numbers = (4, 8, 16, 60, 1_000) if shape == "private" else (4, 8, 16, 60)
        cells = [str(len(fields(shape, number))) for number in numbers]
        rows.append(f"| {what} | {' | '.join([*cells, *['-'] * (5 - len(cells))])} |")
    return rows


def dumps(programs: int) -> list[str]:
    """Programs that do things with a key: what any crash of any schedule shows."""
    head = "| crash | compared | of these with leaks or bugs | executions of the reduction | of every schedule |"
    rows = [head, "|---|---|---|---|---|"]
    for crash in ("kill", "SIGSEGV"):
        found: list[Drawn] = [exposing(seed, crash) for seed in range(programs)]
        whole = [done for done in map(exposures, found) if done[0]]
        few, many = (sum(done[at] for done in whole) for at in (0, 1))
        leaking = sum(done[2] > 0 for done in whole)
        rows.append(f"| {crash} | {len(whole)} of {programs} | {leaking} | {few:,} | {many:,} |")
    return rows


def drawn(programs: int) -> list[str]:
    rows = ["| crash | compared | executions of the reduction | of every schedule |", "|---|---|---|---|"]
    for crash in ("none", "kill"):
        pairs = [compared(seed, crash) for seed in range(programs)]
        whole = [pair for pair in pairs if pair != (0, 0)]
        few, many = (sum(pair[at] for pair in whole) for at in (0, 1))
        rows.append(f"| {crash} | {len(whole)} of {programs} | {few:,} | {many:,} |")
    return rows


def main(programs: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        parts = {
            "Counts": counters(),
            "Fields and private stores": counts(),
            "Speed": speed(),
            "Targets": twins(),
            "Programs drawn by chance": [
                f"Each ended in the same ways under the reduction as under every schedule. Those of {MOST:,} and more",
                "schedules are left out.",
                "",
                *drawn(programs),
                "",
                "What leaked at any place, and what went wrong, was the same in these, which do something with a key:",
                "",
                *dumps(programs),
            ],
        }
    text = ["# Partial order reduction of programs", "", "By `ci/reduction.py`: `--strategy dpor`."]
    for title, lines in parts.items():
        text += ["", f"## {title}", "", *lines]
    PAGE.write_text("\n".join(text) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 150)
