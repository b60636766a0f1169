"""Where the threads of a scenario may write: what was made for them, and nothing else of the user's.

The kernel keeps them there (Landlock), and what they start with them. What Python code tries is refused before it is
tried, and reported: an execution in which a file could not be written goes another way than the program would.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import attrs

from redactfuzz import workplace
from redactfuzz.model.outcome import ProblemKind
from redactfuzz.threads import _hooks

_MACHINE = (
    *("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/dev/ptmx", "/dev/pts"),
    *("/dev/shm", "/proc/self"),
)
"""What no file of the user's is: devices, shared memory and semaphores, what a process says of itself."""
_OPEN_ALREADY = ("/dev/std", "/dev/fd/", "/proc/self/fd/", "/proc/thread-self/fd/")
"""Where descriptors that a process has are opened once more."""
_TEMPORARY = "temporary"
"""In the folder of the run: what tempfile makes while a scenario runs."""
_IMPORTS = "<frozen importlib._bootstrap_external>"
_NOT_HELD = {
    _hooks.HOLDS_FILES: "files outside of its folder (no Landlock)",
    _hooks.HOLDS_SIGNALS: "signals to other processes (no Landlock)",
}
REMEDY = (
    "Write below race.tmp_path, or to what tempfile makes; --unconfined (of pytest: --redactfuzz-unconfined) lets it"
    " write anywhere."
)

_LIBRARY = str(Path(os.__file__).parent)

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
            places = _now()
            if not _inside(os.path.realpath(tempfile.gettempdir()), places):  # somebody has led it elsewhere for tests
                with contextlib.suppress(OSError):  # no room for a folder: whoever needs one says so
                    tempfile.tempdir = str(_folder(tempfile.gettempdir()))
            _places = _now()
            _hooks.confine(tuple(os.fsencode(place) for place in _places))
        yield
    finally:
        tempfile.tempdir = before
        _places = ()
        _hooks.confine(None)


def is_confined() -> bool:
    """Whether they are kept there."""
    return bool(_places)


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
    makes: bool = False
    """It must not be there before; else it must."""


