"""A scenario writes to what was made for it, and nowhere else: in Python, in C, and in what it starts."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from contained import WORDS, explored, look, users_folder

from redactfuzz import Race, Verdict
from redactfuzz.threads import _hooks
from redactfuzz.threads.process import writable


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the user's."""
    return users_folder(tmp_path, monkeypatch)


def changes(folder: Path) -> dict[str, Callable[[], object]]:
    """Ways in which Python changes files."""
    theirs = folder / "theirs"
    return {
        "open": lambda: theirs.open("w"),
        "append": lambda: theirs.open("a"),
        "update": lambda: theirs.open("r+b"),
        "make": lambda: (folder / "new").open("x"),
        "os.open": lambda: os.open(theirs, os.O_WRONLY | os.O_TRUNC),
        "as bytes": lambda: open(os.fsencode(theirs), "w"),  # noqa: PTH123
        "through a link": lambda: (Path("/proc/self/cwd") / os.path.relpath(theirs)).open("w"),
        "remove": theirs.unlink,
        "rename": lambda: theirs.rename(folder / "other"),
        "bring out": lambda: Path(tempfile.mkstemp()[1]).rename(folder / "theirs"),
        "mkdir": (folder / "new").mkdir,
        "rmdir": (folder / "empty").rmdir,
        "symlink": lambda: (folder / "new").symlink_to("theirs"),
        "link": lambda: os.link(theirs, folder / "new"),
        "truncate": lambda: os.truncate(theirs, 0),
        "chmod": lambda: theirs.chmod(0o777),
        "utime": lambda: os.utime(theirs, (0, 0)),
    }


@pytest.mark.parametrize("how", list(changes(Path())))
def test_python_cannot_change_files_of_the_user(outside: Path, how: str) -> None:
    before = look(outside)
    report = explored(lambda race, key: changes(outside)[how](), executions=4)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert report.reason is not None
    assert WORDS in report.reason.what
    assert f"{Path(__file__).name}:" in report.reason.what or "pathlib.py" in report.reason.what
    assert "--unconfined" in report.reason.remedy
    assert look(outside) == before
    assert before


@pytest.mark.parametrize("isolation", ["none", "process"])
def test_c_code_cannot_change_files_of_the_user(outside: Path, isolation: str) -> None:
    assert _hooks.holds() & 1, "this kernel has no Landlock, and the page on what is contained says so"

    def work(race: Race, key: str) -> None:
        sqlite3.connect(outside / "new").execute("create table a(b)")

    report = explored(work, isolation=isolation)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert WORDS in str(report.reason)
    assert not (outside / "new").exists()


def test_what_it_starts_can_neither(outside: Path) -> None:
    assert _hooks.holds() & 1

    def work(race: Race, key: str) -> None:
        subprocess.run(["/bin/sh", "-c", f"echo > {outside}/new; rm {outside}/theirs"], stderr=subprocess.DEVNULL)

    report = explored(work)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert sorted(path.name for path in outside.iterdir()) == ["empty", "theirs"]


def test_a_leak_into_a_file_that_it_may_write_is_found(outside: Path) -> None:
    def work(race: Race, key: str) -> None:
        log = race.tmp_path / "log"
        log.write_text(key)
        race.dump(log)

    assert explored(work).verdict is Verdict.LEAK


@pytest.mark.parametrize("isolation", ["none", "process"])
def test_it_may_write_to_what_was_made_for_it(outside: Path, isolation: str) -> None:
    made = tempfile.mkdtemp()
    file = tempfile.mkstemp()[1]
    done: list[str] = []

    def work(race: Race, key: str) -> None:
        own = race.tmp_path / "a"
        own.write_text("x")
        own.chmod(0o600)
        os.utime(own)
        own.rename(race.tmp_path / "b")
        (race.tmp_path / "c").symlink_to("b")
        (race.tmp_path / "c").write_text("y")
        (race.tmp_path / "c").unlink()
        with sqlite3.connect(race.tmp_path / "db") as database:
            database.execute("create table a(b)")
        with tempfile.NamedTemporaryFile() as named, tempfile.TemporaryFile() as nameless:
            named.write(b"x")
            nameless.write(b"x")
        with tempfile.TemporaryDirectory() as new:
            Path(new, "x").touch()
        Path(made, "x").touch()
        Path(file).write_text("x")
        Path(os.devnull).write_text("x")
        Path("/proc/self/coredump_filter").write_text("0x33")
        (outside / "theirs").read_text()
        done.append(key)

    report = explored(work, isolation=isolation)
    assert report.verdict is Verdict.NO_LEAK_FOUND, report.reason
    assert Path(file).read_text() == "x"
    assert done or isolation == "process"


