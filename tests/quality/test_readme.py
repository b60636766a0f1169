"""The first thing that a reader tries works as the README says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from redactfuzz import explore
from redactfuzz.model.verdict import Verdict

README = Path(__file__).parents[2] / "README.md"


def example() -> str:
    blocks = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert len(blocks) == 1
    return str(blocks[0])


def run(source: str, path: Path) -> Any:
    path.write_text(source, "utf-8")
    namespace: dict[str, Any] = {"__name__": "rotation"}
    exec(compile(source, str(path), "exec"), namespace)
    return explore(namespace["test_rotation"], executions=500, seconds=30, seed=1)


def test_the_example_leaks_the_new_key_with_one_preemption(tmp_path: Path) -> None:
    report = run(example(), tmp_path / "rotation.py")
    assert report.verdict is Verdict.LEAK, report.reason
    assert {leak.canary for leak in report.finding.leaks} == {"new key"}
    assert report.finding.preemptions == 1


def test_the_example_passes_once_its_two_lines_are_swapped(tmp_path: Path) -> None:
    lines = example().splitlines()
    used = next(i for i, line in enumerate(lines) if "in use from here on" in line)
    lines[used], lines[used + 1] = lines[used + 1], lines[used]
    report = run("\n".join(lines), tmp_path / "rotation.py")
    assert report.verdict.passed, report.reason
