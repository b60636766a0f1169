"""What an execution has noted is there when its process is not: its own notes, all of them, and no others."""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest

from redactfuzz.model.outcome import Dump
from redactfuzz.threads.output import black_box
from redactfuzz.threads.output.black_box import BlackBox, Left
from redactfuzz.threads.restore.files import Copy


@pytest.fixture
def box() -> Iterator[BlackBox]:
    made = BlackBox(())
    yield made
    made.close()


def left_by(box: BlackBox) -> Left:
    left = box.left()
    assert left is not None
    return left


def test_notes_of_an_earlier_execution_are_not_of_the_next(box: BlackBox) -> None:
    box.begin(1)
    for _ in range(3):
        box.note("dumps", Dump("dump", "first"))
    box.begin(2)
    box.note("dumps", Dump("dump", "other"))
    assert left_by(box).number == 2
    assert [dump.data for dump in left_by(box).dumps] == ["other"]


def test_what_a_child_has_noted_is_there_when_it_is_killed(box: BlackBox) -> None:
    pid = os.fork()
    if pid == 0:
        box.begin(1)
        box.note("dumps", Dump("dump", b"all of it"))
        box.note("fields", {"redactions": 1})
        box.note("fields", {"redactions": 2})
        os.kill(os.getpid(), 9)
    os.waitpid(pid, 0)
    left = left_by(box)
    assert [dump.data for dump in left.all_dumps({})] == [b"all of it"]
    assert left.fields == {"redactions": 2}
    box.note("dumps", Dump("dump", "of its parent"))
    assert len(left_by(box).dumps) == 1, "only the process writes that has begun"


def test_what_is_written_after_its_end_is_no_dump(box: BlackBox) -> None:
    box.begin(1)
    assert [dump.data for dump in left_by(box).all_dumps({"stdout": b"before"})] == [b"before"]
    box.note("ended", True)
    assert left_by(box).all_dumps({"stdout": b"before and after"}) == []


def test_what_has_no_room_is_not_kept_and_does_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(black_box, "_ROOM", 3 * 4096)
    box = BlackBox(())
    box.begin(1)
    box.note("dumps", Dump("dump", "small"))
    box.note("dumps", Dump("dump", "x" * 10_000))
    box.note("dumps", Dump("dump", "after"))
    assert [dump.data for dump in left_by(box).dumps] == ["small", "after"]
    problem = left_by(box).problem
    assert problem is not None
    assert problem.fatal
    box.close()


def test_where_everything_had_room_nothing_is_lost(box: BlackBox) -> None:
    box.begin(1)
    box.note("dumps", Dump("dump", "small"))
    assert left_by(box).problem is None


def test_a_note_in_whose_midst_the_process_died_is_lost_and_those_before_it_are_there(box: BlackBox) -> None:
    box.begin(1)
    box.note("dumps", Dump("dump", "whole"))
    at = box._notes.tell()
    box.note("dumps", Dump("dump", "cut short"))
    box._notes[at + 40 : box._notes.tell()] = bytes(box._notes.tell() - at - 40)
    assert [dump.data for dump in left_by(box).dumps] == ["whole"]
    assert left_by(box).lost == ["dumps"]


def test_a_copy_of_a_large_file_is_not_taken_for_what_has_its_number_elsewhere(box: BlackBox, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("text")
    copy = Copy(tmp_path / "file")
    with pytest.raises(TypeError, match="another process"):
        pickle.dumps(copy)
    box.begin(1)
    box.note("dumps", Dump("dump", copy))
    assert left_by(box).dumps == []
    assert left_by(box).lost == ["dumps"]
