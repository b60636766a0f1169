"""Who read which dump: known for as long as the dump existed, or said to be unknown; a changed log is noticed."""

from __future__ import annotations

import http.client
import random
import shutil
import sqlite3
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest
from access_records import AccessLog, OutOfOrder, Unanswerable
from dump_service import DumpService, served
from record_chain import FORGOT, READ, RELEASED, REMOVED, Dump, Record, Tampered, chained, digest_of
from retention import DAY, AfterTheDump, ByAge

pytestmark = pytest.mark.once

EDITS = 1_000
APRIL, MAY = Dump.of("april.core", b"memory of April"), Dump.of("may.core", b"memory of May")


def begun(folder: Path, policy: ByAge | AfterTheDump) -> AccessLog:
    log = AccessLog(folder / "log", folder / "heads", policy)
    log.begin()
    return log


def two_years(folder: Path, policy: ByAge | AfterTheDump) -> AccessLog:
    """A dump that lies there for two years, and one that is removed after a month. Names are forgotten each 80 days."""
    log = begun(folder, policy)
    written = [(0, "gate", APRIL, RELEASED), (1, "gate", MAY, RELEASED), (2, "Alice", APRIL, READ)]
    written += [(3, "Bob", MAY, READ), (30, "gate", MAY, REMOVED), (400, "Mallory", APRIL, READ)]
    for until in range(80, 730, 80):
        for day, who, dump, what in written:
            if until - 80 <= day < until:
                log.write(day * DAY, who, dump, what)
        log.forget(until * DAY)
    return log


@pytest.mark.parametrize(("removed_at", "now", "forgotten"), [(None, 900, 0), (800, 889, 0), (800, 891, 1)])
def test_a_name_is_kept_while_the_dump_is_there_and_for_its_days_from_then_on(
    removed_at: float | None, now: float, forgotten: bool
) -> None:
    """However old the record is; by the other policy that is what counts."""
    removed = None if removed_at is None else removed_at * DAY
    assert AfterTheDump(90).forgets(0, removed, now * DAY) == forgotten
    assert ByAge(90).forgets(0, removed, now * DAY)


def at_the_desk(folder: Path, days: list[float]) -> DumpService:
    """A service whose clock shows the day that is in ``days``."""
    (folder / "dumps").mkdir()
    return DumpService(folder / "dumps", begun(folder, AfterTheDump(90)), lambda: days[0] * DAY)


def changes(log: AccessLog, *statements: str) -> None:
    """By somebody who can write the file of the log, and not the one that somebody else keeps."""
    file = sqlite3.connect(log.path)
    for each in statements:
        file.execute(each)
    file.commit()
    file.close()


def test_under_the_policy_of_the_first_account_nobody_knows_who_read_the_dump(tmp_path: Path) -> None:
    log = two_years(tmp_path, ByAge(90))
    with pytest.raises(Unanswerable, match="of 3 records 3 were forgotten"):
        log.readers("april.core")
    assert log.check() == 6 + 9  # what was forgotten in its time is no change


def test_kept_for_as_long_as_the_dump_exists_it_is_known(tmp_path: Path) -> None:
    log = two_years(tmp_path, AfterTheDump(90))
    assert log.readers("april.core") == ["Alice", "Mallory"]
    with pytest.raises(Unanswerable):  # it was removed long ago, and its time is over
        log.readers("may.core")
    assert log.check() == 6 + 9


def test_a_name_that_was_forgotten_is_nowhere_in_the_file(tmp_path: Path) -> None:
    two_years(tmp_path, ByAge(90))
    data = b"".join(each.read_bytes() for each in tmp_path.iterdir())
    assert b"april.core" in data
    assert not any(name in data for name in (b"Alice", b"Bob", b"Mallory"))


def test_a_dump_that_was_never_released_is_no_dump_that_nobody_read(tmp_path: Path) -> None:
    with pytest.raises(Unanswerable, match="never released"):
        begun(tmp_path, AfterTheDump(90)).readers("june.core")


