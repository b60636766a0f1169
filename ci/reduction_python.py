"""Partial order reduction of scenarios in Python: how many executions it takes, and what it finds in the targets.

Writes docs/results/reduction_python.md. That nothing is lost is shown by ``ci/soundness.py``.
"""

from __future__ import annotations

import json
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests" / "runtime"), str(ROOT / "ci" / "bench")]

from counters import CLASSES, KINDS, counted  # noqa: E402
from shared import scenarios  # noqa: E402

PAGE = ROOT / "docs" / "results" / "reduction_python.md"
REDACTFUZZ = Path(sys.executable).with_name("redactfuzz")
SECONDS = 20


def reported(title: str, folder: str, *more: str) -> dict[str, Any]:
    """The line that ``redactfuzz run --strategy dpor --json`` prints."""
    command = [
        REDACTFUZZ,
        "run",
        ROOT / title,
        "--json",
        "--seed",
        "1",
        "--strategy",
        "dpor",
        "--seconds",
        str(SECONDS),
    ]
    limits = ["--executions", "10000000", "--after", "0", *more]
    done = subprocess.run([*map(str, command), *limits], cwd=folder, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    if len(lines) != 1:
        raise SystemExit(f"{title} printed {len(lines)} lines:\n{done.stderr[-2000:]}")
    report: dict[str, Any] = json.loads(lines[0])
    return report


def stage(report: dict[str, Any]) -> str:
    """What the certificate says of the reduction."""
    covered = (report.get("certificate") or {}).get("covered", ())
    return next((line.partition(": ")[2] for line in covered if line.startswith("one schedule of each class")), "")


def counters() -> Iterator[str]:
    """Threads that each add one to what they share."""
    yield "| threads | classes | " + " | ".join(KINDS) + " |"
    yield "|---" * (2 + len(KINDS)) + "|"
    for threads, classes in CLASSES.items():
        yield f"| {threads} | {classes} | " + " | ".join(str(counted(kind, threads)) for kind in KINDS) + " |"


def twins() -> Iterator[str]:
    """Each scenario of targets/python."""
    yield "| scenario | verdict | executions of the reduction |"
    yield "|---|---|---|"
    whole = fixed = leaks = vulnerable = 0
    with tempfile.TemporaryDirectory() as folder:
        for path, name in scenarios.everything():
            title = f"{path.relative_to(ROOT).as_posix()}::{name}"
            if not title.startswith("targets/python/"):
                continue
            report = reported(title, folder)
            seen = stage(report)
            if scenarios.vulnerable(title) and report["verdict"] != "LEAK":
                # This interpreter does not switch there: what it finds between instructions is finer than the build.
                report = reported(title, folder, "--granularity", "instructions")
                seen = f"{seen}; between instructions: {report['executions']}"
            if scenarios.vulnerable(title):
                vulnerable, leaks = vulnerable + 1, leaks + (report["verdict"] == "LEAK")
            else:
                fixed, whole = fixed + 1, whole + seen.startswith("all")
            shown = title.removeprefix("targets/python/")
            print(title, report["verdict"], seen, flush=True)
            yield f"| `{shown}` | {report['verdict']} | {seen or report['executions']} |"
    yield ""
    yield f"{leaks} of {vulnerable} vulnerable ones leak."
    yield f"Gone through to the end within {SECONDS} s: {whole} of {fixed} others."


def main() -> None:
    """Write the page, a part after the other."""
    text = ["# Partial order reduction of scenarios in Python", ""]
    text.append(f"By `ci/reduction_python.py`, `--strategy dpor`, Python {platform.python_version()}.")
    parts = {"Counts": counters(), "Targets": twins()}
    for title, lines in parts.items():
        text += ["", f"## {title}", "", *lines]
        PAGE.write_text("\n".join(text) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
