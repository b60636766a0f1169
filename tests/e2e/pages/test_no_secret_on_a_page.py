"""No page or file of a night holds a piece of a canary, whatever the scenarios do with it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import attrs
import sample_nights as nights
from commands import COMMAND, surroundings
from test_no_secret_comes_out import SCENARIO, held, pieces_of

from redactfuzz.model import written
from redactfuzz.model.events import CampaignEnded
from redactfuzz.model.night import Life, NightEvent


def test_no_piece_of_a_key_is_on_it(tmp_path: Path) -> None:
    (tmp_path / "test_keys.py").write_text(SCENARIO, "utf-8")
    run = [COMMAND, "run", "test_keys.py", "--seed", "5", "--profile", "ci", "--unconfined", "--events", "events.jsonl"]
    subprocess.run(run, cwd=tmp_path, env=surroundings(), capture_output=True, timeout=300, check=False)
    events: list[NightEvent] = [nights.started()]
    for number, line in enumerate((tmp_path / "events.jsonl").read_text("utf-8").splitlines(), 1):
        event = written.loads(line)
        if isinstance(event, CampaignEnded):
            report = event.report
            events += nights.ran(number, report.scenario, attrs.evolve(report, finding=None, others=()))
            for index, finding in enumerate(report.findings):
                events.append(
                    attrs.evolve(nights.met(number, Life.NEW, finding, f"{number}x{index}"), title=report.scenario)
                )
    (tmp_path / "0001.jsonl").write_text("".join(written.dumps(each) + "\n" for each in events), "utf-8")
    files = {name: f"out.{name}" for name in ("html", "markdown", "junit", "sarif")}
    made = [word for name, file in files.items() for word in (f"--{name}", file)]
    subprocess.run([COMMAND, "report", ".", *made], cwd=tmp_path, env=surroundings(), timeout=120, check=True)
    pieces = pieces_of((tmp_path / "planted").read_text("utf-8").split())
    assert len(pieces) > 100
    for file in ("0001.jsonl", *files.values()):
        text = (tmp_path / file).read_text("utf-8")
        assert "test_leaks" in text
        assert [text[max(at - 60, 0) : at + 40] for at in held(text, pieces)] == []
