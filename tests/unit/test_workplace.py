"""Files of a run: in a folder of its own, and never where a link leads."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from redactfuzz import workplace


def test_a_link_in_the_place_of_a_file_is_not_followed(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("as it was")
    (tmp_path / "link").symlink_to(precious)
    with pytest.raises(OSError, match="symbolic links"):
        workplace.write(tmp_path / "link", "ours")
    assert precious.read_text() == "as it was"


def test_a_file_is_nobody_elses_and_is_written_anew_or_added_to(tmp_path: Path) -> None:
    path = tmp_path / "file"
    workplace.write(path, "longer than the next")
    workplace.write(path, "one")
    workplace.write(path, " two", os.O_APPEND)
    assert path.read_text() == "one two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_all_folders_of_a_run_lie_in_one_that_only_its_user_can_enter(tmp_path: Path) -> None:
    first, second = workplace.fresh(tmp_path), workplace.fresh(tmp_path)
    assert first != second
    assert first.parent == second.parent == workplace.folder(tmp_path)
    assert stat.S_IMODE(first.parent.stat().st_mode) == 0o700
    assert {path.name for path in first.parent.iterdir()} == {"lock", first.name, second.name}


def test_a_folder_that_is_held_is_not_swept_and_one_whose_lock_is_free_is(tmp_path: Path) -> None:
    held = workplace.folder(tmp_path)
    left = tmp_path / "redactfuzz-abcdefgh"
    left.mkdir()
    (left / "lock").write_bytes(workplace._OURS)
    workplace._sweep(tmp_path)
    assert held.is_dir()
    assert not left.exists()
