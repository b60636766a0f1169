"""Executions a second on a two-thread counter at instruction granularity, beside frontrun and interleave-test."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from statistics import median
from typing import Any

from shared import environments, record

SHARED = Path(__file__).parent / "shared"
ROUNDS = 5
AIM = 10
EXECUTIONS = {"ours": 20_000, "theirs": 1_000}
MINORS = ("3.11", "3.12", "3.13")


def measured(*command: str | Path) -> dict[str, Any]:
    """The JSON that a measuring script prints."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{command} failed:\n{done.stderr[-2000:]}")
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def main() -> None:
    """All tools in turn, ``ROUNDS`` times over; the median counts, so that a change of the machine's mood hits all."""
    rivals = environments.rivals()
    frontrun = rivals.with_name("frontrun")
    ours = {minor: python for minor in MINORS if (python := environments.ours(minor))}
    rates: dict[tuple[str, str], list[float]] = {}
    for _ in range(ROUNDS):
        runs = [
            ("redactfuzz", measured(python, SHARED / "counter_ours.py", str(EXECUTIONS["ours"])))
            for python in ours.values()
        ]
        theirs, executions = SHARED / "counter_rivals.py", str(EXECUTIONS["theirs"])
        runs.append(("", measured(frontrun, rivals, theirs, "frontrun", executions)))
        runs.append(("", measured(rivals, theirs, "interleave", executions)))
        for tool, run in runs:
            for name, rate in run["rates"].items():
                rates.setdefault((f"{tool}, {name}".lstrip(", "), run["python"]), []).append(rate["per_second"])
    medians = {key: median(values) for key, values in rates.items()}
    theirs_best = max((rate, name) for (name, _), rate in medians.items() if not name.startswith("redactfuzz"))
    ours_best = max(
        (rate, name)
        for (name, python), rate in medians.items()
        if name.startswith("redactfuzz") and python.startswith("3.13") and "crash" not in name
    )
    times = ours_best[0] / theirs_best[0]
    rows = [
        (name, python, rate, " ".join(f"{value:,.0f}" for value in rates[name, python]), f"{rate / theirs_best[0]:.1f}")
        for (name, python), rate in medians.items()
    ]
    head = ("tool and strategy", "Python", "median executions/s", "each round", "times the fastest rival")
    text = record.table(head, rows) + (
        f"\n\nFastest against fastest on 3.13: {ours_best[1]} {ours_best[0]:,.0f}/s, {theirs_best[1]}"
        f" {theirs_best[0]:,.0f}/s: {times:.1f} times. The aim of {AIM} times is"
        f" **{'met' if times >= AIM else 'not met'}**."
        f"\n\nMedian of {ROUNDS} rounds, all tools in turn in each round. Every tool runs the same two threads that"
        " read and write one attribute, and may switch at every instruction (frontrun's DPOR five times over, because"
        " once is too few classes for a rate). Our plain rows are batches of the runtime, as a campaign gives up on a"
        " scenario without a secret; interleave-test's model thread, which starts and joins the two, is scheduled too."
        " Rows `with crash report` are whole campaigns: a third thread, a crash at any point, and a dump that is"
        " searched in every execution."
    )
    data = {
        "rates": [{"tool": n, "python": p, "per_second": r, "rounds": rates[n, p]} for (n, p), r in medians.items()]
    }
    record.save("speed", "Speed: a two-thread counter at instruction granularity", text, data)


if __name__ == "__main__":
    main()
