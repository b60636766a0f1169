"""Files, streams, environment and the end of the process: what a program writes is captured, what it reads is real."""

from __future__ import annotations

from pathlib import Path

import pytest
from modelled import Event, assert_passes, bugs, executions, planted

from redactfuzz.model.canary import literal, raw, token
from redactfuzz.model.outcome import BugKind
from redactfuzz.native.drive.numbers import End, Note, Where
from redactfuzz.native.drive.vault import Way

pytestmark = pytest.mark.once


def files(event: Event) -> dict[str, int]:
    """Name -> size of what an execution left."""
    return {file.name: file.size for file in event.files}


def test_files_are_captured_and_those_on_disk_are_read_and_never_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    disk = tmp_path / "disk"
    disk.write_text("on disk\n")
    events = executions("files_store.c", str(disk))
    assert_passes(events)
    for event in events:
        assert files(event) == {"kept": 11, "moved": 5, "folder": 0, "folder/inside": 3}  # a name stays as well
    assert disk.read_text() == "on disk\n"
    assert list(tmp_path.iterdir()) == [disk]


def test_streams_buffer_as_those_of_glibc_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    given = planted("input", literal("first line\nsecond\nlast"), Way.STDIN)
    events = executions("files_streams.c", canaries=[given])
    assert_passes(events)
    for event in events:
        assert files(event) == {"stdout": 22, "stderr": 40, "text": 10016, "left open": 15}
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("what", "shown", "size"),
    [
        # free() overwrites 16 bytes of the buffer, the other half stays.
        ("flushed", [(Where.HEAP, 16), (Where.FILE, 32)], 32),
        ("lost", [(Where.HEAP, 32)], 0),
        ("unbuffered", [(Where.FILE, 32)], 32),
    ],
)
def test_a_secret_stays_in_the_buffer_that_it_passed(what: str, shown: list[tuple[Where, int]], size: int) -> None:
    for event in executions("files_buffers.c", what, canaries=[planted("key", raw(32))]):
        assert [(hit.where, hit.length) for hit in event.hits] == shown
        assert files(event) == {"report": size}


def test_a_shared_mapping_belongs_to_its_file() -> None:
    events = executions("files_mapped.c")
    assert_passes(events)
    assert files(events[0]) == {"shared": 8192}


def test_a_reader_waits_at_a_pipe() -> None:
    events = executions("files_pipe.c", at_most=50)
    assert len(events) == 50
    for event in events:
        assert (event.bug, event.state, event.status) == (None, End.EXITED, 0)
        assert files(event) == {}, "both ends are its own: it is no dump"


_LINES = "program.so: 1: No such file or directory\nprogram.so: two: No such file or directory\n"
SAID = {"stdout": 3, "stderr": len(_LINES)}


@pytest.mark.parametrize(
    ("how", "printed"),
    [("exit", {"stdout": 3}), ("return", {"stdout": 3}), ("_exit", {}), ("quick", {}), ("err", SAID)],
)
def test_the_end_runs_what_was_registered_for_it(how: str, printed: dict[str, int]) -> None:
    for event in executions("process_exit.c", how):
        assert (event.bug, event.state, event.status) == (None, End.EXITED, 7)
        assert files(event) == printed


def test_a_failed_assertion_is_told_in_its_own_words() -> None:
    events = executions("process_exit.c", "assert")
    assert bugs(events) == {BugKind.ASSERT}
    bug = events[0].bug
    assert bug is not None
    assert 'step == 1 && "never so"' in bug.summary
    assert "process_exit.c:" in bug.summary


def test_abort_dies_of_its_signal() -> None:
    for event in executions("process_exit.c", "abort"):
        assert (event.state, event.status, event.bug and event.bug.kind) == (End.BUG, 6, BugKind.ABORT)


def test_arguments_and_environment_are_as_new_in_each_execution() -> None:
    assert_passes(executions("process_environment.c", "one", "two words", environment={"GIVEN": "value"}))


def test_a_secret_in_the_environment_is_found_in_each_execution() -> None:
    """And not in the argument list, where it was not."""
    given = planted("key", token(32), Way.VARIABLE, "GIVEN")
    for event in executions("process_exit.c", "abort", canaries=[given]):
        assert [(hit.where, hit.length) for hit in event.hits] == [(Where.START, 32)]


def test_random_numbers_are_those_of_glibc() -> None:
    assert_passes(executions("process_chance.c"), [Note.CHANCE])


def test_limits_are_put_back() -> None:
    assert_passes(executions("process_limits.c"))


def test_what_constructors_ask_for_and_what_libc_keeps_is_the_same_in_each_execution() -> None:
    assert_passes(executions("process_load.c"))


def test_other_programs_are_not_started_and_that_is_said() -> None:
    assert_passes(executions("process_children.c"), [Note.CHILD_PROCESS, Note.CHILD_PROCESS])


def test_what_is_refused_fails_with_its_whole_result_and_that_is_said() -> None:
    assert_passes(executions("process_refused.c"), [Note.REFUSED] * 4)


def test_what_libc_writes_into_the_program_is_put_back() -> None:
    assert_passes(executions("process_parsing.c", "-v", "rest", "-o", "out"))


def test_a_write_of_more_than_there_is_fails_and_faults_nobody() -> None:
    """Its size is a difference of unlike pointers. What follows the stack is the guard of another one."""
    events = executions("files_beyond_the_stack.c", at_most=20)
    assert [event.bug for event in events] == [None] * 20
    assert [files(event) for event in events] == [{"report": 32}] * len(events)
