"""Nights of `redactfuzz fuzz` in a project of their own: started, looked at from outside, and what they left."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import attrs
from shared.record import ROOT

from redactfuzz.model.night import FindingMet, Life
from redactfuzz.night.journal import Night, nights, of_kind

COMMAND = Path(sys.executable).with_name("redactfuzz")
OUT, CORPUS = "night", "corpora"
_SECONDS = 60.0
"""For what was killed to be gone, on a busy machine."""


@attrs.frozen
class Project:
    """A folder with copies of targets, and one for temporary files, which are empty at first."""

    work: Path
    temporary: Path

    @classmethod
    def at(cls, folder: Path, targets: Iterable[str], executions: int | None = None) -> Project:
        """With those targets of ours. ``executions``: of each scenario in Python, whatever the time is."""
        made = cls(folder / "work", folder / "temporary")
        (made.work / ".git").mkdir(parents=True)  # where a project begins
        made.temporary.mkdir()
        for target in targets:
            copied = shutil.copytree(ROOT / "targets" / target, made.work / "targets" / target)
            for file in copied.glob("scenario.py") if executions is not None else ():
                text = file.read_text("utf-8")
                file.write_text(text.replace("@scenario\n", f"@scenario(executions={executions})\n"), "utf-8")
        return made

    def environment(self) -> dict[str, str]:
        """Of its commands."""
        return {**os.environ, "TMPDIR": str(self.temporary), "PYTHONHASHSEED": "0"}

    def start(self, *words: object, said: Path | None = None, out: str = OUT) -> subprocess.Popen[bytes]:
        """A night, in a process group of its own; what it says is appended to a file."""
        with (said or Path(os.devnull)).open("ab") as file:
            return subprocess.Popen(
                [str(each) for each in (COMMAND, "fuzz", "--no-likelihood", *words, "--out", out)],
                cwd=self.work,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                process_group=0,
            )

    def run(self, *words: object) -> subprocess.CompletedProcess[str]:
        """Another command of redactfuzz, to its end."""
        return subprocess.run(
            [str(each) for each in (COMMAND, *words)],
            cwd=self.work,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )

    # -- what it left

    def night(self, out: str = OUT) -> Night | None:
        """The last of its nights, as its journal has it."""
        return next(iter(nights(self.work / out)[-1:]), None)

    def listed(self, corpus: str = CORPUS) -> tuple[str, dict[str, dict[str, Any]]]:
        """Why `redactfuzz corpus list` cannot read it (empty: it can), and what it says, target by target."""
        if not (self.work / corpus).is_dir():
            return "", {}
        done = self.run("corpus", "list", corpus, "--json")
        if done.returncode:
            return done.stderr.strip(), {}
        lines = {each["target"]: each for each in map(json.loads, done.stdout.splitlines())}
        return "; ".join(f"{name}: {each['skipped']}" for name, each in lines.items() if each["skipped"]), lines

    def left(self) -> list[str]:
        """What is there after a while and should not be: processes that work here, temporary files, parts of files."""
        soon(lambda: not self._left())
        return self._left()

    def _left(self) -> list[str]:
        kept = self.temporary / f"redactfuzz-{os.getuid()}"  # repro files that had no room where they were asked for
        there = [path for path in sorted(self.temporary.rglob("*")) if path != kept and path.parent != kept]
        files = [f"temporary: {path.relative_to(self.temporary)}" for path in there]
        return [f"process: {name_of(pid)}" for pid in processes(self.work)] + files


def soon(holds: Callable[[], object], seconds: float = _SECONDS) -> bool:
    """Whether it does, at last."""
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def found(night: Night) -> dict[str, FindingMet]:
    """The findings of a night by their keys, as they were met last."""
    return {each.key: each for each in of_kind(night.events, FindingMet) if each.life is not Life.FIXED}


def processes(folder: Path) -> list[int]:
    """Those that work in a folder or below it."""
    inside = str(folder.resolve())
    found = []
    for path in Path("/proc").iterdir():
        if path.name.isdecimal():
            with contextlib.suppress(OSError):
                if f"{(path / 'cwd').readlink()}/".startswith(f"{inside}/"):
                    found.append(int(path.name))
    return found


def children(pid: int) -> Iterator[int]:
    """Of a process, with theirs."""
    for path in Path("/proc").iterdir():
        if path.name.isdecimal():
            with contextlib.suppress(OSError, ValueError):
                if int((path / "stat").read_text().rpartition(")")[2].split()[1]) == pid:
                    yield int(path.name)
                    yield from children(int(path.name))


def name_of(pid: int) -> str:
    """Its command line, in short."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")[:100]
    return "gone"


def commit() -> str:
    """The one that is measured."""
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()
