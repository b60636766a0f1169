"""Every finding that is kept happens again, each in a fresh process."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REDACTFUZZ = Path(sys.executable).with_name("redactfuzz")
VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"
PLACES = ("corpora/**/regressions/*.rfz.json", f"corpora/**/regressions/{VERSION}/*.rfz.json")
KEPT = sorted(path for place in PLACES for path in ROOT.glob(place))


def replay(path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [REDACTFUZZ, "replay", path, *words], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )


def test_every_target_with_a_kept_finding_has_one_for_this_interpreter() -> None:
    everywhere = {(repro["path"], repro["scenario"]) for repro in map(read, ROOT.glob("corpora/**/*.rfz.json"))}
    here = {(repro["path"], repro["scenario"]) for repro in map(read, KEPT)}
    assert len(here) >= 30
    assert here == everywhere


def read(path: Path) -> dict[str, str]:
    repro: dict[str, str] = json.loads(path.read_text())
    return repro


@pytest.mark.parametrize("path", KEPT, ids=lambda path: f"{path.relative_to(ROOT / 'corpora').parts[1]}-{path.stem}")
def test_it_happens_again_in_a_fresh_process(path: Path) -> None:
    done = replay(path, "--times", "3")
    recorded = json.loads(path.read_text())
    other_patch = recorded["schedule"].get("python") and recorded["python"] != platform.python_version()
    # Instructions may differ between two patch releases; then the replay must say where it diverged, not pass.
    assert done.returncode in ((1, 5) if other_patch else (1,)), done.stdout[-2000:] + done.stderr[-2000:]


def test_a_finding_replays_100_times_of_100() -> None:
    path = next(path for path in KEPT if "lost_update" in path.name or "storm0558" in path.parts)
    done = replay(path, "--times", "100", "--json")
    assert done.returncode == 1, done.stdout[-2000:] + done.stderr[-2000:]
