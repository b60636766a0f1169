"""Where disks are full, folders cannot be used, or the gate's own was left in disorder, nothing is released."""

from __future__ import annotations

import contextlib
import errno
import os
import resource
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gates import SECRET, Gate, dumps_of, judged

from redactfuzz.gate import folders, placing, receipt, sealing
from redactfuzz.gate.journal import Journal
from redactfuzz.gate.names import OWN
from redactfuzz.gate.passage import Judgement, NotYet, Outlet, Ticket
from redactfuzz.gate.places import PlaceError, opened
from redactfuzz.gate.sealing import SealLimits

CLEAN, KEY = b"a clean dump", b"a dump with " + SECRET


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    return Gate.at(tmp_path)



@contextlib.contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    before, ignored = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


def test_where_the_disk_is_full_nothing_leaves_and_nothing_is_lost(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing.fcntl, "ioctl", lambda *_: (_ for _ in ()).throw(OSError(errno.EOPNOTSUPP, "")))
    data = os.urandom(1 << 20)
    (gate.source / "core").write_bytes(data)
    with gate.at_work() as work:
        with files_of_at_most(1 << 16):
            work.look()
        assert work.failed == {"core": "File too large"}
        assert "tried again" in gate.events("failed")[0]["reason"]
        assert not dumps_of(gate.released)
        assert not list((gate.own / "sealed").iterdir())
        assert (gate.source / "core").read_bytes() == data
        work.look()
    assert dumps_of(gate.released) == {"core": data}


