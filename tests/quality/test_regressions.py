"""Every finding that is kept happens again, each in a fresh process."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from commands import run_ready
from ready import Ready

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


def finer(path: Path) -> bool:
    """Whether the schedule counts instructions, which may be others in the next patch release."""
    schedule: dict[str, str] = json.loads(path.read_text())["schedule"]
    return bool(schedule.get("python"))


def name(path: Path) -> str:
    return f"{path.relative_to(ROOT / 'corpora').parts[1]}-{path.stem}"


FINER = [path for path in KEPT if finer(path)]


def times(runs: int, path: Path) -> list[int]:
    """The exit codes of so many replays, each in a process of its own, two at a time."""
    with ThreadPoolExecutor(2) as pool:
        return [done.returncode for done in pool.map(replay, [path] * runs)]


@pytest.mark.parametrize("path", [path for path in KEPT if path not in FINER], ids=name)
def test_what_switches_between_calls_happens_again_in_a_fresh_process_of_any_patch_release(
    ready: Ready, path: Path
) -> None:
    done = run_ready(ready, ROOT, "replay", path, "--times", "3")
    assert done.code == 1, done.out[-2000:] + done.err[-2000:]


@pytest.mark.parametrize("path", FINER, ids=name)
def test_what_is_finer_than_calls_happens_again_or_says_where_another_patch_release_diverges(
    ready: Ready, path: Path
) -> None:
    done = run_ready(ready, ROOT, "replay", path, "--times", "3")
    same_patch = read(path)["python"] == platform.python_version()
    assert done.code in ((1,) if same_patch else (1, 5)), done.out[-2000:] + done.err[-2000:]


@pytest.mark.parametrize("path", FINER, ids=name)
def test_what_is_finer_than_calls_is_found_on_this_very_interpreter_and_happens_again(
    ready: Ready, path: Path, tmp_path: Path
) -> None:
    """So that a patch release that no file was recorded on replays the finer ones as well, not only says why not."""
    kept = read(path)
    scenario = f"{ROOT / kept['path']}::{kept['scenario']}"
    ran = run_ready(ready, tmp_path, "run", scenario, "--seed", "1", "--executions", "1000", "--json")
    assert ran.code == 1, ran.out[-2000:] + ran.err[-2000:]
    found = tmp_path / ran.records[-1]["repro"]
    assert read(found)["python"] == platform.python_version()
    done = run_ready(ready, tmp_path, "replay", found, "--times", "3")
    assert done.code == 1, done.out[-2000:] + done.err[-2000:]


def test_some_of_the_kept_findings_are_finer_than_calls_and_most_are_not() -> None:
    assert FINER
    assert len(FINER) < len(KEPT) / 4


def test_a_finding_replays_100_times_of_100() -> None:
    path = next(path for path in KEPT if "lost_update" in path.parts)
    done = replay(path, "--times", "100", "--json")
    assert done.returncode == 1, done.stdout[-2000:] + done.stderr[-2000:]


@pytest.mark.once
def test_a_finding_replays_in_8_of_8_fresh_processes() -> None:
    path = next(path for path in KEPT if "lost_update" in path.parts)
    assert times(8, path) == [1] * 8


@pytest.mark.once
@pytest.mark.parametrize("target", ["stop_timeout", "signal_reentry", "teardown", "storm0558"])
def test_a_finding_of_another_sort_replays_in_4_of_4_fresh_processes(target: str) -> None:
    """A timed wait that expires, a signal, two preemptions through logging, a real RSA key in frames."""
    path = next(path for path in KEPT if target in path.parts)
    assert times(4, path) == [1] * 4
