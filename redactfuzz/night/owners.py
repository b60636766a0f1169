"""Whom to ask about a finding: who changed the lines of its race window last, as git knows it."""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path

import attrs

from redactfuzz.campaign.explain import causes
from redactfuzz.model.finding import Finding

_SECONDS = 10.0
"""That git may take."""
_MOST = 3
"""Owners that are named."""


@attrs.frozen
class Owner:
    """Somebody, and the last change of theirs in the window."""

    name: str
    commit: str
    lines: int


def owners(finding: Finding) -> tuple[Owner, ...]:
    """Who has most lines of the window, first; empty where git knows nothing of the file."""
    found: Counter[tuple[str, str]] = Counter()
    for file, lines in _lines(finding).items():
        found.update(_blamed(file, lines))
    return tuple(Owner(name, commit, count) for (name, commit), count in found.most_common(_MOST))


def _lines(finding: Finding) -> dict[Path, tuple[int, int]]:
    """Files of the window, each with its first and last line there."""
    ends = causes.window(finding)
    steps = finding.steps[finding.window.first : finding.window.last + 1] if finding.window is not None and ends else ()
    found: dict[Path, tuple[int, int]] = {}
    for step in steps:
        if step.line > 0:
            first, last = found.get(Path(step.file), (step.line, step.line))
            found[Path(step.file)] = (min(first, step.line), max(last, step.line))
    return found


def _blamed(file: Path, lines: tuple[int, int]) -> list[tuple[str, str]]:
    if not file.is_file():
        return []
    command = ["git", "-C", str(file.parent), "blame", "--porcelain", f"-L{lines[0]},{lines[1]}", "--", file.name]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired):
        return []
    return _parsed(done.stdout.decode("utf-8", "replace")) if done.returncode == 0 else []


def _parsed(text: str) -> list[tuple[str, str]]:
    """(author, commit) of each line: git names the author of a commit where it comes up first."""
    authors: dict[str, str] = {}
    found, commit = [], ""
    for line in text.splitlines():
        word, _, rest = line.partition(" ")
        if line.startswith("\t"):
            found.append((authors.get(commit, "?"), commit[:12]))
        elif len(word) == 40 and not set(word) - set("0123456789abcdef"):
            commit = word
        elif word == "author":
            authors[commit] = rest
    return found
