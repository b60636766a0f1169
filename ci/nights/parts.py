"""What it costs to share a space: executions of all parts beside those of the whole, and of the largest part.

Executions are counted, so that nothing depends on how fast the machine is. Prints and writes a page.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import attrs

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "ci" / "bench"))

from shared import record  # noqa: E402

PYTHON = ("write_skew", "dirty_publish", "teardown", "queued_raw", "drain_once")
NATIVE = ("nested_crash", "lock_skipped", "stale_region_list", "vector_registers", "mid_memset", "registry_eviction")
PARTS = (2, 4)
SECONDS = 30
COMMAND = Path(sys.executable).with_name("redactfuzz")


@attrs.frozen
class Searched:
    """What one search of a whole space, or a part of it, came to."""

    executions: int
    """Over all that has to be gone through."""
    known: str
    """Empty: it came to no end."""


def searched(target: str, part: str) -> Searched:
    """``part``: ``1/1`` for all of it."""
    words = ["run", target, "--strategy", "dpor", "--seconds", str(SECONDS), "--after", "0", "--part", part, "--json"]
    done = subprocess.run([COMMAND, *words], capture_output=True, text=True, check=False, cwd=ROOT)
    line = json.loads(done.stdout)
    told = [each.partition(": all, ")[2] for each in line["covered"] if each.startswith("one schedule of each class")]
    counts = [int(each.partition(" ")[0].replace(",", "")) for each in told if each]
    known = "all" if line["verdict"] == "PROVED" else (line.get("part") or {"known": ""})["known"]
    return Searched(sum(counts), known)


def row(target: str) -> list[str]:
    """Of one target."""
    whole = searched(target, "1/1")
    cells = [f"`{target.removeprefix('targets/')}`", f"{whole.executions:,}"]
    for of in PARTS:
        parts = [searched(target, f"{number}/{of}") for number in range(1, of + 1)]
        joined = all(each.known for each in parts) and len({each.known for each in parts}) == 1
        total, most = sum(each.executions for each in parts), max(each.executions for each in parts)
        said = f"{total / whole.executions:.2f}, {most / whole.executions:.2f}"
        cells.append(said if joined else f"not joined ({said})")
    return cells


def main() -> None:
    """Asks of each."""
    targets = [f"targets/python/{name}/scenario.py::fixed" for name in PYTHON]
    targets += [f"targets/native/{name}/fixed.c" for name in NATIVE]
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        rows = list(pool.map(row, targets))
    text = (
        "Executions of `redactfuzz run TARGET --strategy dpor --part I/N` of fixed targets, over the space and its "
        "variations: of all parts together, and of the largest of them, as shares of those of the whole. "
        f'At most {SECONDS} s each; "not joined": a part came to no end, or parts went by different things. '
        "Only searches that came to their end are counted: where one of the whole did not, as that of a second crash "
        "in the handler of `registry_eviction`, and did in parts, the shares say more than what sharing costs.\n\n"
        + record.table(["target", "whole", *(f"{of} parts: all, the largest" for of in PARTS)], rows)
    )
    record.save("parts", "Spaces in parts", text, {"rows": rows})


if __name__ == "__main__":
    main()