def test_it_may_write_where_the_tests_have_their_folders(tmp_path: Path) -> None:
    assert tmp_path.resolve().parents[0] in {Path(one) for one in writable._granted}

    def work(race: Race, key: str) -> None:
        (tmp_path / "log").write_text("x")

    assert explored(work).verdict is Verdict.NO_LEAK_FOUND
    assert (tmp_path / "log").exists()


def test_an_import_that_would_keep_its_bytecode_goes_on_without(outside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (outside / "imported_late.py").write_text("value = 1")
    monkeypatch.syspath_prepend(outside)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)

    def work(race: Race, key: str) -> None:
        import imported_late  # type: ignore[import-not-found]

        assert imported_late.value == 1

    assert explored(work, isolation="process").verdict is Verdict.NO_LEAK_FOUND
    assert not (outside / "__pycache__").exists()


def test_the_process_itself_is_not_kept(outside: Path) -> None:
    explored(lambda race, key: None)
    (outside / "after").write_text("x")
    subprocess.run([sys.executable, "-c", "open('after', 'a')"], cwd=outside, check=True)
    assert tempfile.gettempdir() == os.environ.get("TMPDIR", tempfile.gettempdir())
    assert "redactfuzz-" not in tempfile.gettempdir()


def test_what_a_fixture_made_is_seen_where_the_scenario_looks_for_temporary_files(outside: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="spool-of-a-fixture-") as spool:

        def work(race: Race, key: str) -> None:
            Path(spool, "s").write_text(key)
            found = Path(tempfile.gettempdir()).glob("spool-of-a-fixture-*/s")
            race.dump("".join(each.read_text() for each in found))

        assert explored(work).verdict is Verdict.LEAK


def test_where_tests_have_led_tempfile_it_makes_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def work(race: Race, key: str) -> None:
        with tempfile.NamedTemporaryFile("w") as file:
            file.write(key)
            file.flush()
            race.dump("".join(path.read_text() for path in tmp_path.glob("tmp*") if path.is_file()))

    assert explored(work).verdict is Verdict.LEAK


def test_a_descriptor_and_a_deleted_folder_do_not_help(outside: Path) -> None:
    theirs = outside / "theirs"
    before = look(outside)

    def by_descriptor(race: Race, key: str) -> None:
        os.fchmod(os.open(theirs, os.O_RDONLY), 0o777)

    def from_nowhere(race: Race, key: str) -> None:
        gone = race.tmp_path / "gone"
        gone.mkdir()
        os.chdir(gone)
        gone.rmdir()
        theirs.chmod(0o777)

    for work in (by_descriptor, from_nowhere):
        assert explored(work).verdict is Verdict.INCONCLUSIVE
    assert look(outside) == before


def test_what_would_change_nothing_is_as_it_is_elsewhere(outside: Path) -> None:
    told: list[type[BaseException]] = []

    def work(race: Race, key: str) -> None:
        (outside / "empty").mkdir(exist_ok=True)
        (outside / "nothing").unlink(missing_ok=True)
        for path in (outside / "no" / "folder", outside / "nothing"):
            try:
                path.open("r+")
            except OSError as error:
                told.append(type(error))
        with Path("/dev/urandom").open("r+b", buffering=0) as chance:
            chance.read(3)
        (race.tmp_path / "link").symlink_to(outside / "theirs")
        os.utime(race.tmp_path / "link", follow_symlinks=False)
        shutil.copytree(race.tmp_path, race.tmp_path / "copy", symlinks=True)
        (race.tmp_path / "moved").write_text("x")
        there = Path("/dev/shm", f"redactfuzz-test-{os.getpid()}")
        shutil.move(race.tmp_path / "moved", there)
        there.unlink()

    report = explored(work)
    assert report.verdict is Verdict.NO_LEAK_FOUND, report.reason
    assert set(told) == {FileNotFoundError}


def test_many_temporary_files_of_tests_are_one_place(outside: Path) -> None:
    folder = tempfile.mkdtemp()
    for _ in range(500):
        os.close(tempfile.mkstemp(dir=folder)[0])
    places = writable._now()
    assert os.path.realpath(folder) in places
    assert not [place for place in places if place.startswith(f"{os.path.realpath(folder)}/")]
    shutil.rmtree(folder)
