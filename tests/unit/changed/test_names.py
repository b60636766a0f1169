"""Which files a name stands for: of a database, of a command, of a path. Nothing is opened."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from redactfuzz.changed.names import called, database, started


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path.resolve()
    (root / "data").mkdir()
    (root / "data" / "words.db").touch()
    monkeypatch.chdir(root)
    return root


@pytest.mark.parametrize(
    "name",
    ["data/words.db", b"data/words.db", Path("data/words.db"), "{root}/data/words.db", "file:data/words.db?mode=ro",
     "file:data/w%6frds.db#x", "file:{root}/data/words.db", "file:///{root}/data/words.db?cache=private&mode=rw",
     "file://localhost{root}/data/words.db"],
)  # fmt: skip
def test_a_database_is_its_file_and_what_lies_beside_it(root: Path, name: str | bytes | Path) -> None:
    filled = name.format(root=root) if isinstance(name, str) else name
    assert set(database(filled)) == {f"{root}/data/words.db{end}" for end in ("", "-wal", "-journal")}


@pytest.mark.parametrize("name", ["", b"", ":memory:", "file::memory:", "file:", "file:words?mode=memory&cache=shared"])
def test_a_database_in_memory_or_without_a_name_is_no_file(root: Path, name: str | bytes) -> None:
    assert list(database(name)) == []


def test_what_lies_beside_a_database_lies_beside_what_a_link_leads_to(root: Path) -> None:
    (root / "link.db").symlink_to("data/words.db")
    assert {f"{root}/link.db", f"{root}/data/words.db-wal"} <= set(database("link.db"))


def test_a_name_that_begins_as_an_address_is_a_file_where_there_is_one(root: Path) -> None:
    (root / "file:words").touch()
    assert {f"{root}/file:words", f"{root}/words"} <= set(database("file:words"))


@pytest.mark.parametrize(
    ("words", "folder"),
    [
        (["cat", "words.db"], "data"),
        ([b"cat", b"words.db"], b"data"),
        ([Path("data/words.db")], None),
        (["sh", "-c", "cat <data/words.db; true"], None),
        (["sh", "-c", 'exec cat "words.db"|wc'], Path("data")),
        (["sh", "-c", "echo \"it's\" not' data/words.db"], None),
    ],
)
def test_files_among_the_words_of_a_command_are_named(
    root: Path, words: list[str | bytes | Path], folder: str | bytes | Path | None
) -> None:
    assert [str(root / path) for path in started(words, folder, "/nowhere")] == [f"{root}/data/words.db"]


@pytest.mark.parametrize("words", [["mode"], ["/bin/sh", "-c", "mode -v"], [b"mode"]])
def test_a_command_is_looked_up_where_it_is_and_where_it_would_come_before(
    root: Path, words: list[str | bytes]
) -> None:
    for name in ("first", "then", "last"):
        (root / name).mkdir()
    for name in ("then", "last"):
        (root / name / "mode").touch()
    assert list(started(words, None, "first:/nowhere:then:last")) == [
        *([] if words[0] != "/bin/sh" else ["/bin/sh"]), "first/mode", "/nowhere/mode", "then/mode"
    ]  # fmt: skip
    assert list(started(words, root, "then"))[-1] == f"{root}/then/mode"
    assert [each for each in started(words, None, "first") if "mode" in each] == []


def test_a_word_that_is_no_file_is_none(root: Path) -> None:
    assert list(started(["data", "words.db", "a\0b", ""], None)) == []


def test_a_path_through_a_link_and_back_is_called_by_where_it_leads_as_well(root: Path) -> None:
    (root / "data" / "deep").mkdir()
    (root / "link").symlink_to("data/deep")
    assert list(called("link/../words.db")) == [f"{root}/words.db", f"{root}/data/words.db"]
    assert list(called("data/words.db")) == list(called(f"/{root}/data/words.db")) == [f"{root}/data/words.db"]


def test_a_path_by_a_descriptor_is_called_by_where_that_leads_now(root: Path) -> None:
    descriptor = os.open("data", os.O_RDONLY)
    try:
        assert f"{root}/data/words.db" in list(called(f"/proc/self/fd/{descriptor}/words.db"))
        assert f"{root}/data/words.db" in list(called(f"/dev/fd/{descriptor}/words.db"))
    finally:
        os.close(descriptor)
