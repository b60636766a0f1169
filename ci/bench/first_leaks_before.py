"""Executions to the first leak in the targets that are meant to leak, by this checkout and by an older one.

`python ci/bench/first_leaks_before.py OLDER` writes the page; OLDER is a checkout in which `make tools` was run.
Executions are counted, so neither the load of the machine nor its speed matters.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).resolve()
SEEDS, EXECUTIONS, SECONDS = 3, 3_000, 120.0


def search(body: Callable[..., Any], seed: int) -> int | None:
    """The execution at which a leak was first seen; None for none."""
    from redactfuzz.campaign.face.run import run
    from redactfuzz.campaign.face.scenario import spec_of
    from redactfuzz.campaign.session.runtime import default_runtime
    from redactfuzz.campaign.session.spec import Options
    from redactfuzz.model.events import CampaignEnded, FindingSeen

    options = Options(seed=seed, executions=EXECUTIONS, seconds=SECONDS)
    events = run(spec_of(body), options, default_runtime())
    try:
        for event in events:
            match event:
                case FindingSeen(finding) if finding.leaks:
                    return finding.execution
                case CampaignEnded():
                    return None
    finally:
        events.close()  # type: ignore[attr-defined]
    return None


def measure(root: Path) -> None:
    """Prints a line of JSON for each target of the checkout ``root``, whose interpreter runs this."""
    sys.path.insert(0, str(root / "ci" / "bench"))
    from shared import scenarios

    os.chdir(tempfile.mkdtemp())
    for path, name in scenarios.everything():
        title = f"{path.parent.name}::{name}"
        if scenarios.vulnerable(title):
            body = scenarios.load(path, name)
            print(json.dumps([title, [search(body, seed) for seed in range(1, SEEDS + 1)]]), flush=True)


def measured(root: Path) -> dict[str, list[int | None]]:
    """By target: the execution, for each seed."""
    python = root / ".venv" / "bin" / "python"
    command = [str(python), str(HERE), "--measure", str(root)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{root} could not be measured:\n{done.stderr[-2000:]}")
    return dict(json.loads(line) for line in done.stdout.splitlines() if line.startswith('["'))


def main() -> None:
    """Both, and the page."""
    from shared import record

    older = Path(sys.argv[1]).resolve()
    before, now = measured(older), measured(record.ROOT)
    asked = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(asked, cwd=older, capture_output=True, text=True, check=True).stdout.strip()
    rows: list[tuple[Any, ...]] = []
    medians: tuple[list[float], list[float]] = ([], [])
    ratios: list[float] = []
    for title in sorted(before.keys() & now.keys()):
        old, new = ([each for each in by[title] if each is not None] for by in (before, now))
        ends = (median(old) if old else None, median(new) if new else None)
        rows.append((title, ends[0], ends[1], len(old), len(new)))
        if ends[0] is not None and ends[1] is not None:
            medians[0].append(ends[0])
            medians[1].append(ends[1])
            ratios.append(ends[1] / ends[0])
    text = record.table(("target", "before", "now", "seeds that leaked before", "now"), rows)
    was, nowadays, ratio = median(medians[0]), median(medians[1]), median(ratios)
    text += (
        f"\n\nMedian over {len(ratios)} targets: **{was:g} executions before, {nowadays:g} now**; of the ratios"
        f" now / before {ratio:.3g}, from {min(ratios):.2g} to {max(ratios):.2g}."
        f"\n\nEach is the median of {SEEDS} seeds ({EXECUTIONS:,} executions at most); before is {commit}."
    )
    data = {"before": before, "now": now, "commit": commit, "seeds": SEEDS}
    record.save("first_leaks_before", "Executions to the first leak, before issue 10 and now", text, data)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measure(Path(sys.argv[2]))
    else:
        main()
