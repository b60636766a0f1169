"""Who read which dump: known for as long as the dump existed, or said to be unknown; a changed log is noticed."""

from __future__ import annotations

import random
import shutil
import sqlite3
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from access_records import READ, RELEASED, REMOVED, AccessLog, AfterTheDump, ByAge, Head, Tampered, Unanswerable
from dump_service import DumpService, served

pytestmark = pytest.mark.once

DAY = 86_400.0
EDITS = 1_000


def two_years(path: Path, policy: ByAge | AfterTheDump) -> tuple[AccessLog, Head]:
    """A dump that lies there for two years, beside one that is removed after a month; forgotten is once a month."""
    log = AccessLog(path, policy)
    log.write(0, "gate", "april.core", RELEASED)
    log.write(DAY, "gate", "may.core", RELEASED)
    log.write(2 * DAY, "Alice", "april.core", READ)
    log.write(3 * DAY, "Bob", "may.core", READ)
    log.write(30 * DAY, "gate", "may.core", REMOVED)
    head = log.write(400 * DAY, "Mallory", "april.core", READ)
    for month in range(1, 25):
        log.forget(month * 30 * DAY)
    return log, head


def test_under_the_policy_of_the_first_account_nobody_knows_who_read_the_dump(tmp_path: Path) -> None:
    log, head = two_years(tmp_path / "log", ByAge(90))
    with pytest.raises(Unanswerable, match="of 3 records 3 were forgotten"):
        log.readers("april.core")
    assert log.check(head, 730 * DAY) == 6  # what was forgotten in its time is no change


def test_kept_for_as_long_as_the_dump_exists_it_is_known(tmp_path: Path) -> None:
    log, head = two_years(tmp_path / "log", AfterTheDump(90))
    assert log.readers("april.core") == ["Alice", "Mallory"]
    with pytest.raises(Unanswerable):  # it was removed long ago, and its time is over
        log.readers("may.core")
    assert log.check(head, 730 * DAY) == 6


def test_a_name_that_was_forgotten_is_nowhere_in_the_file(tmp_path: Path) -> None:
    two_years(tmp_path / "log", ByAge(90))
    data = b"".join(each.read_bytes() for each in tmp_path.iterdir())
    assert b"april.core" in data
    assert not any(name in data for name in (b"Alice", b"Bob", b"Mallory"))


def test_a_dump_that_was_never_released_is_no_dump_that_nobody_read(tmp_path: Path) -> None:
    log, _ = two_years(tmp_path / "log", AfterTheDump(90))
    with pytest.raises(Unanswerable, match="never released"):
        log.readers("june.core")


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
    "hash": changed("hash", "substr(hash, 2) || 'g'"),
}  # fmt: skip


def test_of_a_thousand_edits_each_is_noticed(tmp_path: Path) -> None:
    source = AccessLog(tmp_path / "log", AfterTheDump(90))
    chance = random.Random(17)
    for number in range(40):
        source.write(number, f"user {chance.randrange(9)}", f"{chance.randrange(4)}.core", READ)
    head = source.head()
    assert source.check(head, 100) == 40
    noticed = dict.fromkeys(KINDS, 0)
    for number in range(EDITS):
        kind = list(KINDS)[number % len(KINDS)]
        edited = AccessLog(Path(shutil.copy(tmp_path / "log", tmp_path / "edited")), AfterTheDump(90))
        file = sqlite3.connect(edited.path)
        file.execute("pragma synchronous = off")
        KINDS[kind](file, chance.randrange(1, 40))
        file.commit()
        file.close()
        with pytest.raises(Tampered):
            edited.check(head, 100)
        noticed[kind] += 1
    assert sum(noticed.values()) == EDITS
    assert min(noticed.values()) > 80


def test_a_log_that_was_written_anew_is_not_the_one_whose_head_was_kept(tmp_path: Path) -> None:
    kept = two_years(tmp_path / "log", AfterTheDump(90))[1]
    other, its_own = two_years(tmp_path / "other", AfterTheDump(90))
    assert other.check(its_own, 730 * DAY) == 6
    with pytest.raises(Tampered, match="not the one that was kept elsewhere"):
        other.check(kept, 730 * DAY)


def fetched(address: str, who: str) -> bytes:
    data: bytes = urllib.request.urlopen(urllib.request.Request(address, headers={"X-User": who}), timeout=10).read()
    return data


def test_threads_that_fetch_at_the_same_time_each_have_a_record_of_one_chain(tmp_path: Path) -> None:
    (tmp_path / "dumps").mkdir()
    log = AccessLog(tmp_path / "log", AfterTheDump(90))
    service = DumpService(tmp_path / "dumps", log)
    service.release("april.core", b"memory")
    names = [f"user {number}" for number in range(8)]
    with served(service) as address:
        threads = [threading.Thread(target=fetched, args=(f"{address}/dumps/april.core", name)) for name in names]
        for each in threads:
            each.start()
        for each in threads:
            each.join(60)
    assert sorted(log.readers("april.core")) == names
    assert log.check(log.head(), service.clock()) == 9


@pytest.mark.parametrize("name", ["june.core", "..%2Flog", ".", "", "link"])
def test_what_is_no_released_dump_is_not_handed_out(tmp_path: Path, name: str) -> None:
    (tmp_path / "dumps").mkdir()
    (tmp_path / "dumps" / "link").symlink_to("/etc/hostname")
    service = DumpService(tmp_path / "dumps", AccessLog(tmp_path / "log", AfterTheDump(90)))
    with served(service) as address, pytest.raises(urllib.error.HTTPError, match="404"):
        fetched(f"{address}/dumps/{name}", "Alice")


def test_where_the_log_cannot_be_written_no_dump_leaves(tmp_path: Path) -> None:
    (tmp_path / "dumps").mkdir()
    service = DumpService(tmp_path / "dumps", AccessLog(tmp_path / "log", AfterTheDump(90)))
    service.release("april.core", b"memory")
    (tmp_path / "log").unlink()
    (tmp_path / "log").mkdir()
    with served(service) as address, pytest.raises(urllib.error.HTTPError, match="503"):
        fetched(f"{address}/dumps/april.core", "Alice")


def test_who_names_nobody_gets_nothing(tmp_path: Path) -> None:
    service = DumpService(tmp_path, AccessLog(tmp_path / "log", AfterTheDump(90)))
    with served(service) as address, pytest.raises(urllib.error.HTTPError, match="401"):
        fetched(f"{address}/dumps/april.core", "")