def test_a_second_dump_of_the_same_name_has_readers_of_its_own_for_as_long_as_it_exists(tmp_path: Path) -> None:
    days = [0.0]
    desk = at_the_desk(tmp_path, days)
    log = desk.log
    first = desk.release("core", b"January")
    desk.hand_out("core", "Alice", bytes)
    desk.remove("core")
    days[0] = 30
    second = desk.release("core", b"February")
    desk.hand_out("core", "Mallory", bytes)
    assert log.readers("core") == log.readers("core", second) == ["Mallory"]
    assert log.readers("core", first) == ["Alice"]
    forgotten = [log.forget(day * DAY) for day in (80, 160, 240)]
    assert forgotten == [0, 3, 0]  # of January: its release, who read it, its removal
    assert log.readers("core") == ["Mallory"]
    with pytest.raises(Unanswerable, match="3 were forgotten"):
        log.readers("core", first)
    assert log.check() == 8


def test_a_dump_takes_no_place_of_another_and_only_what_was_released_leaves(tmp_path: Path) -> None:
    desk = at_the_desk(tmp_path, [0.0])
    desk.release("core", b"January")
    with pytest.raises(OutOfOrder, match="a dump of that name is there"):
        desk.release("core", b"February")
    desk.hand_out("core", "Alice", sent := [].append)  # type: ignore[var-annotated]
    for other in ("core", "beside"):
        (desk.folder / other).write_bytes(b"never released")
        with pytest.raises(OutOfOrder, match="not there"):
            desk.hand_out(other, "Bob", sent)
    desk.remove("core")
    with pytest.raises(LookupError):
        desk.remove("core")
    assert desk.log.readers("core") == ["Alice"]


def test_a_clock_that_goes_back_or_leaps_ahead_writes_and_forgets_nothing(tmp_path: Path) -> None:
    days = [1_000.0]
    desk = at_the_desk(tmp_path, days)
    desk.release("core", b"memory")
    desk.hand_out("core", "Mallory", bytes)
    days[0] = 0
    with pytest.raises(OutOfOrder, match="the clock went back"):
        desk.remove("core")
    with pytest.raises(OutOfOrder, match="the clock went back"):
        desk.log.forget(0)
    days[0] = 1_000 - 1 / DAY  # as clocks are set
    desk.remove("core")
    with pytest.raises(OutOfOrder, match="91 days old"):
        desk.log.forget(1_091 * DAY)
    assert desk.log.forget(1_089 * DAY) == 0
    assert desk.log.readers("core") == ["Mallory"]
    assert desk.log.forget(1_091 * DAY) == 3
    assert desk.log.check() == 5
    with pytest.raises(Tampered, match="of a time before"):
        chained([*desk.log.records(), forged(desk.log, 0, APRIL, READ)])


def renumbered(file: sqlite3.Connection, number: int) -> None:
    file.execute("update records set number = -1 where number = ?", (number,))
    file.execute("update records set number = ? where number = ?", (number, number + 1))
    file.execute("update records set number = ? where number = -1", (number + 1,))


def cut(file: sqlite3.Connection, number: int) -> None:
    file.execute("delete from records where number >= ?", (number,))


def removed(file: sqlite3.Connection, number: int) -> None:
    file.execute("delete from records where number = ?", (number,))


def closed_up(file: sqlite3.Connection, number: int) -> None:
    removed(file, number)
    file.execute("update records set number = number - 1 where number > ?", (number,))


def forgotten(file: sqlite3.Connection, number: int) -> None:
    file.execute("update records set who = null, salt = null where number = ?", (number,))


def changed(column: str, value: str) -> Callable[[sqlite3.Connection, int], None]:
    def change(file: sqlite3.Connection, number: int) -> None:
        file.execute(f"update records set {column} = {value} where number = ?", (number,))

    return change


KINDS = {
    "exchanged": renumbered, "cut": cut, "removed": removed, "closed up": closed_up, "forgotten": forgotten,
    "who": changed("who", "who || '.'"), "salt": changed("salt", "salt || '0'"), "dump": changed("dump", "'x.core'"),
    "what": changed("what", f"case what when '{READ}' then '{REMOVED}' else '{READ}' end"),
    "when": changed("at", "at + 1"), "digest": changed("digest", "substr(digest, 2) || '0'"),
    "hash": changed("hash", "substr(hash, 2) || 'g'"), "no text": changed("who", "x'00ff'"),
}  # fmt: skip


