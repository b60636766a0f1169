"""Where the threads of a scenario may write: what was made for them, and nothing else of the user's.

The kernel keeps them there (Landlock), and what they start with them. What Python code tries is refused before it is
tried, and told: an execution in which a file could not be written goes another way than the program would.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs

from redactfuzz import workplace
from redactfuzz.model.outcome import ProblemKind
from redactfuzz.threads import _hooks

_MACHINE = ("/dev/null", "/dev/zero", "/dev/full", "/dev/tty", "/dev/ptmx", "/dev/pts", "/dev/shm", "/proc/self")
"""What no file of the user's is: devices, shared memory and semaphores, what a process says of itself."""
_OPEN_ALREADY = ("/dev/std", "/dev/fd/", "/proc/self/fd/", "/proc/thread-self/fd/")
"""Where descriptors that a process has are opened once more."""
_TEMPORARY = "temporary"
"""In the folder of the run: what tempfile makes while a scenario runs."""
_IMPORTS = "<frozen importlib._bootstrap_external>"
_FILES, _SIGNALS = 1, 2
_NOT_HELD = {_FILES: "files outside of its folder (no Landlock)", _SIGNALS: "signals to other processes (no Landlock)"}
REMEDY = (
    "Write below race.tmp_path, or to what tempfile makes; --unconfined (of pytest: --redactfuzz-unconfined) lets it"
    " write anywhere."
)
_EXPLORED = 2
"""rfh_phase: up to this the execution counts; later the process is dead."""

_granted: set[str] = set()
_places: tuple[str, ...] = ()


def grant(path: str | os.PathLike[str]) -> None:
    """A folder that somebody has made for tests, and this process may write to."""
    _granted.add(os.path.realpath(path))


@contextlib.contextmanager
def confined(wanted: bool) -> Iterator[None]:
    """Threads of scenarios that begin in it are kept to their places; tempfile makes what they ask for there."""
    global _places
    before = tempfile.tempdir
    try:
        if wanted:
            with contextlib.suppress(OSError):  # no room for a folder: whoever needs one says so
                tempfile.tempdir = str(_folder())
            _places = _now()
            _hooks.confine(tuple(os.fsencode(place) for place in _places))
        yield
    finally:
        tempfile.tempdir = before
        _places = ()
        _hooks.confine(None)


def not_held() -> Iterator[str]:
    """What scenarios are to be kept from, and this kernel does not keep C code and child processes from."""
    held = _hooks.holds()
    yield from (what for bit, what in _NOT_HELD.items() if not held & bit)


@attrs.frozen
class _Change:
    """Where the arguments of an audit event have a path that is changed, and the folder that it starts from."""

    path: int = 0
    folder: int | None = None
    follows: bool = True
    """Whether what a link leads to is changed; else the link itself."""


_CHANGES = {
    "open": (_Change(),),
    "os.truncate": (_Change(),),
    "os.setxattr": (_Change(),),
    "os.removexattr": (_Change(),),
    "os.chmod": (_Change(folder=2),),
    "os.chown": (_Change(folder=3),),
    "os.utime": (_Change(folder=3),),
    "os.mkdir": (_Change(folder=2, follows=False),),
    "os.rmdir": (_Change(folder=1, follows=False),),
    "os.remove": (_Change(folder=1, follows=False),),
    "os.symlink": (_Change(1, 2, follows=False),),
    "os.link": (_Change(1, 3, follows=False),),
    "os.rename": (_Change(0, 2, follows=False), _Change(1, 3, follows=False)),
}


class Kept:
    """What one execution was kept from."""

    def __init__(self, problem: Callable[..., None]) -> None:
        """``problem``: of the execution."""
        self._problem = problem
        self.refused = False
        """What the execution did after that means nothing."""

    def changes(self, event: str, args: tuple[Any, ...]) -> None:
        """An audit event of what changes files. Raises PermissionError, which the program gets, where it may not."""
        path = next((path for change in _CHANGES[event] if (path := _outside(change, event, args))), "")
        if not path:
            return
        frame, current = sys._getframe(1), _hooks.current()
        # The interpreter does without the bytecode that it wants to keep; and the dead write nothing.
        if frame.f_code.co_filename != _IMPORTS and (current is None or current[2] <= _EXPLORED):
            self.refused = True
            at = f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}"
            what = f"at {at} it would change a file in {str(Path(path).parent)!r}, outside of what a scenario may write"
            self._problem(ProblemKind.OUTSIDE, what, current[1] if current else "", REMEDY)
        raise PermissionError(errno.EACCES, f"{os.strerror(errno.EACCES)}: redactfuzz keeps scenarios from it", path)


def _outside(change: _Change, event: str, args: tuple[Any, ...]) -> str:
    """The path, where it may not be changed. Empty where it may, and where nobody can say: there the kernel decides."""
    path = args[change.path]
    if isinstance(path, int):
        return ""
    try:
        whole = Path(_start(change, event, args), os.fsdecode(path))
        real = os.path.realpath(whole if change.follows else whole.parent)
    except (OSError, TypeError, ValueError):
        return ""
    own = f"/proc/{os.getpid()}"
    if str(whole).startswith((*_OPEN_ALREADY, f"{own}/fd/")):
        return ""  # what stdout leads to, say: the kernel decides
    real = real if change.follows else str(Path(real, whole.name))
    allowed = any(real == place or real.startswith(f"{place.rstrip('/')}/") for place in (*_places, own))
    return "" if allowed else real


def _start(change: _Change, event: str, args: tuple[Any, ...]) -> str:
    """The folder that a relative path starts from. Raises ValueError where that is not told."""
    descriptor = -1 if change.folder is None else args[change.folder]
    if descriptor != -1:
        return str(Path(f"/proc/self/fd/{descriptor}").readlink())
    if event == "open" and args[1] is None and not Path(os.fsdecode(args[0])).is_absolute():  # os.open has a dir_fd
        raise ValueError(event)
    return str(Path.cwd())


def _folder() -> Path:
    folder = workplace.folder() / _TEMPORARY
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _now() -> tuple[str, ...]:
    _hooks.made[:] = [path for path in _hooks.made if os.path.lexists(path)]
    made = [os.path.realpath(os.fsdecode(path)) for path in _hooks.made]
    own = [os.path.realpath(folder) for folder in workplace.made()]
    return (*dict.fromkeys((*_MACHINE, *own, *made, *sorted(_granted))),)
