"""A link that is resolved, or lies on the way to what is opened, is a dependency: it may lead elsewhere tomorrow."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_revision import git
from test_watch import watched

from redactfuzz.changed.decide import why
from redactfuzz.changed.names import links
from redactfuzz.changed.once import is_here
from redactfuzz.changed.revision import since
from redactfuzz.changed.watch import Seen, dependencies


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two versions of the same words, and a link to the one."""
    root = tmp_path.resolve()
    for name in ("v1", "v2"):
        (root / name).mkdir()
        (root / name / "words.txt").write_text("words", "utf-8")
    (root / "current").symlink_to("v1")
    (root / "newest").symlink_to(root / "current")
    (root / "words.txt").symlink_to("v1/words.txt")
    (root / "lost").symlink_to("nowhere")
    monkeypatch.chdir(root)
    return root


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("os.path.realpath('current/words.txt')", {"current"}),
        ("from pathlib import Path; Path('newest/words.txt').resolve()", {"current", "newest"}),
        ("from pathlib import Path; Path('current').readlink()", {"current"}),
        ("os.readlink(b'current')", {"current"}),
        ("os.readlink('current', dir_fd=os.open('.', os.O_RDONLY))", {"current"}),
        ("os.path.realpath('lost')", {"lost"}),
        ("open('current/words.txt')", {"current"}),
        ("open('newest/../words.txt')", {"current", "newest", "words.txt"}),
        ("open('words.txt')", {"words.txt"}),
        ("os.listdir('newest')", {"current", "newest"}),
        ("if (pid := os.fork()) == 0:\n    os.path.realpath('current')\n    os._exit(0)\nos.waitpid(pid, 0)",
         {"current"}),
        ("open('v1/words.txt')", set()),
        ("os.path.realpath('v1/words.txt')", set()),
        ("try: os.readlink(7)\nexcept TypeError: pass", set()),
    ],
)  # fmt: skip
def test_a_link_that_decides_what_is_read_is_seen(root: Path, code: str, found: set[str]) -> None:
    told = watched(root, code)["files"]
    assert {name for name in told if (root / name).is_symlink()} == found


def test_links_are_followed_as_the_kernel_follows_them(root: Path) -> None:
    (root / "ring").symlink_to("ring")
    assert set(links("newest/words.txt")) == {f"{root}/newest", f"{root}/current"}
    assert set(links(root / "v1" / ".." / "current")) == {f"{root}/current"}
    assert set(links("ring/x")) == {f"{root}/ring"}
    assert list(links("v1/words.txt")) == []
    assert list(links("/proc/self/fd/0")) == []


@pytest.mark.parametrize(("name", "leads"), [("current", "v2"), ("lost", "v1"), ("words.txt", "v2/words.txt")])
def test_a_link_that_leads_elsewhere_is_not_as_it_was(root: Path, name: str, leads: str) -> None:
    known = dependencies(Seen(frozenset({f"{root}/{name}", f"{root}/v1/words.txt"})), root, {})
    assert is_here(known, root)
    Path(name).unlink()
    Path(name).symlink_to(leads)
    assert not is_here(known, root)


def test_a_link_that_another_commit_leads_elsewhere_concerns_who_resolves_it(root: Path) -> None:
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "one")
    before = dependencies(Seen(frozenset({f"{root}/current"})), root, {})
    other = dependencies(Seen(frozenset({f"{root}/v1/words.txt"})), root, {})
    Path("current").unlink()
    Path("current").symlink_to("v2")
    here = dependencies(Seen(frozenset({f"{root}/current"})), root, {})
    assert "current" in why(before, here, since(root, "HEAD"), {}, {})
    assert why(other, other, since(root, "HEAD"), {}, {}) == ()
