"""Every target under the default profile: its verdict, and how many executions it took.

Each file is run by the command line in a process of its own, as a user would run it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from shared import record, scenarios

REDACTFUZZ = Path(sys.executable).with_name("redactfuzz")


def run(title: str) -> dict[str, Any]:
    """The line that ``redactfuzz run --json`` prints, with the seconds that it took."""
    started = time.perf_counter()
    done = subprocess.run(
        [REDACTFUZZ, "run", title, "--json", "--seed", "1"],
        cwd=record.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = done.stdout.splitlines()
    if len(lines) != 1:
        raise SystemExit(f"{title} printed {len(lines)} lines:\n{done.stderr[-2000:]}")
    report: dict[str, Any] = json.loads(lines[0])
    as_meant = report["verdict"] == "LEAK" if scenarios.vulnerable(title) else done.returncode == 0
    return {**report, "as_meant": as_meant, "seconds": round(time.perf_counter() - started, 2)}


def main() -> None:
    """One row a scenario."""
    keys = ("kind", "label", "first_leak_execution", "preemptions", "executions", "seconds")
    rows, data = [], []
    for path, name in scenarios.everything():
        title = f"{path.relative_to(record.ROOT).as_posix()}::{name}"
        report = run(title)
        verdict = report["verdict"] if report["as_meant"] else f"**{report['verdict']}**"
        rows.append((title.removeprefix("targets/"), verdict, *(report.get(key) for key in keys)))
        data.append({"scenario": title, **{k: report.get(k) for k in ("verdict", "as_meant", "reason", *keys)}})
        print(*rows[-1], sep="  ", flush=True)
    wrong = [line["scenario"] for line in data if not line["as_meant"]]
    head = ("target", "verdict", "kind", "label", "first leak at", "preemptions", "executions", "seconds")
    text = record.table(head, rows) + (
        f"\n\n{len(rows)} scenarios under the default profile (5,000 executions or 60 s), {len(wrong)} not as meant (in"
        " bold). Seconds are those of the whole command: start, controls, shrinking and explanation included."
    )
    record.save("targets", "Every target under the default profile", text, {"targets": data})


if __name__ == "__main__":
    main()
