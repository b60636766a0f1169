"""What the gate does with files that are not as they should be: clear errors, and nothing released."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest
from gates import SECRET, Gate, dumps_of, judged

from redactfuzz.gate import folders, leases, sealing
from redactfuzz.gate.names import RECEIPT
from redactfuzz.gate.passage import Judgement, NotYet, Ticket
from redactfuzz.gate.sealing import SealLimits

CLEAN, KEY = b"a clean dump", b"a dump with " + SECRET


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    return Gate.at(tmp_path)


def test_what_is_clean_is_released_with_a_receipt_and_all_else_is_quarantined(gate: Gate) -> None:
    for name, data in (("clean", CLEAN), ("key", KEY), ("cut", b"a dump that is cut")):
        (gate.source / name).write_bytes(data)
    gate.look()
    assert dumps_of(gate.released) == {"clean": CLEAN}
    assert dumps_of(gate.quarantined) == {"key": KEY, "cut": b"a dump that is cut"}
    assert not list(gate.source.iterdir())
    assert stat.S_IMODE((gate.released / "clean").stat().st_mode) == 0o440
    assert stat.S_IMODE(gate.own.stat().st_mode) == 0o700


def refusals(gate: Gate) -> dict[str, str]:
    return {event["dump"]: event["reason"] for event in gate.events("refused")}


def test_what_is_no_dump_is_refused_and_stays(gate: Gate, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(KEY)
    os.mkfifo(gate.source / "fifo")
    (gate.source / "link").symlink_to("/etc/passwd")
    (gate.source / "dangling").symlink_to("nowhere")
    (gate.source / "folder").mkdir()
    os.link(tmp_path / "secret", gate.source / "second name")
    (gate.source / "device").symlink_to("/dev/zero")
    gate.look()
    said = refusals(gate)
    assert set(said) == {"fifo", "link", "dangling", "folder", "second name", "device"}
    assert "FIFO" in said["fifo"]
    assert "symbolic link" in said["link"]
    assert "2 names" in said["second name"]
    assert not dumps_of(gate.released)
    assert len(list(gate.source.iterdir())) == 6
    gate.look()
    assert len(gate.events("refused")) == 12  # once by each gate, and not at each look


def test_a_device_is_never_opened(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = os.stat_result((stat.S_IFCHR | 0o666, *(1,) * 9))
    monkeypatch.setattr(folders.os, "stat", lambda *_, **__: kind)
    with gate.at_work() as work, pytest.raises(folders.Refused, match="a device"):
        work.folders.glance("null")


def test_names_from_anybody_make_no_other_names_and_no_lines(gate: Gate) -> None:
    names = ("a\nb", "..c", "-rf", ".hidden", "ü", "x" * 255, b"\xff\xfe".decode("utf-8", "surrogateescape"), "...")
    for number, name in enumerate(names):
        (gate.source / name).write_bytes(b"dump %d" % number)
    gate.look()
    found = dumps_of(gate.released)
    assert len(found) == len(names)
    assert all(name.isascii() and name.isprintable() and name[0] not in ".-" and len(name) < 200 for name in found)
    assert set(found.values()) == {b"dump %d" % number for number in range(len(names))}


def test_dumps_of_one_name_get_names_of_their_own(gate: Gate) -> None:
    for number in range(3):
        (gate.source / "core").write_bytes(b"dump %d" % number)
        gate.look()
    assert set(dumps_of(gate.released)) == {"core", "core.1", "core.2"}


def test_what_lies_in_the_target_is_never_replaced(gate: Gate) -> None:
    (gate.released / "core").write_bytes(b"of somebody else")
    (gate.released / f"other{RECEIPT}").write_bytes(b"of somebody else")
    (gate.source / "core").write_bytes(CLEAN)
    (gate.source / "other").write_bytes(CLEAN + b"!")
    gate.look()
    assert (gate.released / "core").read_bytes() == b"of somebody else"
    assert (gate.released / "core.1").read_bytes() == CLEAN
    assert (gate.released / f"other{RECEIPT}").read_bytes() == b"of somebody else"
    assert (gate.released / "other.1").read_bytes() == CLEAN + b"!"


# -- who writes meanwhile


def test_a_dump_that_somebody_has_open_for_writing_waits_and_that_is_said(gate: Gate) -> None:
    with (gate.source / "core").open("wb") as file:
        file.write(CLEAN)
        file.flush()
        work = gate.look()
        assert set(work.waiting) == {"core"}
        assert "open for writing; 0 s have passed" in gate.events("waits")[0]["reason"]
        assert not dumps_of(gate.released)
    gate.look()
    assert dumps_of(gate.released) == {"core": CLEAN}


def test_what_a_writer_adds_while_it_is_scanned_is_a_new_dump(gate: Gate) -> None:
    path = gate.source / "core"
    path.write_bytes(CLEAN)

    def adds(sealed: str, ticket: Ticket) -> Judgement:
        if not gate.events("published"):
            with path.open("ab") as file:
                file.write(KEY)
        return judged(sealed, ticket)

    gate.look(judge=adds)
    assert dumps_of(gate.released) == {"core": CLEAN}
    assert path.read_bytes() == CLEAN + KEY
    gate.look()
    assert dumps_of(gate.released) == {"core": CLEAN}
    assert dumps_of(gate.quarantined) == {"core": CLEAN + KEY}


@pytest.mark.parametrize("other", ["file", "link", "hard link", "nothing"])
def test_what_has_the_name_by_then_stays_and_is_not_released_unscanned(gate: Gate, tmp_path: Path, other: str) -> None:
    path = gate.source / "core"
    path.write_bytes(CLEAN)
    (tmp_path / "outside").write_bytes(KEY)

    def swaps(sealed: str, ticket: Ticket) -> Judgement:
        if path.read_bytes() == CLEAN:
            path.unlink()
            if other == "file":
                path.write_bytes(KEY)
            elif other == "link":
                path.symlink_to(tmp_path / "outside")
            elif other == "hard link":
                os.link(tmp_path / "outside", path)
        return judged(sealed, ticket)

    gate.look(judge=swaps)
    assert dumps_of(gate.released) == {"core": CLEAN}
    gate.look()
    assert dumps_of(gate.released) == {"core": CLEAN}
    assert (tmp_path / "outside").read_bytes() == KEY
    assert dumps_of(gate.quarantined) == ({"core": KEY} if other == "file" else {})
    assert path.is_symlink() == (other == "link")


def test_a_dump_that_is_renamed_while_it_is_scanned_leaves_once(gate: Gate) -> None:
    (gate.source / "core").write_bytes(CLEAN)

    def renames(sealed: str, ticket: Ticket) -> Judgement:
        (gate.source / "core").rename(gate.source / "z-core")
        return judged(sealed, ticket)

    gate.look(judge=renames)
    gate.look()
    assert list(dumps_of(gate.released).values()) == [CLEAN]
    assert not list(gate.source.iterdir())


def test_what_was_moved_aside_and_is_not_what_was_sealed_is_put_back(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody renames another file over it between the last look and the move."""
    (gate.source / "core").write_bytes(CLEAN)
    really = folders.rename_new

    def late(folder: int, old: str, new: str) -> None:
        if new.endswith(".taken"):
            (gate.source / "new").write_bytes(KEY)
            (gate.source / "new").rename(gate.source / "core")
        really(folder, old, new)

    monkeypatch.setattr(folders, "rename_new", late)
    gate.look()
    assert dumps_of(gate.released) == {"core": CLEAN}
    assert {path.name: path.read_bytes() for path in gate.source.iterdir()} == {"core": KEY}