_CHANGES = {
    "open": (_Change(),),
    "os.truncate": (_Change(),),
    "os.setxattr": (_Change(),),
    "os.removexattr": (_Change(),),
    "os.chmod": (_Change(folder=2),),
    "os.chown": (_Change(folder=3, follows=False),),
    "os.utime": (_Change(folder=3, follows=False),),
    "os.mkdir": (_Change(folder=2, follows=False, makes=True),),
    "os.rmdir": (_Change(folder=1, follows=False),),
    "os.remove": (_Change(folder=1, follows=False),),
    "os.symlink": (_Change(1, 2, follows=False, makes=True),),
    "os.link": (_Change(1, 3, follows=False, makes=True),),
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
        """An audit event of what changes files. Where it may not, the thread ends: what it did next would mean nothing.

        Raises PermissionError where there is no such end: after the crash, in what runs at the exit.
        """
        path = _refused(event, args)
        if not path:
            return
        frame, current = sys._getframe(1), _hooks.current()
        # The interpreter does without the bytecode that it wants to keep; and the dead write nothing.
        if not _keeps_bytecode(frame) and (current is None or current[2] <= _hooks.EXPLORE):
            self._report(path, frame, current[1] if current else "")
            if current is not None:
                raise SystemExit
        raise PermissionError(errno.EACCES, f"{os.strerror(errno.EACCES)}: redactfuzz keeps scenarios from it", path)

    def noted(self, event: str, args: tuple[Any, ...]) -> None:
        """The same of what runs beside the threads, as handlers of signals do: it is reported, and goes on."""
        frame = sys._getframe(1)
        if not _keeps_bytecode(frame) and (path := _refused(event, args)):
            self._report(path, frame, "")

    def _report(self, path: str, frame: FrameType, thread: str) -> None:
        self.refused = True
        _hooks.refuse()
        what = f"at {line_of(frame)} it would change a file in {str(Path(path).parent)!r}"
        self._problem(ProblemKind.OUTSIDE, f"{what}, outside of what a scenario may write", thread, REMEDY)


def refuse(event: str, args: tuple[Any, ...]) -> None:
    """Of plain threads: raises PermissionError where they may not, and whoever asks hears of it."""
    if path := _refused(event, args):
        if not _keeps_bytecode(sys._getframe(1)):
            _hooks.refuse()
        raise PermissionError(errno.EACCES, f"{os.strerror(errno.EACCES)}: redactfuzz keeps scenarios from it", path)


def _keeps_bytecode(frame: FrameType) -> bool:
    """Whether the interpreter asks, which does without."""
    return frame.f_code.co_filename == _IMPORTS


def line_of(frame: FrameType) -> str:
    """Of the program's own code, which may have asked the standard library."""
    own: FrameType | None = frame
    while own is not None and own.f_code.co_filename.startswith((_LIBRARY, "<frozen")):
        own = own.f_back
    own = own or frame
    return f"{Path(own.f_code.co_filename).name}:{own.f_lineno}"


def _refused(event: str, args: tuple[Any, ...]) -> str:
    """The first path that may not be changed; empty where all may."""
    return next((path for change in _CHANGES[event] if (path := _outside(change, event, args))), "")


def _outside(change: _Change, event: str, args: tuple[Any, ...]) -> str:
    """The path, where it may not be changed. Empty where it may, and where the kernel decides: it has another reason to
    refuse, or nobody can say which path it is."""
    path = args[change.path]
    own = f"/proc/{os.getpid()}"
    try:
        if isinstance(path, int):
            return "" if event == "open" else _unless_allowed(str(Path(f"{own}/fd/{path}").readlink()))
        whole = Path(os.fsdecode(path))
        whole = whole if whole.is_absolute() else Path(_start(change, event, args), whole)
        real = os.path.realpath(whole if change.follows else whole.parent)
    except (OSError, TypeError, ValueError):
        return ""
    if str(whole).startswith((*_OPEN_ALREADY, f"{own}/fd/")):
        return ""  # what stdout leads to, say
    real = real if change.follows else str(Path(real, whole.name))
    makes = change.makes or (event == "open" and bool(args[2] & os.O_CREAT))
    if not Path(real).parent.is_dir() or (change.makes and os.path.lexists(real)):
        return ""
    return "" if not makes and not os.path.lexists(real) else _unless_allowed(real)


def _unless_allowed(real: str) -> str:
    return "" if not real.startswith("/") or _inside(real, (*_places, f"/proc/{os.getpid()}")) else real


def _inside(real: str, places: Iterable[str]) -> bool:
    return any(real == place or real.startswith(f"{place.rstrip('/')}/") for place in places)


def _start(change: _Change, event: str, args: tuple[Any, ...]) -> str:
    """The folder that a relative path starts from. Raises ValueError where that is unknown."""
    descriptor = -1 if change.folder is None else args[change.folder]
    if descriptor != -1:
        return str(Path(f"/proc/self/fd/{descriptor}").readlink())
    if event == "open" and args[1] is None:  # the event of os.open() lacks its dir_fd
        raise ValueError(event)
    return str(Path.cwd())


def _folder(before: str) -> Path:
    """Where tempfile makes what a scenario asks for. What tests have made in the folder of before is seen there too."""
    folder = workplace.folder() / _TEMPORARY
    folder.mkdir(mode=0o700, exist_ok=True)
    for made in _made():
        if str(Path(made).parent) in (before, os.path.realpath(before)):
            with contextlib.suppress(OSError):  # of a run before, or no room
                (folder / Path(made).name).symlink_to(made)
    return folder


def _made() -> list[str]:
    """What tempfile has made for tests, and is still there."""
    _hooks.made[:] = [path for path in dict.fromkeys(_hooks.made) if os.path.lexists(path)]
    own = workplace.made()
    return [path for each in _hooks.made if (path := os.fsdecode(each)) and not _inside(path, map(str, own))]


def _now() -> tuple[str, ...]:
    """Each place once, without those below another."""
    found = dict.fromkeys((*_MACHINE, *(os.path.realpath(folder) for folder in workplace.made()), *sorted(_granted)))
    for made in sorted(os.path.realpath(path) for path in _made()):
        if found.keys().isdisjoint(map(str, Path(made).parents)):
            found[made] = None
    return tuple(found)
