"""The targets whose dump is a real core, each in a process of its own: the core of a test runner is far larger."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from test_targets import LEAKS, REAL_CORES

from redactfuzz.model.verdict import Label

PYTHON = Path(__file__).parents[2] / "targets" / "python"
REDACTFUZZ = str(Path(sys.executable).with_name("redactfuzz"))


def explored(target: str, twin: str, executions: int, folder: Path) -> dict[str, Any]:
    """The line of JSON of one twin."""
    scenario = f"{PYTHON / target / 'scenario.py'}::{twin}"
    command = [REDACTFUZZ, "run", scenario, "--seed", "1", "--executions", str(executions), "--json"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    record: dict[str, Any] = json.loads(done.stdout)
    return record


EVERYWHERE = "stale_region_list"
"""The quickest of them; of the others each interpreter replays what is kept."""
SLOWLY_REACHED = "torn_copy"
"""A search finds that this interpreter can switch there. It has a limit of time, and each execution makes a core."""


FLOOR = 100
"""Executions with which a pass has had its floor."""


@pytest.mark.parametrize(
    "target",
    [pytest.param(target, marks=() if target == EVERYWHERE else pytest.mark.once) for target in sorted(REAL_CORES)],
)
def test_the_vulnerable_twin_leaks_into_a_core_and_the_fixed_one_does_not(target: str, tmp_path: Path) -> None:
    kind, preemptions, limit, label = LEAKS[f"{target}::vulnerable"]
    leak = explored(target, "vulnerable", limit, tmp_path)
    assert leak["verdict"] == "LEAK", leak["reason"]
    assert (leak["kind"], leak["preemptions"]) == (str(kind), preemptions)
    assert leak["label"] in {str(label), *((str(Label.UNCONFIRMED),) if target == SLOWLY_REACHED else ())}
    clean = explored(target, "fixed", max(limit, FLOOR), tmp_path)
    assert clean["verdict"] in ("NO_LEAK_FOUND", "PROVED"), clean["reason"]
