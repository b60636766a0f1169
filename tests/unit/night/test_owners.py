"""Whom to ask about a finding."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import attrs
from night_samples import finding

from redactfuzz.model.finding import Finding
from redactfuzz.night.owners import Owner, owners


def git(folder: Path, *words: str, author: str = "A") -> None:
    who = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in
           (("NAME", author), ("EMAIL", "a@example.org"))}
    subprocess.run(["git", *words], cwd=folder, env=os.environ | who, check=True, capture_output=True)


def at(folder: Path, first: int, last: int) -> Finding:
    """A finding whose window goes over these lines."""
    found = finding()
    steps = tuple(attrs.evolve(found.steps[0], file=str(folder / "app.py"), line=line) for line in (first, last))
    return attrs.evolve(found, steps=steps)


def test_who_changed_most_lines_of_the_window_comes_first(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / "app.py").write_text("one\ntwo\nthree\nfour\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "all", author="Ada <b>")
    (tmp_path / "app.py").write_text("one\ntwo\nthree!\nfour!\nfive\n")
    git(tmp_path, "commit", "-qam", "more", author="Grace")
    found = owners(at(tmp_path, 2, 4))
    assert [(each.name, each.lines) for each in found] == [("Grace", 2), ("Ada b", 1)]
    assert all(len(each.commit) == 12 for each in found)
    assert isinstance(found[0], Owner)


def test_where_git_knows_nothing_nobody_is_named(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("one\n")
    assert owners(at(tmp_path, 1, 1)) == ()
    assert owners(at(tmp_path / "gone", 1, 1)) == ()
    assert owners(finding(window=False)) == ()


def test_a_file_whose_name_looks_like_an_option_is_a_file(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    name = "--output=x"
    (tmp_path / name).write_text("one\n")
    git(tmp_path, "add", "--", name)
    git(tmp_path, "commit", "-qm", "all")
    found = at(tmp_path, 1, 1)
    found = attrs.evolve(found, steps=tuple(attrs.evolve(step, file=str(tmp_path / name)) for step in found.steps))
    assert [each.lines for each in owners(found)] == [1]
    assert not (tmp_path / "x").exists()
