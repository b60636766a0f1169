"""An execution that does not come back is a finding as any other: met again in a fresh process, or none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import campaign_programs as programs
import pytest
from campaign_model import Fails, Op, Program
from test_campaign_verdicts import judged

from redactfuzz.model.outcome import BugKind
from redactfuzz.model.verdict import Verdict


@attrs.frozen
class Executions:
    """All of them are counted, in whichever process they run."""

    file: Path

    @property
    def number(self) -> int:
        return self.file.stat().st_size if self.file.exists() else 0

    def of(self, program: Program, when: Callable[[int], bool]) -> Program:
        """The program with a thread that does not come back where ``when`` says so of the number, from 1 on."""

        def hang(_: Any) -> None:
            with self.file.open("ab") as file:
                file.write(b".")
            if when(self.number):
                raise Fails(BugKind.HANG)

        return attrs.evolve(program, threads={**program.threads, "stuck": (Op(hang, "spin()"),)})


@pytest.fixture
def executions(tmp_path: Path) -> Executions:
    return Executions(tmp_path / "executions")


def test_a_hang_that_is_met_again_is_a_bug_with_a_file_that_replays_it(executions: Executions, tmp_path: Path) -> None:
    report = judged(executions.of(programs.FIXED, lambda _: True), tmp_path)
    assert report.verdict is Verdict.BUG
    assert report.finding is not None
    assert report.finding.bug is not None
    assert report.finding.bug.kind is BugKind.HANG
    assert Path(report.finding.repro).exists()
    assert 2 <= executions.number <= 4, "met, confirmed, described, and no further hang is waited for"


@pytest.mark.parametrize("at", [1, 5, 60])
def test_a_hang_that_is_not_met_again_is_inconclusive_and_accuses_nobody(
    executions: Executions, tmp_path: Path, at: int
) -> None:
    report = judged(executions.of(programs.FIXED, lambda number: number == at), tmp_path)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert report.finding is None
    assert report.reason is not None
    assert "A hang could not be confirmed" in report.reason.what
    assert executions.number > at


@pytest.mark.parametrize("at", [200, 10_000])
def test_a_leak_that_was_met_before_a_hang_is_confirmed_and_shown(
    executions: Executions, tmp_path: Path, at: int
) -> None:
    report = judged(executions.of(programs.VULNERABLE, lambda number: number == at), tmp_path)
    assert report.verdict is Verdict.LEAK
    assert report.finding is not None
    assert [leak.canary for leak in report.finding.leaks] == ["key"]
    assert report.finding.shrunk == (executions.number < at), "where executions hang, none more than needed"
