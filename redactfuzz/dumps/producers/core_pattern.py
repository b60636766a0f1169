"""Where the kernel puts the core of a process that dies (core(5)), and whether that is a place we can have it from."""

from __future__ import annotations

import os
import re
import resource
from pathlib import Path

import attrs

_PROC = Path("/proc/sys/kernel")
_SPECIFIER = re.compile(r"%(.)")
_FILTER = Path("/proc/self/coredump_filter")
_USUAL = 0x33
"""The kernel's default: memory that is no file's, pages of headers, huge pages of a process's own (core(5))."""


@attrs.frozen
class Destination:
    """What becomes of a core. ``refused`` says why no core can be had from the kernel; empty when one can.

    ``pattern`` is empty when cores go to the directory that the process works in.
    """

    refused: str = ""
    pattern: str = ""
    uses_pid: bool = False

    @property
    def folder(self) -> Path | None:
        """The one folder into which all cores go; None when it is that of each process."""
        return Path(self.pattern).parent if self.pattern else None

    def found(self, pid: int, folder: Path) -> Path | None:
        """The core of a process that died in ``folder``; None when there is none."""
        if not self.pattern:
            return next(iter(sorted(folder.iterdir())), None)
        values = {"p": str(pid), "P": str(pid), "i": str(pid), "I": str(pid), "%": "%"}
        name = _SPECIFIER.sub(lambda match: values.get(match[1], "*"), self.pattern)
        if self.uses_pid and "%p" not in self.pattern:
            name += f".{pid}"
        return next(iter(Path("/").glob(name.lstrip("/"))), None)


def destination() -> Destination:
    """Reads the kernel's settings and this process's limit."""
    if resource.getrlimit(resource.RLIMIT_CORE)[1] == 0:
        return Destination("the hard limit of core files (RLIMIT_CORE) is 0")
    try:
        pattern = (_PROC / "core_pattern").read_text("utf-8", "replace").rstrip("\n")
        uses_pid = (_PROC / "core_uses_pid").read_text("ascii").strip() != "0"
    except OSError as error:
        return Destination(f"core_pattern cannot be read ({error.strerror})")
    return judged(pattern, uses_pid)


def judged(pattern: str, uses_pid: bool) -> Destination:
    """The same for given settings."""
    if pattern.startswith(("|", "@")):
        return Destination("core_pattern is a pipe: it hands cores to a program")
    if not pattern and not uses_pid:
        return Destination("core_pattern is empty")
    if not pattern.startswith("/"):
        if "/" in pattern:
            return Destination("core_pattern names a folder below the working directory")
        return Destination(uses_pid=uses_pid)
    folder, _, name = pattern.rpartition("/")
    if "%" in folder or not os.access(folder or "/", os.W_OK | os.X_OK):
        return Destination(f"core_pattern names a folder that this process cannot write to ({folder or '/'})")
    if not uses_pid and not re.search("%[pP]", name):
        return Destination("core_pattern gives all cores one name in a shared folder")
    return Destination(pattern=pattern, uses_pid=uses_pid)


def other_filter() -> str:
    """What differs in the choice of memory that cores hold here from the kernel's default; empty where nothing does."""
    try:
        chosen = int(_FILTER.read_text("ascii"), 16)
    except (OSError, ValueError):
        return ""
    if chosen == _USUAL:
        return ""
    return f"the filter of cores is {chosen:#x} here ({_FILTER}); what is told is by the default one, {_USUAL:#x}"
