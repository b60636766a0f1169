"""What differs from a revision, as git tells it, in repositories of every kind."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from redactfuzz.changed.revision import Differences, RevisionError, project, since, top


def git(folder: Path, *arguments: str) -> str:
    settings = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org", "-c", "init.defaultBranch=main")
    done = subprocess.run(["git", *settings, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "a project"
    folder.mkdir()
    git(folder, "init", "-q")
    for name in ("same.py", "changes.py", "goes.py", "is renamed.py"):
        (folder / name).write_text(f"# {name}\n" * 20, "utf-8")
    (folder / ".gitignore").write_text("ignored\n", "utf-8")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "one")
    return folder


def test_nothing_has_changed_since_the_last_commit(root: Path) -> None:
    tracked = {".gitignore", "changes.py", "goes.py", "is renamed.py", "same.py"}
    assert since(root, "HEAD") == Differences(tracked=frozenset(tracked))


def test_commits_and_what_is_not_committed_count_alike(root: Path) -> None:
    first = git(root, "rev-parse", "HEAD")
    (root / "changes.py").write_text("other", "utf-8")
    git(root, "rm", "-q", "goes.py")
    git(root, "commit", "-q", "-a", "-m", "two")
    (root / "is renamed.py").rename(root / "is now called\nthis.py")
    (root / "staged.py").write_text("x", "utf-8")
    git(root, "add", "staged.py")
    (root / "ünicode.py").write_text("x", "utf-8")
    (root / "ignored").write_text("x", "utf-8")
    moved = {"goes.py", "is renamed.py", "is now called\nthis.py", "staged.py", "ünicode.py"}
    differs = since(root, first)
    assert differs.changed == {"changes.py"}
    assert differs.moved == moved
    assert "ignored" not in differs.tracked


def test_a_repository_in_the_project_is_named_by_its_folder(root: Path) -> None:
    (root / "vendor").mkdir()
    git(root / "vendor", "init", "-q")
    (root / "vendor" / "x.py").write_text("x", "utf-8")
    git(root / "vendor", "add", "-A")
    git(root / "vendor", "commit", "-q", "-m", "theirs")
    assert since(root, "HEAD").moved == {"vendor"}
    git(root, "add", "vendor")
    git(root, "commit", "-q", "-m", "with it")
    assert since(root, "HEAD").all == frozenset()
    (root / "vendor" / "x.py").write_text("other", "utf-8")
    assert since(root, "HEAD").changed == {"vendor"}


def test_what_the_other_branch_did_meanwhile_is_not_counted(root: Path) -> None:
    git(root, "checkout", "-q", "-b", "feature")
    (root / "changes.py").write_text("mine", "utf-8")
    git(root, "commit", "-q", "-a", "-m", "mine")
    git(root, "checkout", "-q", "main")
    (root / "same.py").write_text("theirs", "utf-8")
    git(root, "commit", "-q", "-a", "-m", "theirs")
    git(root, "checkout", "-q", "feature")
    assert since(root, "main").all == {"changes.py"}


def test_the_top_is_found_from_below(root: Path) -> None:
    (root / "deep" / "er").mkdir(parents=True)
    assert top(root / "deep" / "er") == root.resolve()


@pytest.mark.parametrize("revision", ["gone", "", "--help", "HEAD:same.py", "HEAD^{tree}", "-h", "main..HEAD"])
def test_what_names_no_commit_is_said(root: Path, revision: str) -> None:
    with pytest.raises(RevisionError, match="names no commit that is here"):
        since(root, revision)


def test_of_a_shallow_clone_it_is_said_what_to_do(root: Path, tmp_path: Path) -> None:
    first = git(root, "rev-parse", "HEAD")
    git(root, "commit", "-q", "--allow-empty", "-m", "two")
    git(tmp_path, "clone", "-q", "--depth", "1", root.as_uri(), "shallow")
    with pytest.raises(RevisionError, match="git fetch --unshallow"):
        since(tmp_path / "shallow", first)


def test_where_there_is_no_repository_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(RevisionError, match="belongs to no git repository"):
        top(tmp_path)


def test_where_there_is_no_git_it_is_said(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(root))
    with pytest.raises(RevisionError, match="or git is not there"):
        top(root)


def test_the_project_is_the_same_where_git_refuses_or_is_not_there(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = root / "api"
    deep.mkdir()
    assert project(deep) == root.resolve()
    with monkeypatch.context() as refusing:
        refusing.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
        with pytest.raises(RevisionError):
            top(deep)
        assert project(deep) == root.resolve()
    monkeypatch.setenv("PATH", str(deep))
    assert project(deep) == root.resolve()


def test_what_is_under_no_version_control_is_a_project_from_its_settings_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    (tmp_path / "api").mkdir()
    assert project(tmp_path / "api") == (tmp_path / "api").resolve()
    (tmp_path / "pyproject.toml").touch()
    assert project(tmp_path / "api") == tmp_path.resolve()