def test_where_a_quota_is_used_up_nothing_leaves_and_nothing_is_lost(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A quota ends a write in the midst of a file with an error of its own."""
    monkeypatch.setattr(sealing.fcntl, "ioctl", lambda *_: (_ for _ in ()).throw(OSError(errno.EOPNOTSUPP, "")))
    data = os.urandom(1 << 20)
    (gate.source / "core").write_bytes(data)

    def used_up(target: int, block: memoryview) -> None:
        os.write(target, block[: len(block) // 2])
        raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))

    with gate.at_work() as work:
        with monkeypatch.context() as patched:
            patched.setattr(sealing, "_put", used_up)
            work.look()
        assert work.failed == {"core": "Disk quota exceeded"}
        assert not dumps_of(gate.released)
        assert not list((gate.own / "sealed").iterdir())
        assert (gate.source / "core").read_bytes() == data
        work.look()
    assert dumps_of(gate.released) == {"core": data}


def test_a_journal_that_cannot_be_written_stops_the_dump_and_holds_no_half_line(gate: Gate) -> None:
    (gate.source / "core").write_bytes(CLEAN)
    with gate.at_work() as work:
        with files_of_at_most((gate.own / "journal").stat().st_size + 100):
            work.look()
        assert not dumps_of(gate.released)
        work.look()
        assert dumps_of(gate.released) == {"core": CLEAN}
    assert (gate.own / "journal").read_bytes().endswith(b"\n")
    gate.look()


@pytest.mark.parametrize("how", ["other file system", "no links"])
def test_on_another_file_system_what_leaves_is_copied_and_hashed_again(
    gate: Gate, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    def refuses(*_: object, **__: object) -> None:
        raise OSError(errno.EXDEV if how == "other file system" else errno.EPERM, "")

    monkeypatch.setattr(folders.os, "link", refuses)
    data = os.urandom(3 << 20) + bytes(2 << 20) + b"end"
    (gate.source / "core").write_bytes(data)
    gate.look()
    assert dumps_of(gate.released) == {"core": data}


def test_a_copy_that_is_not_what_was_sealed_is_not_released(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(*_: object, **__: object) -> None:
        raise OSError(errno.EXDEV, "")

    monkeypatch.setattr(folders.os, "link", refuses)
    monkeypatch.setattr(folders, "hashed", lambda _: ("another hash", 12))
    (gate.source / "core").write_bytes(CLEAN)
    work = gate.look()
    assert list(work.passage.open) == [1]
    assert "not what was sealed" in gate.events("failed")[0]["reason"]
    assert not dumps_of(gate.released)
    assert (gate.source / "core").read_bytes() == CLEAN


def test_a_quarantine_that_cannot_be_written_keeps_the_dump_sealed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate.at(tmp_path, tmp_path / "own")
    (gate.source / "key").write_bytes(KEY)
    (gate.source / "clean").write_bytes(CLEAN)
    really = folders.Folders.stage

    def refuses(self: folders.Folders, ticket: Ticket) -> None:
        if ticket.outlet is Outlet.QUARANTINED:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        really(self, ticket)

    monkeypatch.setattr(folders.Folders, "stage", refuses)
    work = gate.look()
    assert dumps_of(gate.released) == {"clean": CLEAN}
    assert not dumps_of(gate.quarantined)
    assert len(work.passage.open) == 1
    assert "Read-only" in gate.events("failed")[0]["reason"]
    assert (gate.source / "key").read_bytes() == KEY
    monkeypatch.undo()
    gate.look()
    assert dumps_of(gate.quarantined) == {"key": KEY}


def held(gate: Gate) -> contextlib.AbstractContextManager[object]:
    return opened(gate.source, gate.released, gate.quarantined, gate.own)


def test_one_folder_has_one_gate(gate: Gate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("redactfuzz.gate.places._SECONDS", 0.1)
    (tmp_path / "other").mkdir()
    with held(gate):
        with pytest.raises(PlaceError, match=r"--from .*another gate has it"), held(gate):
            pass
        with pytest.raises(PlaceError, match=r"\.gate: another gate has it"), opened(
            tmp_path / "other", gate.released, gate.quarantined, gate.own
        ):
            pass
    with held(gate):
        pass


def test_folders_that_cannot_be_used_are_said(gate: Gate, tmp_path: Path) -> None:
    def fails(match: str, *paths: Path) -> None:
        with pytest.raises(PlaceError, match=match), opened(*paths):  # type: ignore[arg-type]
            pass

    source, released, quarantined, own = gate.source, gate.released, gate.quarantined, tmp_path / "own"
    fails("--from .* no folder that can be used", tmp_path / "nowhere", released, quarantined, own)
    fails("--to .* the folder of --from as well", source, source, quarantined, own)
    fails("--quarantine .* the folder of --to as well", source, released, released, own)
    for inner in (source, released):
        (inner / "inner").mkdir()
        fails("it lies in that of", source, released, inner / "inner", own)
        fails("--state .* lies in that of", source, released, quarantined, inner / "inner" / "own")
    fails("it lies in that of --to", released / "inner", released, quarantined, own)
    own.mkdir(mode=0o700, exist_ok=True)
    (own / "inner").mkdir()
    for three in ((own / "inner", released, quarantined), (source, own / "inner", quarantined)):
        fails("it lies in that of --state", *three, own)
    for inner in (own, own / "inner"):
        fails("the gate's own folder", source, released, inner, own)
    (own / "inner").rmdir()
    own.chmod(0o755)
    fails("others can reach into it", source, released, quarantined, own)
    shutil.rmtree(own)
    own.symlink_to(released)
    fails("cannot be the gate's own folder", source, released, quarantined, own)


def test_a_journal_that_cannot_be_read_ends_the_gate_and_a_torn_last_line_does_not(gate: Gate) -> None:
    (gate.source / "core").write_bytes(CLEAN)
    gate.look()
    journal = gate.own / "journal"
    good = journal.read_bytes()
    journal.write_bytes(good + b'{"number": 9, "sou')
    gate.look()
    for bad in (b"nonsense\n", b'{"number": 3}\n', b"\xff\n", b'[]\n', b'{"number": "x", "stage": "none"}\n'):
        journal.write_bytes(good + bad)
        with pytest.raises(Exception, match=r"line \d+ of the gate's journal cannot be read"):
            gate.look()


def test_leftovers_of_a_gate_that_was_killed_are_swept_and_those_of_another_gate_are_not(gate: Gate) -> None:
    gate.look()
    name = gate.own / "journal"
    own = name.read_text().split('"')[3]
    (gate.released / f"{OWN}{own}-7.part").write_bytes(KEY)
    (gate.released / f"{OWN}00000000-7.part").write_bytes(CLEAN)
    (gate.own / "sealed" / "7").write_bytes(KEY)
    gate.look()
    assert [path.name for path in gate.released.iterdir()] == [f"{OWN}00000000-7.part"]
    assert not list((gate.own / "sealed").iterdir())


def test_a_leak_that_a_gate_put_away_and_could_not_tell_is_told_and_counted_by_the_next(gate: Gate) -> None:
    (gate.source / "core").write_bytes(KEY)
    with gate.at_work() as work:

        def full(event: dict[str, Any]) -> None:
            if event["event"] == "published":
                raise RuntimeError

        work.tell = full
        with pytest.raises(RuntimeError):
            work.look()
    work = gate.look()
    assert [event["event"] for event in gate.told] == ["resumed", "published", "cleared"]
    assert (work.leaks, work.tally.outcomes["quarantined", "LEAK"]) == (1, 1)
    gate.told.clear()
    assert gate.look().leaks == 0
    assert not gate.told


def test_a_refusal_in_the_midst_of_the_way_costs_that_dump_alone(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    (gate.source / "core").write_bytes(CLEAN)
    (gate.source / "other").write_bytes(KEY)
    really = folders.Folders.stage

    def slow(self: folders.Folders, ticket: Ticket) -> None:
        if ticket.outlet is Outlet.RELEASED:
            raise NotYet("it was still being read")
        really(self, ticket)

    with monkeypatch.context() as patch:
        patch.setattr(folders.Folders, "stage", slow)
        work = gate.look()
    assert dumps_of(gate.quarantined) == {"other": KEY}
    assert list(work.failed.values()) == ["it was still being read"]
    gate.look()
    assert dumps_of(gate.released) == {"core": CLEAN}


def test_what_has_its_size_for_good_is_copied_however_large_and_slow(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: object, **__: object) -> None:
        raise OSError(errno.EXDEV, "")

    (gate.source / "core").write_bytes(CLEAN)
    really = sealing.copied

    def then_slow(*words: Any) -> tuple[str, int]:
        sealed = really(*words)
        monkeypatch.setattr(sealing, "_SECONDS", -1e9)
        return sealed

    monkeypatch.setattr(placing.os, "link", refuses)
    monkeypatch.setattr(folders, "copied", then_slow)
    monkeypatch.setattr(folders, "SealLimits", lambda size=1, **more: SealLimits(size, **more))
    gate.look(limits=SealLimits(1 << 20))
    assert dumps_of(gate.released) == {"core": CLEAN}


def test_an_original_that_grows_while_it_is_looked_at_again_stays(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    path = gate.source / "core"
    path.write_bytes(CLEAN)

    def touches(sealed: str, ticket: Ticket) -> Judgement:
        path.chmod(0o664)  # so that its bytes are looked at
        return judged(sealed, ticket)

    def grows(_: int) -> tuple[str, int]:
        raise NotYet("it grew")

    monkeypatch.setattr(folders, "hashed", grows)
    gate.look(judge=touches)
    assert gate.events("cleared")[0]["original"] == "kept"
    assert path.read_bytes() == CLEAN


@pytest.mark.parametrize("private", [True, False])
def test_receipts_verify_by_the_public_half_that_lies_there(tmp_path: Path, private: bool) -> None:
    """A pair is never made while there is a private half; the public one is what belongs to it."""
    folder = os.open(tmp_path, os.O_RDONLY)
    key, public = tmp_path / receipt.KEY, tmp_path / receipt.PUBLIC

    def starts() -> bytes:
        receipt.make_key(folder)
        receipt.show_public(folder, receipt.Signer(key).public)
        return public.read_bytes()

    try:
        first = starts()
        kept = key.read_bytes()
        for left in (None, b"", first[:20], b"of another key"):
            public.unlink() if left is None else public.write_bytes(left)
            assert starts() == first
        assert key.read_bytes() == kept
        if private:
            key.write_bytes(b"")  # nothing is left of it
            assert starts() != first
        else:
            key.write_bytes(kept[:50])
            with pytest.raises(receipt.ReceiptError, match="no key in PEM"):
                starts()
            assert key.read_bytes() == kept[:50]
        assert {path.name for path in tmp_path.iterdir()} == {receipt.KEY, receipt.PUBLIC}
    finally:
        os.close(folder)


def test_one_look_takes_those_names_alone_that_were_there_at_the_first(gate: Gate) -> None:
    """So `--once` ends, whoever goes on to write."""
    with (gate.source / "held").open("wb") as file, gate.at_work(patience=60) as work:
        file.write(CLEAN)
        file.flush()
        there = work.look()
        assert list(there) == ["held"]
        (gate.source / "new").write_bytes(CLEAN)
        work.look(there)
        assert set(work.waiting) == {"held"}
        file.close()
        work.look(there)
        assert not work.waiting
    assert dumps_of(gate.released) == {"held": CLEAN}
    assert (gate.source / "new").exists()


@pytest.mark.parametrize("what", ["(--from)", "(the journal)"])
def test_what_fails_around_the_dumps_is_told_once_and_ends_no_gate(
    gate: Gate, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    def fails(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with gate.at_work() as work:
        with monkeypatch.context() as patch:
            patch.setattr(Journal, "long", True)
            patch.setattr(Journal, "rewrite", fails)
            if what == "(--from)":
                patch.setattr("redactfuzz.gate.work.names_in", fails)
            work.look()
            work.look()
        assert set(work.failed) == {what}
        assert len(gate.events("failed")) == 1
        work.look()
        assert not work.failed
