"""The text of a line is looked up once in an execution, however often a loop runs the line."""

from __future__ import annotations

from pathlib import Path
from types import CodeType, FunctionType

import pytest

from redactfuzz.schedule.engine import Act, Record
from redactfuzz.threads.explain.describe import Description

STEPS = 500
SOURCE = "def passes():\n    first = 1\n    second = first\n    return second\n"


def compiled(file: Path) -> CodeType:
    there: dict[str, object] = {}
    exec(compile(SOURCE, str(file), "exec"), there)
    passes = there["passes"]
    assert isinstance(passes, FunctionType)
    return passes.__code__


def lines_of(code: CodeType) -> dict[int, int]:
    """Return the index of the first instruction of each line."""
    found: dict[int, int] = {}
    for index, (line, *_) in enumerate(code.co_positions()):
        found.setdefault(line or 0, index)
    return found


def described(code: CodeType) -> Description:
    """Return a description of STEPS steps that each stop at the return and pass lines 2, 3 and 2 before."""
    at, site = lines_of(code), 77
    seen: list[tuple[int, int, int, CodeType, int, int, int]] = []
    for step in range(STEPS):
        seen.append((step, 0, site, code, at[4], 1, 0))
        seen += [(step + 1, 0, 0, code, at[line], 1, 1) for line in (2, 3, 2)]
    trace = [Record(Act.STEP, 0, site, 0, site, 0, 0, deviation=False, preemption=False)] * STEPS
    return Description(trace, seen, ["main"])


def test_a_file_is_looked_at_once_for_each_line_however_often_it_is_passed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, looks = tmp_path / "loop.py", list[Path]()
    file.write_text(SOURCE)
    is_file = Path.is_file

    def counted(path: Path) -> bool:
        looks.append(path)
        return is_file(path)

    monkeypatch.setattr(Path, "is_file", counted)
    steps = described(compiled(file)).steps()
    assert len(steps) == STEPS
    assert {tuple(line.source for line in step.passed) for step in steps} == {("first = 1", "second = first")}
    assert steps[0].passed[0] is steps[-1].passed[0]
    assert looks.count(file) == 2


def test_steps_of_a_missing_file_have_no_source_lines(tmp_path: Path) -> None:
    steps = described(compiled(tmp_path / "gone.py")).steps()
    assert len(steps) == STEPS
    assert not any(step.passed for step in steps)
