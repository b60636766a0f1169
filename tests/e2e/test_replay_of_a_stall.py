"""A finding that takes a machine which stalls before some looks at a clock alone is shown again by its file."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import Run

pytestmark = pytest.mark.once

SCENARIO = """
import time

from redactfuzz import Race, scenario


@scenario
def leaks(race: Race) -> None:
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))

    def reports() -> None:
        first, masked = time.monotonic(), mask(key.text)
        second = time.monotonic()
        third = time.monotonic()
        race.dump(key.text if second - first > 0.5 > third - second else masked)

    race.thread(reports)
"""


def test_it_replays_in_a_fresh_process(folder: Path, cli: Run) -> None:
    (folder / "three.py").write_text(SCENARIO, "utf-8")
    ran = cli("run", "three.py::leaks", "--strategy", "dpor", "--json")
    assert ran.code == 1
    assert '"stalls_at": 2' in (folder / ran.record["repro"]).read_text("utf-8")
    again = cli("replay", ran.record["repro"])
    assert again.code == 1
    assert "LEAK  three.py::leaks" in again.out
