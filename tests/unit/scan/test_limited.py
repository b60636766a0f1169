"""A dump that another user owns is read by a process that can do no harm."""

from __future__ import annotations

import mmap
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from redactfuzz.cli import limited as module
from redactfuzz.cli.limited import limited, of_others
from redactfuzz.cli.scan import scan
from redactfuzz.model.exposure import DumpReport, ImageRead
from redactfuzz.threads import _hooks
from redactfuzz.threads.process import writable

KEY = "-----BEGIN PRIVATE KEY-----"


@pytest.fixture
def theirs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A dump that somebody else owns, as far as can be made."""
    dump = tmp_path / "theirs.log"
    dump.write_text(f"nothing here\n{KEY}\n")
    if os.geteuid() == 0:
        os.chown(dump, 12345, -1)
    else:
        monkeypatch.setattr(module, "_owner", lambda path: os.geteuid() + int(Path(path) == dump))
    return dump


def test_whose_it_is_is_told(theirs: Path, tmp_path: Path) -> None:
    (tmp_path / "ours").touch()
    assert of_others([theirs])
    assert of_others([tmp_path / "ours", theirs])
    assert not of_others([tmp_path / "ours", tmp_path / "nothing", "-"])


def test_it_is_read_as_one_of_ours_is(theirs: Path, tmp_path: Path) -> None:
    ours = tmp_path / "ours.log"
    ours.write_text(theirs.read_text())
    told = [CliRunner().invoke(scan, [str(path), "--json"], standalone_mode=False) for path in (theirs, ours)]
    assert [each.return_value for each in told] == [told[1].return_value] * 2
    assert KEY[:12] not in told[0].output
    assert "theirs.log" in told[0].output


def report() -> DumpReport:
    return DumpReport("theirs", images=(ImageRead("theirs", "text", 1, 1, ()),))


def writes(path: Path) -> Callable[[], DumpReport]:
    def work() -> DumpReport:
        path.write_text("taken over")
        return report()

    return work


def test_a_parser_that_was_taken_over_cannot_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writable, "_granted", set())  # what pytest has made for tests may be written otherwise
    assert _hooks.holds() & 1
    assert "failed" in limited("theirs", 1, writes(tmp_path / "profile")).skipped[0].reason
    assert not (tmp_path / "profile").exists()
    assert limited("theirs", 1, report) == report()
    (tmp_path / "profile").write_text("this process is not kept")


def test_a_parser_that_dies_costs_one_report() -> None:
    def dies() -> DumpReport:
        os.kill(os.getpid(), signal.SIGKILL)
        return report()

    told = limited("theirs", 1, dies)
    assert not told.complete
    assert "SIGKILL" in told.skipped[0].reason
    assert "another user owns it" in told.skipped[0].reason


def test_a_parser_that_wants_all_memory_gets_none() -> None:
    def greedy() -> DumpReport:
        with pytest.raises(OSError, match="Cannot allocate memory"):
            mmap.mmap(-1, module._MEMORY + (1 << 30), flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        return report()

    assert limited("theirs", 1, greedy) == report()
