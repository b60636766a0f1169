"""A certificate is in its place when it is whole, or where there was none; nothing else is left of one."""

from __future__ import annotations

import fcntl
import gzip
from pathlib import Path

import pytest

from redactfuzz.campaign.files import begun
from redactfuzz.campaign.files.proof import ProofFile
from redactfuzz.campaign.search.proving import note_of
from redactfuzz.model.plan import StageReport
from redactfuzz.native.drive.piped import Piped

WHOLE = StageReport(7, 1.0, exhausted=True, truncated=False)
PART = StageReport(7, 1.0, exhausted=False, truncated=False)
BEFORE = b"of another search"


def written(target: Path | int, report: StageReport) -> ProofFile:
    file = ProofFile(target, dict)
    file.begin({})
    file.write(b'{"told":[]}\n')
    file.end(report)
    return file


def lines(packed: bytes) -> int:
    return gzip.decompress(packed).count(b"\n")


def left(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def test_nothing_is_in_its_place_before_the_campaign_is_over(tmp_path: Path) -> None:
    target = tmp_path / "a.gz"
    target.write_bytes(BEFORE)
    file = written(target, WHOLE)
    assert target.read_bytes() == BEFORE
    file.place()
    assert lines(target.read_bytes()) == 3
    assert left(tmp_path) == ["a.gz"]


@pytest.mark.parametrize("before", [None, b""], ids=["none", "empty"])
def test_one_that_proves_nothing_takes_the_place_of_nothing(tmp_path: Path, before: bytes | None) -> None:
    target = tmp_path / "a.gz"
    if before is not None:
        target.write_bytes(before)
    file = written(target, PART)
    file.place()
    assert not file.left
    assert lines(target.read_bytes()) == 3
    again = written(target, PART)
    again.place()
    assert again.left


def test_one_that_proves_nothing_leaves_another_as_it_was(tmp_path: Path) -> None:
    target = tmp_path / "a.gz"
    target.write_bytes(BEFORE)
    file = written(target, PART)
    file.place()
    assert file.left
    assert not file.failed
    assert target.read_bytes() == BEFORE
    assert left(tmp_path) == ["a.gz"]


def test_of_one_that_does_not_count_nothing_is_left(tmp_path: Path) -> None:
    file = written(tmp_path / "a.gz", WHOLE)
    assert left(tmp_path) != []
    file.discard()
    file.place()
    assert left(tmp_path) == []


def test_a_pipe_gets_it_whole() -> None:
    pieces: list[bytes] = []
    pipe = Piped(pieces.append)
    file = written(pipe.descriptor, WHOLE)
    assert pieces == []
    file.place()
    pipe.close()
    assert not file.failed
    assert lines(b"".join(pieces)) == 3


def test_what_a_killed_process_has_left_is_removed_and_what_somebody_writes_is_not(tmp_path: Path) -> None:
    target, stray, other = tmp_path / "a.gz", tmp_path / ".a.gz.1", tmp_path / ".a.gz.2"
    for each in (stray, other, tmp_path / ".a.gz.x", tmp_path / ".b.gz.1"):
        each.write_bytes(b"part")
    with other.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        begun.opened(target).close()
    assert sorted(left(tmp_path)) == sorted([".a.gz.2", ".a.gz.x", ".b.gz.1", begun.of(target).name])


def test_the_command_that_checks_it_can_be_copied(tmp_path: Path) -> None:
    odd = written(tmp_path / "a b\n.gz", StageReport(1, 1.0, exhausted=True, truncated=False))
    said = note_of(odd)
    assert said.startswith("certificate of 1 execution: redactfuzz check $'")
    assert said.endswith(r"/a b\012.gz'")
    odd.discard()
