"""Keeps the minimal finding of every vulnerable target in corpora/<target>/regressions/.

    python ci/regressions.py [--anew] [FOLDER ...]

Replays what is there. What does not happen again on this interpreter (the standard library is another program in every
version, and the instructions are others) goes to regressions/<version>/ of the interpreter that found it; the scenario
is explored here, and its finding kept for this version. `--anew` forgets what is there first: run it with the oldest
interpreter, then run this without it on every other, and once more on all. With folders of targets, of theirs alone.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REDACTFUZZ = Path(sys.executable).with_name("redactfuzz")
VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"
sys.path.insert(0, str(ROOT / "ci" / "bench"))
from shared import scenarios  # noqa: E402  (beside the benchmarks, which list the same targets)


def redactfuzz(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Runs the command in a process of its own."""
    return subprocess.run([REDACTFUZZ, *words], cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)


def folder_of(scenario: str) -> Path:
    """Where the findings of a scenario are kept."""
    return ROOT / "corpora" / Path(scenario.partition("::")[0]).parent.relative_to("targets") / "regressions"


def kept(scenario: str) -> Iterator[Path]:
    """The repro files of a scenario that are meant for this interpreter."""
    folder, name = folder_of(scenario), scenario.partition("::")[2]
    for place in (folder, folder / VERSION):
        yield from sorted(path for path in place.glob("*.rfz.json") if json.loads(path.read_text())["scenario"] == name)


def replays(path: Path) -> bool:
    """Whether it happens again here."""
    return redactfuzz("replay", path).returncode == 1


def set_aside(path: Path) -> None:
    """A file that is good for the interpreter that found it only."""
    version = ".".join(json.loads(path.read_text())["python"].split(".")[:2])
    place = path.parent / version
    place.mkdir(exist_ok=True)
    path.rename(place / path.name)


def found(scenario: str) -> Path | None:
    """The repro file of a new exploration under the default profile; None when nothing leaked."""
    done = redactfuzz("run", scenario, "--seed", "1", "--json")
    line = json.loads(done.stdout.splitlines()[-1])
    return ROOT / line["repro"] if line["verdict"] == "LEAK" and line["repro"] else None


def update(scenario: str, anew: bool) -> str:
    """Makes sure that a finding of the scenario replays here; says what was done."""
    folder = folder_of(scenario)
    name = scenario.partition("::")[2]
    if anew:
        for path in folder.rglob(f"{name}-*.rfz.json"):
            path.unlink()
    good = []
    for path in kept(scenario):
        if replays(path):
            good.append(path)
        elif path.parent == folder:
            set_aside(path)
        else:
            path.unlink()
    if good:
        return "replays"
    repro = found(scenario)
    if repro is None:
        return "NOTHING FOUND"
    place = folder if anew else folder / VERSION
    place.mkdir(parents=True, exist_ok=True)
    return f"kept {Path(shutil.copy(repro, place / repro.name)).relative_to(ROOT)}"


def main() -> int:
    """0 when every vulnerable target has a finding that replays here."""
    folders = [Path(word) for word in sys.argv[1:] if word != "--anew"]
    missed = met = 0
    for path, name in scenarios.everything():
        scenario = f"{path.relative_to(ROOT).as_posix()}::{name}"
        wanted = not folders or any(path.is_relative_to(ROOT / folder) for folder in folders)
        if wanted and scenarios.vulnerable(scenario):
            met += 1
            done = update(scenario, "--anew" in sys.argv)
            missed += done == "NOTHING FOUND"
            print(f"{scenario}: {done}", flush=True)
    return 1 if missed or not met else 0


if __name__ == "__main__":
    sys.exit(main())
