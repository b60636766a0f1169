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


def at(folder: Path, first: int, last: int, *sources: str, name: str = "app.py") -> Finding:
    """A finding whose window goes over these lines, of which the source was once this."""
    found = finding()
    told = sources or ("", "")
    steps = tuple(
        attrs.evolve(found.steps[0], file=str(folder / name), line=line, source=source)
        for line, source in zip((first, last), told, strict=True)
    )
    return attrs.evolve(found, steps=steps)


def committed(folder: Path, text: str, author: str) -> None:
    (folder / "app.py").write_text(text)
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "more", author=author)


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
    found = at(tmp_path, 1, 1, name=name)
    assert [each.lines for each in owners(found)] == [1]
    assert not (tmp_path / "x").exists()


def test_lines_that_have_moved_are_asked_for_where_they_are_now_and_changed_ones_not_at_all(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    committed(tmp_path, "a = 1\nkey = '...'\nlog(key)\n", "Ada")
    committed(tmp_path, "x\ny\nz\na = 1\nkey = '...'\nlog(key)\n", "Grace")
    assert [each.name for each in owners(at(tmp_path, 2, 3, "key = …", "log(key)"))] == ["Ada"]
    assert owners(at(tmp_path, 2, 3, "key = f(…)", "log(cert)")) == ()


def test_the_end_of_a_cut_off_history_is_nobodys_work(tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    whole.mkdir()
    git(whole, "init", "-q")
    committed(whole, "one\n", "Ada")
    committed(whole, "one\ntwo\n", "Grace")
    git(tmp_path, "clone", "-q", "--depth", "1", whole.as_uri(), str(cut))
    assert [each.name for each in owners(at(whole, 1, 2))] == ["Ada", "Grace"]
    assert owners(at(cut, 1, 2)) == ()


def test_who_wrote_a_line_is_known_by_names_of_any_length_and_beside_form_feeds(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--object-format=sha256")
    committed(tmp_path, "one\n\x0cauthor Nobody\n", "Ada")
    committed(tmp_path, "one\n\x0cauthor Nobody\nthree\n", "Grace")
    found = owners(at(tmp_path, 1, 3))
    assert [(each.name, each.lines) for each in found] == [("Ada", 2), ("Grace", 1)]
    assert {len(each.commit) for each in found} == {12}


def test_a_source_of_another_encoding_is_compared_as_well(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / "app.py").write_bytes(b"one\nkey = ''  # \xe4rger\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "all", author="Ada")
    assert [each.lines for each in owners(at(tmp_path, 1, 1, "key = ''  # \xe4rger", "key = ''  # \xe4rger"))] == [1]
