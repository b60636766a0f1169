"""Explores every vulnerable target and keeps its minimal finding in corpora/<target>/regressions/.

    python ci/regressions.py [SCENARIO ...]

Without arguments every scenario that has a fixed twin. A finding between calls replays on every interpreter, and one file
is kept; a finer one is kept for each version of Python that this was run on.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import attrs

from redactfuzz.campaign import load
from redactfuzz.model.verdict import Verdict

ROOT = Path(__file__).resolve().parent.parent
REDACTFUZZ = Path(sys.executable).with_name("redactfuzz")
sys.path.insert(0, str(ROOT / "ci" / "bench"))
import scenarios  # noqa: E402  (beside the benchmarks, which list the same targets)


@attrs.frozen
class Found:
    """What one run of a scenario gave."""

    verdict: str
    execution: int | None
    repro: Path | None


def explore(scenario: str) -> Found:
    """Runs one scenario under the default profile, in a process of its own."""
    command = [REDACTFUZZ, "run", scenario, "--seed", "1", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    line = json.loads(done.stdout.splitlines()[-1])
    repro = ROOT / line["repro"] if line.get("repro") else None
    return Found(line["verdict"], line["first_leak_execution"], repro)


def keep(scenario: str, repro: Path) -> Path:
    """Copies the repro file to its place; what it replaces goes."""
    path, _, name = scenario.partition("::")
    folder = ROOT / "corpora" / Path(path).parent.relative_to("targets") / "regressions"
    folder.mkdir(parents=True, exist_ok=True)
    new = load(repro)
    for old in folder.glob(f"{name}-*.rfz.json"):
        if not new.schedule.python or load(old).schedule.python in ("", new.schedule.python):
            old.unlink()
    return Path(shutil.copy(repro, folder / repro.name))


def main(chosen: list[str]) -> int:
    """0 when every scenario leaked and its finding is kept."""
    shipped = [f"{path.relative_to(ROOT).as_posix()}::{name}" for path, name in scenarios.everything()]
    missed = []
    for scenario in chosen or filter(scenarios.vulnerable, shipped):
        found = explore(scenario)
        if found.verdict != Verdict.LEAK or found.repro is None:
            missed.append(scenario)
            print(f"{scenario}: {found.verdict}, nothing kept")
            continue
        kept = keep(scenario, found.repro)
        print(f"{scenario}: execution {found.execution}, {kept.relative_to(ROOT)}", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
