"""Executions to the first leak in the real packages, over 20 seeds, beside frontrun and interleave-test."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from shared import environments, record, scenarios

from redactfuzz.campaign.face.run import run
from redactfuzz.campaign.face.scenario import spec_of
from redactfuzz.campaign.session.runtime import default_runtime
from redactfuzz.campaign.session.spec import Options
from redactfuzz.model.events import CampaignEnded, FindingSeen

SHARED = Path(__file__).parent / "shared"
SEEDS, EXECUTIONS, SECONDS = 20, 1_000, 5.0


def by_rival(rival: str, *command: Path) -> list[dict[str, Any]]:
    """The lines that the measuring script prints."""
    limits = (str(SEEDS), str(EXECUTIONS), str(SECONDS))
    done = subprocess.run(
        [*command, SHARED / "first_leak_rivals.py", rival, *limits],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise SystemExit(f"{rival} failed:\n{done.stderr[-2000:]}")
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def search(body: Callable[..., Any], seed: int) -> tuple[int, bool]:
    """(executions, whether it leaked): ends when a leak is seen, as the rivals do, without shrinking or explaining."""
    done = 0
    options = Options(seed=seed, executions=EXECUTIONS, seconds=SECONDS)
    events = run(spec_of(body), options, default_runtime())
    try:
        for event in events:
            match event:
                case FindingSeen(finding):
                    return finding.execution, finding.verdict == "LEAK"
                case CampaignEnded(report):
                    done = report.executions
    finally:
        events.close()  # type: ignore[attr-defined]
    return done, False


def by_us(models: list[str]) -> list[dict[str, Any]]:
    """The same for the shipped scenarios, under the default portfolio."""
    lines = []
    for model in models:
        path, _, name = model.partition("::")
        body = scenarios.load(record.ROOT / "targets" / "real" / path, name)
        for seed in range(SEEDS):
            executions, found = search(body, seed)
            line = {"executions": executions, "found": found}
            lines.append({"model": model, "tool": "redactfuzz", "strategy": "default", "seed": seed, **line})
    return lines


def cell(lines: list[dict[str, Any]]) -> str:
    """Median executions of the searches that found it, and how many did not."""
    if not lines:
        return "-"
    errors = [line["error"] for line in lines if "error" in line]
    found = [line["executions"] for line in lines if line.get("found")]
    if len(errors) == len(lines):
        what = "inconclusive, it says" if all(text.startswith("Inconclusive") for text in errors) else "cannot run it"
        return f"{what} ({len(errors)} of {len(lines)})"
    lines = [line for line in lines if "error" not in line]
    tried = [line["executions"] for line in lines if not line.get("found")]
    text = f"{median(found):.0f}" if found else "never"
    text += f"; missed {len(tried)} of {len(lines)} (tried {median(tried):.0f})" if tried else ""
    return text + (f"; {len(errors)} without a result" if errors else "")


def main() -> None:
    """Ours, then theirs; every search has the same limits."""
    rivals = environments.rivals()
    theirs = by_rival("frontrun", rivals.with_name("frontrun"), rivals) + by_rival("interleave-test", rivals)
    models = list(dict.fromkeys(line["model"] for line in theirs))
    lines = by_us(models) + theirs
    columns = list(dict.fromkeys((line["tool"], line["strategy"]) for line in lines))
    rows = [
        [model, *(cell([x for x in lines if (x["model"], x["tool"], x["strategy"]) == (model, *c)]) for c in columns)]
        for model in models
    ]
    text = record.table(["race", *(f"{tool}, {strategy}" for tool, strategy in columns)], rows) + (
        f"\n\nMedian number of executions to the first leak over {SEEDS} seeds (frontrun's DPOR has no seed: one run)."
        f" A search ends after {EXECUTIONS} executions or {SECONDS:.0f} s. A miss says how many executions it tried"
        " (their median): a slow tool gets fewer, and more time might have found it. The median is over the seeds that"
        " found it, misses left out. Our portfolio begins with an enumeration that no seed changes, so our 20 searches"
        " are often one and the same: the median describes it, and is not 20 independent tries."
        " The limit was chosen for the time that the rivals need, and holds for all: a race that we find later than"
        " that (`targets.md` says when, under the default profile) is our miss here."
        "\n\nThe rivals know no crash: where a scenario has one, their model has a thread that makes the report at any"
        " time. Each model is checked first: without its redactor it shows the secret, run in order with it nothing."
        " A search that a rival itself calls inconclusive is not counted as a miss. interleave-test never switches"
        " inside the standard library, whatever it is told to include, and there lies the window of `live_dict`; for"
        " it, set-up and check are left out of the search. frontrun is told to trace the packages of each race."
    )
    record.save("first_leak", "Executions to the first leak in real packages", text, {"lines": lines})


if __name__ == "__main__":
    main()
