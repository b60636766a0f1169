"""A gate that is killed at any moment loses no dump and releases none twice.

Any moment means: before each call by which it asks the kernel for something on files, one after the other. Each time a
process of its own ends there as `kill -9` ends it. Then all that was released is taken away, as whoever reads dumps
does, and a second gate goes on.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from gates import SECRET, Gate, dumps_of

from redactfuzz.gate import placing
from redactfuzz.gate.folders import Folders
from redactfuzz.gate.names import RECEIPT
from redactfuzz.gate.passage import Judgement, Rules, Ticket

pytestmark = [pytest.mark.once, pytest.mark.slow]

CALLS = ("open", "rename", "link", "unlink", "fsync", "fdatasync", "write", "ftruncate", "fdopen", "mkdir", "fchmod",
         "stat", "scandir", "readv", "pread", "close")  # fmt: skip
DUMPS = {"clean": b"a clean dump", "key": b"a dump with " + SECRET}
HASHES = {hashlib.sha256(data).hexdigest() for data in DUMPS.values()}
KILLED = 77


def in_a_process(work: Callable[[], object], moment: int | None) -> tuple[int, int]:
    """(status, calls until then) of a process that ends before its ``moment``-th call."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        status, count = 1, 0
        try:
            really_write, really_exit = os.write, os._exit

            def counted(call: Callable[..., Any]) -> Callable[..., Any]:
                def counting(*args: Any, **options: Any) -> Any:
                    nonlocal count
                    count += 1
                    if count == moment:
                        really_write(writer, str(count).encode())
                        really_exit(KILLED)
                    return call(*args, **options)

                return counting

            for name in CALLS:  # what is on the disk does not matter to a kill
                setattr(os, name, counted((lambda _: None) if "sync" in name else getattr(os, name)))
            placing._renameat2 = counted(placing._renameat2)
            work()
            really_write(writer, str(count).encode())
            status = 0
        finally:
            really_exit(status)
    os.close(writer)
    said = os.read(reader, 100)
    os.close(reader)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), int(said)


def taken(gate: Gate, at: Path) -> None:
    """Somebody on the other side moves what is there away."""
    at.mkdir(exist_ok=True)
    for name in dumps_of(gate.released):
        number = len(list(at.iterdir()))
        (gate.released / name).rename(at / f"{number}-{name}")
        (gate.released / f"{name}{RECEIPT}").unlink()


def filled(folder: Path) -> Gate:
    gate = Gate.at(folder)
    for name, data in DUMPS.items():
        (gate.source / name).write_bytes(data)
    return gate


def contents(*folders: Path) -> Counter[bytes]:
    return Counter(data for folder in folders for data in dumps_of(folder).values())


def assert_each_left_once(gate: Gate, away: Path) -> None:
    outside = Counter(path.read_bytes() for path in away.iterdir())
    assert outside == {DUMPS["clean"]: 1}
    assert contents(gate.quarantined) == {DUMPS["key"]: 1}
    assert list(gate.source.iterdir()) == []
    assert list((gate.own / "sealed").iterdir()) == []
    assert list(gate.released.iterdir()) == []
    told = [json.loads(line) for line in away.with_suffix(".log").read_text().splitlines()]
    for event in ("published", "cleared"):  # by the gate that was killed, or by the next one
        assert {each["sha256"] for each in told if each["event"] == event} == HASHES


def goes_on(gate: Gate, away: Path, kills: list[int]) -> None:
    def look() -> None:
        gate.look(log=away.with_suffix(".log"))

    for moment in kills:
        status, _ = in_a_process(look, moment)
        assert status in (KILLED, 0)
        taken(gate, away)
    status, _ = in_a_process(look, None)
    assert status == 0
    taken(gate, away)


def calls_of_one(tmp_path: Path) -> int:
    gate = filled(tmp_path / "counted")
    status, calls = in_a_process(gate.look, None)
    assert status == 0
    return calls


