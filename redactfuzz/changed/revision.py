"""What differs between a revision of the project and what lies on the disk, by git."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import attrs

from redactfuzz.campaign.corpus.place import root_of

SECONDS = 120.0
"""For one command of git."""


class RevisionError(Exception):
    """git cannot tell. The message says why, and what to do."""


@attrs.frozen
class Differences:
    """Paths relative to the top of the project."""

    changed: frozenset[str] = frozenset()
    """Files of both that differ."""
    moved: frozenset[str] = frozenset()
    """Files that only one of the two has."""
    tracked: frozenset[str] = frozenset()
    """All files that git knows here. Of the others, as what is built and ignored, it does not tell what they were."""

    @property
    def all(self) -> frozenset[str]:
        """Either."""
        return self.changed | self.moved


def top(folder: Path) -> Path:
    """The top of the project that a folder belongs to. Raises RevisionError."""
    said = _git(folder, "rev-parse", "--show-toplevel")
    if said is None:
        raise RevisionError(f"{folder} belongs to no git repository, or git is not there: nothing tells what changed")
    return Path(os.fsdecode(said.removesuffix(b"\n"))).resolve()


def project(folder: Path) -> Path:
    """The same, also where git is not there, or refuses: another user's repository, as in a container.

    What is under no version control begins where its settings lie, or else with the folder itself.
    """
    try:
        return top(folder)
    except RevisionError:
        return root_of(folder / "any")


def since(root: Path, revision: str) -> Differences:
    """What changed since this branch left ``revision``, in commits or not, with what git does not know yet.

    Raises RevisionError.
    """
    commit = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if commit is None:
        shallow = (_git(root, "rev-parse", "--is-shallow-repository") or b"").strip() == b"true"
        remedy = "the clone is shallow: git fetch --unshallow" if shallow else "git fetch brings what is not here"
        raise RevisionError(f"{revision!r} names no commit that is here ({remedy})")
    start = os.fsdecode(commit.strip())
    base = _git(root, "merge-base", start, "HEAD")
    start = os.fsdecode(base.strip()) if base else start
    # Without renames: who opens a file by its name does not find it under another.
    listed = _git(root, "diff", "--no-ext-diff", "--no-renames", "--name-status", "-z", start, "--")
    untracked = _git(root, "ls-files", "--others", "--exclude-standard", "-z")
    tracked = _git(root, "ls-files", "-z")
    if listed is None or untracked is None or tracked is None:
        raise RevisionError(f"git cannot compare with {revision!r}: look at what `git status` says")
    words = listed.split(b"\0")[:-1]
    by_status = list(zip(words[::2], map(os.fsdecode, words[1::2]), strict=True))
    return Differences(
        frozenset(path for status, path in by_status if status not in (b"A", b"D")),
        frozenset(path for status, path in by_status if status in (b"A", b"D")) | _names(untracked),
        _names(tracked),
    )


def _names(listed: bytes) -> frozenset[str]:
    """A repository of its own that lies there is listed as a folder, with a slash."""
    return frozenset(os.fsdecode(name).rstrip("/") for name in listed.split(b"\0")[:-1])


def _git(folder: Path, *arguments: str) -> bytes | None:
    """What it says; None where it fails, or is not there."""
    try:
        done = subprocess.run(
            ["git", "-c", "core.quotepath=off", "-c", "core.fsmonitor=false", *arguments],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
            env={**os.environ, "LC_ALL": "C.UTF-8", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"},
        )
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return done.stdout if done.returncode == 0 else None