def test_a_dump_that_grows_for_ever_is_not_sealed(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    path = gate.source / "core"
    path.write_bytes(CLEAN)
    really = sealing.os.readv

    def grows(descriptor: int, buffers: list[memoryview]) -> int:
        with path.open("ab") as file:
            file.write(bytes(1 << 20))
        return really(descriptor, buffers)

    monkeypatch.setattr(sealing.os, "readv", grows)
    monkeypatch.setattr(sealing.fcntl, "ioctl", lambda *_: (_ for _ in ()).throw(OSError(errno.EOPNOTSUPP, "")))
    work = gate.look(limits=SealLimits(8 << 20))
    assert "grew beyond 8,388,608 bytes" in work.waiting["core"].reason
    monkeypatch.setattr(sealing, "_SECONDS", -1e9)
    path.write_bytes(CLEAN)
    with gate.at_work() as work, pytest.raises(NotYet, match="still being read"):
        work.folders.seal("core", 99)
    assert not dumps_of(gate.released)
    assert not list((gate.own / "sealed").iterdir())


def test_a_dump_that_is_larger_than_it_may_be_is_refused(gate: Gate) -> None:
    with (gate.source / "core").open("wb") as file:
        file.truncate(2 << 40)
    gate.look(limits=SealLimits(1 << 40))
    assert "--max-size" in refusals(gate)["core"]
    assert (gate.source / "core").stat().st_size == 2 << 40


def test_the_clock_on_the_wall_decides_nothing(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, at in enumerate((0, 4_000_000_000, -1_000_000)):
        path = gate.source / f"core.{number}"
        path.write_bytes(b"dump %d" % number)
        os.utime(path, (at, at))
        monkeypatch.setattr("time.time", lambda at=at: float(at))
        gate.look()
    assert len(dumps_of(gate.released)) == 3


def test_the_kernel_says_who_has_a_file_open_for_writing(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"")
    leases.ignore_their_ends()
    descriptor = os.open(path, os.O_RDONLY)
    try:
        assert leases.written_by_others(descriptor) is False
        with path.open("ab"):
            assert leases.written_by_others(descriptor) is True
            with leases.unwritten(descriptor) as hold:
                assert not hold.alone
        with leases.unwritten(descriptor) as hold:
            assert hold.alone
            assert not hold.awaited
            with pytest.raises(BlockingIOError):
                os.open(path, os.O_WRONLY | os.O_NONBLOCK)
            assert hold.awaited
    finally:
        os.close(descriptor)
