"""Nothing that lies in a folder is replaced, whoever puts what there meanwhile, and who may read there reads a dump."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest
from gates import SECRET, Gate, dumps_of

from redactfuzz.gate import arriving, folders, placing
from redactfuzz.gate.folders import Folders
from redactfuzz.gate.names import OWN, RECEIPT
from redactfuzz.gate.passage import Judgement, Ticket

CLEAN = b"a clean dump"


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    return Gate.at(tmp_path)


@pytest.fixture(params=["with renameat2", "without", "without links too"])
def file_system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it can."""

    def refuses(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "")

    if request.param != "with renameat2":
        monkeypatch.setattr(placing, "_renameat2", None)
    if request.param == "without links too":
        monkeypatch.setattr(placing.os, "link", refuses)


@pytest.mark.usefixtures("file_system")
def test_a_name_that_is_taken_stays_what_it_is(tmp_path: Path) -> None:
    for name in ("old", "taken", "receipt"):
        (tmp_path / name).write_bytes(name.encode())
    folder = os.open(tmp_path, os.O_RDONLY)
    try:
        with pytest.raises(FileExistsError):
            placing.rename_new(folder, "old", "taken")
        assert placing.rename_free(folder, "old", ["taken", "free"]) == "free"
        assert placing.put(folder, ".hidden", "new", b"bytes")
        assert placing.put(folder, ".hidden", "new", b"bytes")  # it is there already
        assert not placing.put(folder, ".hidden", "new", b"bytes and more")
        assert not placing.put(folder, ".hidden", "receipt", b"of ours")
        with pytest.raises(FileNotFoundError):
            placing.rename_new(folder, "nothing", "other")
    finally:
        os.close(folder)
    found = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert found == {"taken": b"taken", "free": b"old", "receipt": b"receipt", "new": b"bytes"}
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640


@pytest.mark.usefixtures("file_system")
@pytest.mark.parametrize("when", ["announce", "publish"])
def test_two_gates_that_share_where_dumps_leave_lose_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    """Both have dumps of one name, and the second takes its whole way while the first is about to do a step."""
    one, two = Gate.at(tmp_path / "one"), Gate.at(tmp_path / "two")
    two.released.rmdir()
    two.released.symlink_to(one.released)
    for gate in (one, two):
        (gate.source / "core").write_bytes(CLEAN + gate.folder.name.encode())
    really, begun = getattr(Folders, when), [True]

    def late(self: Folders, ticket: Ticket) -> object:
        if begun and begun.pop():
            two.look()
        return really(self, ticket)

    monkeypatch.setattr(Folders, when, late)
    one.look()
    assert sorted(dumps_of(one.released).values()) == [CLEAN + b"one", CLEAN + b"two"]
    assert len(list(one.released.iterdir())) == 4