def test_of_a_thousand_edits_each_is_noticed(tmp_path: Path) -> None:
    source = begun(tmp_path, AfterTheDump(90))
    chance = random.Random(17)
    dumps = [Dump.of(f"{number}.core", b"memory") for number in range(4)]
    for number, dump in enumerate(dumps):
        source.write(number, "gate", dump, RELEASED)
    for number in range(4, 40):
        source.write(number, f"user {chance.randrange(9)}", chance.choice(dumps), READ)
    assert source.check() == 40
    noticed = dict.fromkeys(KINDS, 0)
    for number in range(EDITS):
        kind = list(KINDS)[number % len(KINDS)]
        edited = attrs.evolve(source, path=Path(shutil.copy(tmp_path / "log", tmp_path / "edited")))
        file = sqlite3.connect(edited.path)
        file.execute("pragma synchronous = off")
        file.execute("pragma journal_mode = memory")
        KINDS[kind](file, chance.randrange(1, 40))
        file.commit()
        file.close()
        with pytest.raises(Tampered):
            edited.check()
        noticed[kind] += 1
    assert sum(noticed.values()) == EDITS
    assert min(noticed.values()) > 70


def forged(log: AccessLog, at: float, dump: Dump, what: str) -> Record:
    """A record that follows the last one as it should: the hashes have no key."""
    last = log.records()[-1]
    made = Record(last.number + 1, at, dump.name, dump.content, what, "gate", "0", digest_of("gate", "0"), "")
    return attrs.evolve(made, hash=made.linked(last.hash))


LATER = {
    "removed in 1970": (1.0, APRIL, REMOVED), "removed": (1_001 * DAY, APRIL, REMOVED),
    "time is over": (2_000 * DAY, Dump("", ""), FORGOT), "an accusation": (1_001 * DAY, APRIL, READ),
}  # fmt: skip


@pytest.mark.parametrize(("at", "dump", "what"), LATER.values(), ids=LATER)
def test_what_is_written_behind_the_last_record_is_no_reason_to_forget_and_accuses_nobody(
    tmp_path: Path, at: float, dump: Dump, what: str
) -> None:
    log = begun(tmp_path, AfterTheDump(90))
    log.write(1_000 * DAY, "gate", APRIL, RELEASED)
    log.write(1_001 * DAY, "Mallory", APRIL, READ)
    values = ", ".join(repr(each) for each in attrs.astuple(forged(log, at, dump, what)))
    forgotten = "update records set who = null, salt = null where number = 2"
    changes(log, f"insert into records values ({values})", forgotten)
    for asked in (log.check, lambda: log.readers("april.core"), lambda: log.write(1e9, "Bob", APRIL, READ)):
        with pytest.raises(Tampered, match=r"kept elsewhere|of a time before"):
            asked()


def lost(log: AccessLog) -> None:
    log.path.unlink()


def begun_anew(log: AccessLog) -> None:
    lost(log)
    other = attrs.evolve(log, heads=log.path.with_name("other heads"))
    other.begin()
    other.write(1_000 * DAY, "gate", APRIL, RELEASED)


GONE: dict[str, Callable[[AccessLog], None]] = {
    "its tail was cut": lambda log: changes(log, "delete from records where number > 1"),
    "all of it was cut": lambda log: changes(log, "delete from records"),
    "it was deleted": lost, "another one is there": begun_anew,
    "the heads were deleted": lambda log: log.heads.unlink(),
}  # fmt: skip


@pytest.mark.parametrize("gone", GONE.values(), ids=GONE)
def test_of_a_log_that_is_not_whole_nobody_is_told_that_nobody_read_and_nothing_leaves(
    tmp_path: Path, gone: Callable[[AccessLog], None]
) -> None:
    desk = at_the_desk(tmp_path, [1_000.0])
    desk.release("april.core", b"memory of April")
    desk.hand_out("april.core", "Mallory", bytes)
    gone(desk.log)
    with pytest.raises(Tampered):
        desk.log.readers("april.core")
    sent: list[bytes] = []
    with pytest.raises(Tampered):
        desk.hand_out("april.core", "Mallory", sent.append)
    assert not sent
    if gone is not lost:
        with pytest.raises(FileExistsError):
            desk.log.begin()


