"""Where ``--sarif``, ``--junit``, ``--proof`` and the pages of ``report`` write.

What cannot be written is refused before the search, never waited for.
"""

from __future__ import annotations

import errno
import gzip
import os
import stat
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from redactfuzz.report.event_lines import EventLines
from redactfuzz.report.kept import File, Stream, Target
from redactfuzz.report.night.marks import GENERATOR, MARK
from redactfuzz.report.outputs import Output
from redactfuzz.threads.process.duplicates import reserved

_HEAD = 1 << 16
"""Bytes of the first line of a certificate at most."""
_PAGES = {"html": GENERATOR, "markdown": MARK}
"""What is near the beginning of one that we wrote."""
_STDOUT = ("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")


def is_stdout(path: Path | None) -> bool:
    """Whether it is where our text goes."""
    if path is None:
        return False
    if str(path) in _STDOUT:
        return True
    try:
        there, ours = path.stat(), os.fstat(1)
    except OSError:
        return False
    return os.path.samestat(there, ours) and not stat.S_ISCHR(there.st_mode)


def targets(wanted: Mapping[str, Path | None], others: Sequence[Path], *, as_json: bool) -> dict[str, Target]:
    """By the name of the option. Raises UsageError where one cannot be written, or a file would be lost.

    ``others``: files that must stay as they are. ``as_json``: stdout holds lines of JSON.
    """
    on_stdout = [f"--{name}" for name, path in wanted.items() if is_stdout(path)] + ["--json"] * as_json
    if len(on_stdout) > 1:
        raise click.UsageError(f"{' and '.join(on_stdout)} both write to stdout: give one of them a file.")
    taken = {path.resolve() for path in others}
    found: dict[str, Target] = {}
    for name, path in wanted.items():
        if path is None:
            continue
        try:
            found[name] = Stream(_reserved(os.dup(1))) if is_stdout(path) else _target(name, path, taken)
        except (OSError, RuntimeError) as error:  # RuntimeError: a link that leads to itself, before Python 3.13
            raise click.UsageError(f"--{name} {path}: {_why(error, path)}") from None
    return found


def followers(option: str, target: Target | None) -> list[Output]:
    """Takes events as they come: a file that is written from its beginning. Raises UsageError."""
    if not isinstance(target, File | Stream):
        return []
    try:
        place = target.path if isinstance(target, File) else target.fd
        return [EventLines(open(place, "w", encoding="utf-8"))]  # noqa: PTH123  as long as the command
    except OSError as error:
        raise click.UsageError(f"{option}: it cannot be written ({error.strerror})") from None


def _target(name: str, path: Path, taken: set[Path]) -> Target:
    """Raises UsageError and OSError."""
    if path.exists() and not path.is_file():
        if stat.S_ISBLK(path.stat().st_mode):
            raise OSError(errno.EINVAL, "it is a disk")
        # Where nobody reads a pipe an ordinary open would wait for ever. A folder cannot be opened so.
        fd = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        os.set_blocking(fd, True)
        return Stream(_reserved(fd))
    real = path.resolve()
    if real.is_symlink():  # Python 3.13 gives what it comes to
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    if real in taken:
        raise OSError(errno.EEXIST, "this file is named twice; give the report one of its own")
    if _is_another(real, name):
        what = "certificate" if name == "proof" else "report"
        raise OSError(errno.EEXIST, f"it exists and is no {what}. Remove it, or name another file")
    taken.add(real)
    return File(real)


def _why(error: OSError | RuntimeError, path: Path) -> str:
    if isinstance(error, RuntimeError) or error.errno == errno.ELOOP:
        return "it is a symbolic link that leads to itself."
    if error.errno == errno.EISDIR:
        return "it is a folder; name a file in it."
    if error.errno == errno.ENXIO and path.is_fifo():
        return "nobody reads this pipe; start its reader first."
    if error.errno in (errno.EEXIST, errno.EINVAL):
        return f"{error.strerror}."
    return f"it cannot be written ({error.strerror})"


def _is_another(path: Path, name: str) -> bool:
    """Whether it is a file that does not begin as our reports do, or certificates."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD if name in _PAGES else 5)
            if name in _PAGES:
                return bool(head) and _PAGES[name].encode() not in head
            if head and name == "proof":
                file.seek(0)
                return b'"rfproof"' not in gzip.GzipFile(fileobj=file).readline(_HEAD)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        return True
    except OSError:
        return False
    return bool(head) and not head.startswith((b"{", b"<?xml"))


def _reserved(fd: int) -> int:
    reserved.add(fd)
    return fd