def test_somebody_takes_the_name_after_the_receipt_and_both_stay(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    (gate.source / "core").write_bytes(CLEAN)
    really = Folders.publish

    def late(self: Folders, ticket: Ticket) -> None:
        if ticket.name == "core":
            (gate.released / "core").write_bytes(b"of somebody")
        really(self, ticket)

    monkeypatch.setattr(Folders, "publish", late)
    gate.look()
    found = {path.name: path.read_bytes() for path in gate.released.iterdir()}
    assert set(found) == {"core", "core.1", f"core.1{RECEIPT}"}
    assert (found["core"], found["core.1"]) == (b"of somebody", CLEAN)


def test_a_receipt_that_somebody_takes_before_its_dump_is_there_is_put_again(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    (gate.source / "core").write_bytes(CLEAN)
    really = Folders.publish

    def late(self: Folders, ticket: Ticket) -> None:
        (gate.released / f"core{RECEIPT}").unlink()
        really(self, ticket)

    monkeypatch.setattr(Folders, "publish", late)
    gate.look()
    assert dumps_of(gate.released) == {"core": CLEAN}  # asserts that it has a receipt


def test_a_part_that_a_cleaner_removed_is_staged_again(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    (gate.source / "core").write_bytes(CLEAN)

    def fails(self: Folders, ticket: Ticket) -> bool:
        raise OSError(errno.ENOSPC, "")

    with monkeypatch.context() as patch:
        patch.setattr(Folders, "announce", fails)
        gate.look()
    for path in gate.released.glob(f"{OWN}*"):
        path.unlink()
    gate.look()
    assert dumps_of(gate.released) == {"core": CLEAN}
    assert not list(gate.source.iterdir())


# -- originals that cannot be removed, or were not


@pytest.mark.parametrize("data", [CLEAN, SECRET])
def test_a_dump_whose_original_cannot_be_removed_leaves_once_and_that_is_said(
    gate: Gate, monkeypatch: pytest.MonkeyPatch, data: bytes
) -> None:
    path = gate.source / "core"
    path.write_bytes(data)
    really = folders.rename_new

    def refuses(folder: int, old: str, new: str) -> None:
        if new.endswith(".taken"):
            raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))
        really(folder, old, new)

    with monkeypatch.context() as patch:
        patch.setattr(folders, "rename_new", refuses)
        with gate.at_work() as work:
            for _ in range(3):
                work.look()
            path.rename(path.with_name("renamed"))  # the same file
            work.look()
        path.with_name("renamed").rename(path)
        for _ in range(2):
            assert not gate.look().leaks  # it was counted
        assert len(gate.events("published")) == 1
        assert "original is still there" in gate.events("failed")[0]["dump"]
    gate.look()
    left = {**dumps_of(gate.released), **dumps_of(gate.quarantined)}
    assert left == {"core": data}
    assert not list(gate.source.iterdir())


def test_a_dump_that_cannot_leave_is_sealed_once_and_a_new_one_of_its_name_apart(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = gate.source / "core"
    path.write_bytes(CLEAN)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch, gate.at_work() as work:
        patch.setattr(Folders, "stage", full)
        work.look()
        work.look()
        assert len(gate.events("sealed")) == 1
        path.write_bytes(CLEAN + b", and more")
        work.look()
        assert len(gate.events("sealed")) == 2
    gate.look()
    assert sorted(dumps_of(gate.released).values()) == [CLEAN, CLEAN + b", and more"]


def test_names_that_somebody_has_made_in_the_gates_place_keep_no_original(gate: Gate) -> None:
    """They see the gate's name as soon as it moves anything."""
    gate.look()
    own = (gate.own / "journal").read_text().split('"')[3]
    for number in range(1, 5):
        (gate.source / f"{OWN}{own}-{number}.taken").mkdir()
        (gate.source / f"{OWN}{own}-{number}.0123456789abcdef.taken").mkdir()
    for name in ("one", "two"):
        (gate.source / name).write_bytes(name.encode())
    with gate.at_work() as work:
        work.look()
        work.look()
    assert dumps_of(gate.released) == {"one": b"one", "two": b"two"}
    assert all(path.is_dir() for path in gate.source.iterdir())


def test_what_a_killed_gate_had_moved_aside_is_put_back_and_replaces_nothing(gate: Gate) -> None:
    (gate.source / "core").write_bytes(CLEAN)
    gate.look(judge=lambda *_: Judgement("CLEAN"))
    own = (gate.own / "journal").read_text().split('"')[3]
    for number, data in ((1, b"the first"), (77, b"of no known dump")):
        (gate.source / f"{OWN}{own}-{number}.00ff.taken").write_bytes(data)
    (gate.source / f"{OWN}other-1.00ff.taken").write_bytes(b"of another gate")
    (gate.source / "core").write_bytes(b"the second")
    gate.look()
    found = [CLEAN, b"of no known dump", b"the first", b"the second"]
    assert sorted(dumps_of(gate.released).values()) == found
    assert [path.name for path in gate.source.iterdir()] == [f"{OWN}other-1.00ff.taken"]


# -- who may read


def test_a_dump_is_of_the_group_of_a_folder_that_gives_it(gate: Gate) -> None:
    (gate.source / "core").write_bytes(CLEAN)
    (gate.source / "key").write_bytes(SECRET)
    group = next((one for one in os.getgroups() if one != os.getegid()), 12345 if os.geteuid() == 0 else os.getegid())
    os.chown(gate.released, -1, group)
    gate.released.chmod(0o2770)
    umask = os.umask(0o777)
    try:
        gate.look()
    finally:
        os.umask(umask)
    for name in ("core", f"core{RECEIPT}"):
        status = (gate.released / name).stat()
        assert (status.st_gid, bool(status.st_mode & 0o040)) == (group, True)
    assert (gate.quarantined / "key").stat().st_gid == os.getegid()


# user::rwx group::rwx group:GROUP:r-x mask::rwx other::---, as the kernel keeps it (acl(5), and its header of xattrs)
ACL = bytes.fromhex("02000000 01000700ffffffff 04000700ffffffff 08000500 39300000 10000700ffffffff 20000000ffffffff")


def test_a_dump_has_the_access_list_of_a_folder_that_gives_one(gate: Gate) -> None:
    try:
        os.setxattr(gate.released, "system.posix_acl_default", ACL)
    except OSError as error:
        if error.errno not in (errno.EOPNOTSUPP, errno.EINVAL):
            raise
        pytest.skip("the file system of temporary folders has no access lists")
    (gate.source / "core").write_bytes(CLEAN)
    gate.look()
    assert (12345).to_bytes(4, "little") in os.getxattr(gate.released / "core", "system.posix_acl_access")
    assert dumps_of(gate.released) == {"core": CLEAN}


# -- cores that are adopted


@pytest.mark.usefixtures("file_system")
def test_a_core_that_is_adopted_replaces_nothing(gate: Gate) -> None:
    """The name after the mark is anybody's choice."""
    known = "core-4711-dead.cut"
    (gate.source / known).write_bytes(b"of somebody else")
    for name in ("4711-dead", "x" * 40, "x" * 41):
        (gate.source / f"{OWN}arriving-{name}").write_bytes(name.encode())
    (gate.source / f"{OWN}arriving-folder").mkdir()
    os.mkfifo(gate.source / f"{OWN}arriving-fifo")
    gate.look()
    found = dumps_of(gate.released)
    assert found[known] == b"of somebody else"
    assert sorted(found.values()) == sorted([b"of somebody else", b"4711-dead", b"x" * 40, b"x" * 41])
    assert {path.name for path in gate.source.iterdir()} == {f"{OWN}arriving-folder", f"{OWN}arriving-fifo"}


@pytest.mark.parametrize("moment", ["flock", "fsync", "rename_new", "rename_free"])
def test_a_gate_that_looks_at_any_moment_adopts_no_core_that_still_comes(
    gate: Gate, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    reader, writer = os.pipe()
    os.write(writer, CLEAN)
    os.close(writer)
    module = {"flock": arriving.fcntl, "fsync": arriving.os}.get(moment, arriving)
    really, looks = getattr(module, moment), [1]

    def looked(*words: object) -> object:
        if looks and looks.pop():
            gate.look()
        return really(*words)

    monkeypatch.setattr(module, moment, looked)
    folder = os.open(gate.source, os.O_RDONLY)
    try:
        arrived = arriving.receive(reader, folder, ["4711"], arriving.ArrivalLimits())
    finally:
        os.close(folder)
        os.close(reader)
    assert (arrived.cut, arrived.size) == ("", len(CLEAN))
    assert {path.name: path.read_bytes() for path in gate.source.iterdir()} == {arrived.name: CLEAN}
    assert not gate.events("adopted")