def test_a_record_is_on_the_disk_and_stands_between_what_was_before_and_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Released before it is there, removed after it was: at no time is there a dump that nobody has written down."""
    desk = at_the_desk(tmp_path, [0.0])
    seen, written = [], AccessLog.write

    def write(log: AccessLog, at: float, who: str, dump: Dump, what: str) -> int:
        seen.append((what, (desk.folder / "core").exists()))
        return written(log, at, who, dump, what)

    monkeypatch.setattr(AccessLog, "write", write)
    desk.release("core", b"memory")
    desk.hand_out("core", "Alice", lambda data: seen.append(("sent", len(desk.log.records()) == 2)))
    desk.remove("core")
    assert seen == [(RELEASED, False), (READ, True), ("sent", True), (REMOVED, False)]
    with desk.log._opened() as file:
        assert [file.execute(f"pragma {each}.synchronous").fetchone()[0] for each in ("main", "kept")] == [2, 2]


def test_between_what_a_writer_reads_and_what_it_writes_no_other_one_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, came, looked = begun(tmp_path, AfterTheDump(90)), threading.Event(), AccessLog._has_its_place
    log.write(0, "gate", APRIL, RELEASED)
    other = threading.Thread(target=log.write, args=(0, "Bob", APRIL, READ))

    def looks(of: AccessLog, file: sqlite3.Connection, dump: Dump, what: str) -> None:
        looked(of, file, dump, what)
        if threading.current_thread() is other:
            came.set()
        else:
            other.start()
            assert not came.wait(0.3)

    monkeypatch.setattr(AccessLog, "_has_its_place", looks)
    log.write(0, "Alice", APRIL, READ)
    other.join(60)
    assert log.readers("april.core") == ["Alice", "Bob"]


def fetched(address: str, who: str) -> bytes:
    asked = urllib.request.Request(address, headers={"X-User": who.encode()})  # type: ignore[dict-item]
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    data: bytes = opener.open(asked, timeout=10).read()
    return data


def test_threads_that_fetch_at_the_same_time_each_have_a_record_of_one_chain(tmp_path: Path) -> None:
    service = at_the_desk(tmp_path, [1_000.0])
    service.release("april.core", b"memory")
    names = [f"User José {number}" for number in range(8)]
    with served(service) as address:
        threads = [threading.Thread(target=fetched, args=(f"{address}/dumps/april.core", name)) for name in names]
        for each in threads:
            each.start()
        for each in threads:
            each.join(60)
    assert sorted(service.log.readers("april.core")) == names
    assert service.log.check() == 9


@pytest.mark.parametrize("name", ["june.core", "..%2Flog", ".", "", "link"])
def test_what_is_no_released_dump_is_not_handed_out(tmp_path: Path, name: str) -> None:
    service = at_the_desk(tmp_path, [0.0])
    (tmp_path / "dumps" / "link").symlink_to("/etc/hostname")
    with served(service) as address, pytest.raises(urllib.error.HTTPError, match="404"):
        fetched(f"{address}/dumps/{name}", "Alice")


def test_where_the_log_cannot_be_written_no_dump_leaves(tmp_path: Path) -> None:
    service = at_the_desk(tmp_path, [0.0])
    service.release("april.core", b"memory")
    (tmp_path / "log").unlink()
    (tmp_path / "log").mkdir()
    with served(service) as address, pytest.raises(urllib.error.HTTPError, match="503"):
        fetched(f"{address}/dumps/april.core", "Alice")


def test_who_names_nobody_or_two_gets_nothing(tmp_path: Path) -> None:
    service = at_the_desk(tmp_path, [0.0])
    with served(service) as address:
        with pytest.raises(urllib.error.HTTPError, match="401"):
            fetched(f"{address}/dumps/april.core", "")
        connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=10)
        connection.putrequest("GET", "/dumps/april.core")
        for who in ("Alice", "Bob"):
            connection.putheader("X-User", who)
        connection.endheaders()
        assert connection.getresponse().status == 401
        connection.close()
