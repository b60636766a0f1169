"""Whom to ask about a finding: who changed the lines of its race window last, as git knows it."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import attrs

from redactfuzz.campaign.explain import causes
from redactfuzz.model.finding import Finding
from redactfuzz.model.schedule import Step

_SECONDS = 10.0
"""That git may take."""
_MOST = 3
"""Owners that are named."""
_HIDDEN = "…"
"""Stands in a source line of a step where a literal is in the code."""
_NAMES = (40, 64)
"""Digits of the name of a commit: SHA-1, SHA-256."""


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
    """Files of the window, each with its first and last line there, as it is now."""
    ends = causes.window(finding)
    steps = finding.steps[finding.window.first : finding.window.last + 1] if finding.window is not None and ends else ()
    texts: dict[Path, list[str]] = {}
    found: dict[Path, tuple[int, int]] = {}
    for step in steps:
        file = Path(step.file)
        if step.line > 0 and file not in texts:
            texts[file] = _read(file)
        line = _now(step, texts[file]) if step.line > 0 else 0
        if line:
            first, last = found.get(file, (line, line))
            found[file] = (min(first, line), max(last, line))
    return found


def _read(file: Path) -> list[str]:
    try:
        return file.read_bytes().decode("latin-1").split("\n")  # what git calls a line
    except OSError:
        return []


def _now(step: Step, lines: Sequence[str]) -> int:
    """Where the line of a step is now: code moves, and who wrote what stands there now is not to be asked. 0: gone."""
    if not step.source or not lines:
        return step.line
    pieces = [re.escape(_bare(each)) for each in step.source.split(_HIDDEN)]
    wanted = re.compile(".*".join(pieces))  # of a literal only its place is kept
    there = [number for number, line in enumerate(lines, 1) if wanted.fullmatch(_bare(line))]
    return min(there, key=lambda number: abs(number - step.line), default=0)


def _bare(line: str) -> str:
    """Without spaces, and without what is another text in another encoding."""
    return "".join(char for char in line if "!" <= char <= "~")


def _blamed(file: Path, lines: tuple[int, int]) -> list[tuple[str, str]]:
    if not file.is_file():
        return []
    said = _git(file, "blame", "--porcelain", f"-L{lines[0]},{lines[1]}", "--", file.name)
    # Of a clone without its history, git gives all to the commit at which it was cut off.
    cut = "\nboundary\n" in said and _git(file, "rev-parse", "--is-shallow-repository").strip() == "true"
    return _parsed(said, cut=cut)


def _git(file: Path, *words: str) -> str:
    command = ["git", "-C", str(file.parent), *words]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""


def _parsed(text: str, *, cut: bool) -> list[tuple[str, str]]:
    """(author, commit) of each line: git names the author of a commit where it comes up first.

    ``cut``: what it gives to a commit at the boundary is not known.
    """
    authors: dict[str, str] = {}
    boundary: set[str] = set()
    found, commit = [], ""
    for line in text.split("\n"):  # a line of the source may hold whatever else Python takes for an end
        word, _, rest = line.partition(" ")
        if line.startswith("\t"):
            if not (cut and commit in boundary):
                found.append((authors.get(commit, "?"), commit[:12]))
        elif len(word) in _NAMES and not set(word) - set("0123456789abcdef"):
            commit = word
        elif word == "author":
            authors[commit] = rest
        elif word == "boundary":
            boundary.add(commit)
    return found
