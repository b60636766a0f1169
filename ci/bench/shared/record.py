"""Results of a benchmark: printed, and kept under docs/results as Markdown and JSON with what they were measured on."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
RESULTS = ROOT / "docs" / "results"
LOAD = os.getloadavg()[0]
"""Before this benchmark added to it: with other work on the machine, figures of time mean little."""


QUIET = 0.5


def machine() -> dict[str, str]:
    """Processor, cores, system and interpreter; nothing that names this very machine."""
    cpu = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
        if line.startswith("model name"):
            cpu = line.partition(":")[2].strip()
            break
    return {
        "processor": cpu,
        "cores": str(len(os.sched_getaffinity(0))),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "redactfuzz": package("redactfuzz"),
        "load at the start": f"{LOAD:.1f}",
    }


def package(name: str) -> str:
    """The installed version of a package."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(shown(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def shown(cell: Any) -> str:
    """Numbers as a person writes them; None as a dash."""
    if cell is None:
        return "-"
    if isinstance(cell, float):
        return f"{cell:,.0f}" if abs(cell) >= 100 else f"{cell:.3g}"
    return f"{cell:,}" if isinstance(cell, int) and not isinstance(cell, bool) else str(cell)


def save(name: str, title: str, text: str, data: Mapping[str, Any]) -> None:
    """Print the result and write ``docs/results/NAME.md`` and ``NAME.json``."""
    on = machine()
    where = ", ".join(f"{key} {value}" for key, value in on.items())
    if LOAD > QUIET:
        text += "\n\n**The machine was busy with other work: read times and rates with care, and measure again.**"
    made = Path(sys.argv[0]).resolve().relative_to(ROOT).as_posix()
    page = f"# {title}\n\n{text.strip()}\n\nMade by `{made}` on: {where}.\n"
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"{name}.md").write_text(page, "utf-8")
    (RESULTS / f"{name}.json").write_text(json.dumps({"machine": on, **data}, indent=1) + "\n", "utf-8")
    print(page, flush=True)