def test_killed_at_each_moment_each_dump_leaves_once(tmp_path: Path) -> None:
    calls = calls_of_one(tmp_path)
    assert calls > 100
    for moment in range(1, calls + 1):
        gate = filled(tmp_path / f"at-{moment}")
        goes_on(gate, tmp_path / f"away-{moment}", [moment])
        assert_each_left_once(gate, tmp_path / f"away-{moment}")


@pytest.mark.parametrize("second", [20, 70])
def test_killed_twice_each_dump_leaves_once(tmp_path: Path, second: int) -> None:
    calls = calls_of_one(tmp_path)
    for moment in range(1, calls + 1, 7):
        gate = filled(tmp_path / f"at-{moment}")
        goes_on(gate, tmp_path / f"away-{moment}", [moment, second])
        assert_each_left_once(gate, tmp_path / f"away-{moment}")


def test_killed_at_each_moment_what_the_next_gate_looks_for_is_what_its_receipts_speak_of(tmp_path: Path) -> None:
    """The first gate does not know the key, the second one does: which of them judged it is said, and tells all."""
    seen, old, new = set(), Rules("a scanner 1", "nothing"), Rules("a scanner 1", "the key")

    def at(name: str) -> Gate:
        gate = Gate.at(tmp_path / name)
        (gate.source / "key").write_bytes(DUMPS["key"])
        return gate

    def blind(gate: Gate) -> Callable[[], object]:
        return lambda: gate.look(rules=old, judge=lambda *_: Judgement("CLEAN"))

    _, calls = in_a_process(blind(at("counted")), None)
    for moment in range(1, calls + 1, 5):
        gate = at(f"at-{moment}")
        in_a_process(blind(gate), moment)
        gate.look(rules=new)
        folder = gate.released if dumps_of(gate.released) else gate.quarantined
        assert contents(gate.released, gate.quarantined) == {DUMPS["key"]: 1}
        assert len([*gate.released.iterdir(), *gate.quarantined.glob("[!.]*")]) == 2  # with a receipt, and nothing else
        said = json.loads((folder / f"key{RECEIPT}").read_text())
        expected = ("CLEAN", "nothing") if folder == gate.released else ("LEAK", "the key")
        assert (said["verdict"], said["rules"]) == expected
        assert not [*gate.source.iterdir(), *(gate.own / "sealed").iterdir()]
        seen.add((folder.name, bool(gate.events("withdrawn"))))
    assert seen == {("to", False), ("quarantine", False), ("quarantine", True)}


def test_killed_while_it_takes_back_what_others_judged_the_next_one_judges_it(tmp_path: Path) -> None:
    """It was found clean, and its receipt lies there, but no rename did what was left to do."""

    def at(name: str) -> Gate:
        gate = Gate.at(tmp_path / name)
        (gate.source / "key").write_bytes(DUMPS["key"])
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Folders, "publish", fails)
            gate.look(rules=Rules("a scanner 0", "the key"), judge=lambda *_: Judgement("CLEAN"))
        assert len(list(gate.released.iterdir())) == 2
        return gate

    def fails(self: Folders, ticket: Ticket) -> None:
        raise OSError(errno.ENOSPC, "")

    _, calls = in_a_process(at("counted").look, None)
    for moment in range(1, calls + 1, 7):
        gate = at(f"at-{moment}")
        in_a_process(gate.look, moment)
        gate.look()
        assert contents(gate.quarantined) == {DUMPS["key"]: 1}
        assert not [*gate.released.iterdir(), *gate.source.iterdir(), *(gate.own / "sealed").iterdir()]


def test_before_it_is_published_no_dump_has_its_name_on_the_other_side_and_with_it_comes_a_receipt(
    tmp_path: Path,
) -> None:
    calls, seen = calls_of_one(tmp_path), set()
    for moment in range(1, calls + 1, 3):
        gate = filled(tmp_path / f"at-{moment}")
        in_a_process(gate.look, moment)
        found = dumps_of(gate.released)  # asserts that each has its receipt
        assert set(found.values()) <= {DUMPS["clean"]}
        seen.add(len(found))
        for name in found:
            said = (gate.released / f"{name}{RECEIPT}").read_text()
            assert hashlib.sha256(found[name]).hexdigest() in said
    assert seen == {0, 1}
