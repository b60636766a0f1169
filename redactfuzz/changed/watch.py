"""What a process, and those that it forks, open and list, by audit events (PEP 578), and look for to import it.

What C code opens is no event: of this process what is open or mapped in the end is taken as well. A hook cannot be
taken away again, so this is for a process that ends afterwards.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import functools
import importlib.util
import json
import operator
import os
import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from importlib.abc import MetaPathFinder
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

import attrs

from redactfuzz import workplace
from redactfuzz.changed import opened, places
from redactfuzz.changed.dependencies import digests
from redactfuzz.changed.names import called, database, links, started, whole
from redactfuzz.model.dependencies import Dependencies

_IMPORTS = "<frozen importlib._bootstrap_external>"
"""Who lists folders only to look for modules, of which ``imports`` tells more."""
_OURS = f"{Path(__file__).parents[1]}/"
_SYSTEM = (
    "/proc", "/sys", "/dev", "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache", "/usr/share/locale",
    "/usr/share/zoneinfo",
)  # fmt: skip
"""What is no file, and what distributions have: two machines have other ones."""
_SHARED_MEMORY = "/dev/shm"
_PATHS = (str, bytes, os.PathLike)
_SILENT = ("readlink", "stat", "lstat", "access")
"""What ``os`` has that looks at a path and is no event."""
_KINDS = ("file", "folder", "import", "searched", "unseen", "asked", "written")
"""Of what is noted: all that is opened or looked for is a file, what is only asked for by its name is ``asked``."""
_BETWEEN = frozenset(("genericpath", "posixpath", "pathlib", "pathlib._local", "pathlib._abc", "shutil"))
"""Modules through which others call these."""
_STARTS: dict[str, int | None] = {"subprocess.Popen": 2, "os.posix_spawn": None, "os.exec": None, "os.system": None}
"""Event -> where it has the folder that the command starts in."""


class UnseenError(Exception):
    """What a scenario depends on is not known. The message says why."""


@attrs.frozen
class Seen:
    """Names as they were used: paths are absolute."""

    files: frozenset[str] = frozenset()
    folders: frozenset[str] = frozenset()
    imports: frozenset[str] = frozenset()
    loaded: frozenset[str] = frozenset()
    """Names of modules and packages at the top, which may be installed."""
    searched: frozenset[str] = frozenset()
    """Folders in which modules were looked for."""

    def without(self, secrets: Callable[[Set[str]], Set[str]]) -> Seen:
        """Without the names that hold one, which ``secrets`` gives: what is recorded is read by others."""
        groups: tuple[frozenset[str], ...] = attrs.astuple(self)
        found = secrets(frozenset().union(*groups))
        return Seen(*(names - found for names in groups))


class _Looking(MetaPathFinder):
    """Is asked first for each module, and finds none: not every import is an event, as ``import_module`` is not."""

    def __init__(self, tell: Callable[[str, str], None]) -> None:
        """``tell``: takes a kind and a name."""
        self._tell = tell

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:
        """Tells the name, and where it is looked for: a new file there may come first."""
        try:
            self._tell("import", fullname)
            for folder in sys.path if path is None else path:
                if isinstance(folder, str):
                    self._tell("searched", whole(folder or "."))
        except Exception:  # whoever imports is not to fail by being watched
            with contextlib.suppress(Exception):
                self._tell("unseen", "import")


class Watch:
    """Everything since it was made. Children that are forked write to the same file."""

    def __init__(self) -> None:
        with tempfile.TemporaryFile() as file:
            self._file = os.dup(file.fileno())
        fcntl.fcntl(self._file, fcntl.F_SETFL, os.O_APPEND)
        self._is = os.fstat(self._file)
        self._own: set[tuple[str, str]] = set()
        """What this process has written already."""
        self._open, self._unloaded = opened.files(), opened.unloaded()
        sys.addaudithook(self._heard)
        sys.meta_path.insert(0, _Looking(self._tell))
        for name in _SILENT:
            asks = getattr(os, name)
            noting = self._noting(asks)
            for can in (os.supports_dir_fd, os.supports_effective_ids, os.supports_fd, os.supports_follow_symlinks):
                can |= {noting} if asks in can else set()  # whoever asks what a function can is told the same
            setattr(os, name, noting)

    def seen(self) -> Seen:
        """So far, with the files of all modules that are loaded, and what is open and mapped now.

        Raises OSError where it was not kept, and UnseenError where there is what could not be seen.
        """
        now = os.fstat(self._file)
        if not os.path.samestat(self._is, now):
            raise OSError(errno.EBADF, "somebody has closed the file in which it is noted")
        kinds: dict[str, set[str]] = {kind: set() for kind in _KINDS}
        for line in os.pread(self._file, now.st_size, 0).splitlines():
            kind, name = json.loads(line)
            kinds[kind].add(name)
        # Of what is written to here its size or existence is asked by whoever writes it, as a log that is rotated.
        kinds["file"] |= kinds.pop("asked") - kinds.pop("written")
        if missed := sorted(kinds.pop("unseen")):
            raise UnseenError(f"which file {missed[0]!r} was about could not be told")
        if opened.unloaded() != self._unloaded:
            raise UnseenError("a library was loaded and unloaded again: nobody tells which")
        own = tuple(f"{os.path.realpath(each)}/" for each in workplace.made())
        held = opened.mapped() | (opened.files() - self._open)
        kinds["file"] |= {name for name in held if not name.startswith(own)}
        modules = [(name, getattr(module, "__file__", None)) for name, module in list(sys.modules.items())]
        kinds["file"] |= {str(Path(file).absolute()) for _, file in modules if isinstance(file, str)}
        tops = {name.partition(".")[0] for name in (*kinds["import"], *(name for name, _ in modules))}
        packages = [getattr(module, "__path__", ()) for module in list(sys.modules.values())]
        kinds["searched"] |= {whole(each) for path in (sys.path, *packages) for each in path if isinstance(each, str)}
        files, folders, imports, searched = map(frozenset, kinds.values())
        return Seen(files, folders, imports, frozenset(tops), searched)

    def _heard(self, event: str, args: tuple[Any, ...]) -> None:
        try:
            for kind, name in _of(event, args):
                self._tell(kind, name)
        except Exception:  # whoever does something is not to fail by being watched
            with contextlib.suppress(Exception):
                self._tell("unseen", event)

    def _noting(self, asks: Callable[..., Any]) -> Callable[..., Any]:
        """That notes what it is asked for: no event tells that a link was read, a path resolved or a size looked at."""

        @functools.wraps(asks)
        def noting(path: Any, *args: Any, **others: Any) -> Any:
            try:
                if isinstance(path, _PATHS) and not _is_ours(sys._getframe(1)):
                    for each in _asked(path, others.get("dir_fd")):
                        self._tell("asked", each)
            except Exception:  # see _heard
                with contextlib.suppress(Exception):
                    self._tell("unseen", f"os.{asks.__name__}")
            return asks(path, *args, **others)

        return noting

    def _tell(self, kind: str, name: str) -> None:
        if (kind, name) not in self._own:
            self._own.add((kind, name))
            os.write(self._file, f"{json.dumps((kind, name))}\n".encode())


def _of(event: str, args: tuple[Any, ...]) -> Iterator[tuple[str, str]]:
    if event == "import":
        yield "import", args[0]
    elif event == "open" and isinstance(args[2], int) and not opened.is_read(args[2]):
        if isinstance(args[0], _PATHS):  # it is only written to, as a log: that its folder is there is all that counts
            yield from (("written", name) for name in called(args[0]))
            yield from (("file", str(Path(name).parent)) for name in called(args[0]))
            yield from (("file", name) for name in links(args[0]))
    elif event in ("open", "ctypes.dlopen"):
        if isinstance(args[0], _PATHS) and not _is_temporary(args[0]):
            by_descriptor = event == "open" and args[1] is None
            yield from _named(args[0], by_descriptor, sys._getframe(2).f_code.co_filename)
            yield from (("file", name) for name in links(args[0]))
    elif event in ("os.listdir", "os.scandir"):
        by = sys._getframe(2).f_code.co_filename
        if args[0] is None or isinstance(args[0], _PATHS):
            if by != _IMPORTS and not _is_temporary(args[0] or "."):
                yield from (("folder", name) for name in called(args[0] or "."))
                yield from (("file", name) for name in links(args[0] or "."))
        elif not _is_removing(by) and not by.startswith(_OURS):
            yield "folder", opened.place(operator.index(args[0]))
    elif event in ("os.chdir", "os.mkdir") and isinstance(args[0], _PATHS):
        below = f"{whole(tempfile.tempdir)}/" if tempfile.tempdir is not None else "\0"
        yield from (("file", name) for name in called(args[0]) if not f"{name}/".startswith(below))
    elif event == "sqlite3.connect":
        yield from (("file", name) for name in database(args[0]))
    elif event in _STARTS:
        folder = None if (where := _STARTS[event]) is None else args[where]
        given = [each for one in args[:2] for each in ([one] if isinstance(one, _PATHS) else one or ())]
        path = _path_of(args[-1]) if event != "os.system" else None
        yield from (("file", name) for found in started(given, folder, path) for name in called(found))


def _path_of(environment: Any) -> str | None:
    """Where a command is looked for by the environment that it is given; None: by ours."""
    if environment is None:
        return None
    pairs = (
        environment.items()
        if isinstance(environment, Mapping)
        else (os.fsencode(each).partition(b"=")[::2] for each in environment)
    )
    return next((os.fsdecode(value) for name, value in pairs if os.fsencode(name) == b"PATH"), "")


def _named(path: Any, by_descriptor: bool, by: str) -> Iterator[tuple[str, str]]:
    """``by_descriptor``: the event is that of ``os.open``, which lacks the folder that a relative path starts from: it
    may be each that is open."""
    if by_descriptor and _is_removing(by):
        return
    yield from (("file", _source(name)) for name in called(path))
    name = os.fsdecode(path)
    if by_descriptor and not name.startswith("/") and not by.startswith(_OURS):
        for folder in opened.folders():
            yield from (("file", each) for each in {*called(f"{folder}/{name}"), *links(f"{folder}/{name}")})


def _asked(link: Any, below: int | None) -> Iterator[str]:
    """Names of a link that is read, and of those on the way. We ask ourselves below /proc what is open."""
    name = os.fsdecode(link) if below is None else f"{opened.place(below)}/{os.fsdecode(link)}"
    if not whole(name).startswith("/proc/"):
        yield from (whole(name), *links(name))


def _is_ours(frame: FrameType | None) -> bool:
    """Whether it is we who look: settings of pytest are looked for so, and folders for our files."""
    while frame is not None and frame.f_globals.get("__name__") in _BETWEEN:
        frame = frame.f_back
    return frame is not None and frame.f_code.co_filename.startswith(_OURS)


def _is_removing(by: str) -> bool:
    """``rmtree`` lists descriptors and opens names below them, as in what a killed run has left: they are no sources,
    and not below the folder here."""
    return by == shutil.__file__


def _is_temporary(path: Any) -> bool:
    """The folder for temporary files is no source: we look there for what killed runs have left, and a file without a
    name is opened by that of its folder."""
    folder = tempfile.tempdir  # to ask for it would open files in it, of which this is told
    return folder is not None and whole(path) == whole(folder)


def _source(path: str) -> str:
    """The source of a module that comes from bytecode."""
    if not path.endswith(".pyc"):
        return path
    try:
        return importlib.util.source_from_cache(path)
    except ValueError:
        return path


def dependencies(seen: Seen, root: Path, installed: dict[str, str]) -> Dependencies:
    """What of it lies in the project, under the name that was used and under its own."""
    files, folders = inside(seen.files, root), inside(seen.folders, root)
    stated = {name for path in files if path.endswith(".py") for name in places.written(_read(root / path))}
    found = Dependencies(digests(root, files), frozenset(folders), seen.imports | stated, installed)
    searched = {places.named(each, root) for each in seen.searched} - {""}
    return attrs.evolve(found, places=places.held(found, searched | folders, root))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes() if path.is_file() else b""
    except OSError:
        return b""


def outside(seen: Seen, root: Path) -> set[str]:
    """Paths that lie elsewhere, whether they are there or not: what other projects, the machine and its user have, and
    environments in the project. A folder that was listed ends with a slash.

    Not the interpreter's own, ours, libraries of the system, and temporary files that are gone: they go with the
    versions that are compared, or say nothing.
    """
    named = [*((name, "") for name in seen.files), *((name, "/") for name in seen.folders)]
    real = ((Path(os.path.realpath(name)), listed) for name, listed in named)
    return {f"{path}{listed}" for path, listed in real if not _goes_with_others(path, root)}


def _goes_with_others(path: Path, root: Path) -> bool:
    """Whether what is compared otherwise tells of it, or it is none that lasts."""
    if path.is_relative_to(root) and not places.is_installed(root, path.relative_to(root)):
        return True
    if any(map(path.is_relative_to, _own())) and not {"site-packages", "dist-packages"} & set(path.parts):
        return True
    if any(map(path.is_relative_to, _SYSTEM)) and not path.is_relative_to(_SHARED_MEMORY):
        return True
    temporary = Path(tempfile.gettempdir()).resolve()
    of_a_run = f"{path}/".startswith(f"{temporary}/{workplace.PREFIX}")
    return (
        of_a_run or path == temporary or path in temporary.parents or (temporary in path.parents and not path.exists())
    )


@functools.cache
def _own() -> tuple[Path, ...]:
    """The interpreter's own files, and ours."""
    return tuple(Path(each).resolve() for each in (sysconfig.get_path("stdlib"), _OURS))


def inside(paths: frozenset[str], root: Path) -> set[str]:
    """Those of the project, relative to its top."""
    found = set()
    for path in paths:
        for each in (Path(path), Path(os.path.realpath(path))):
            if each.is_relative_to(root) and not places.is_kept(root, each.relative_to(root)):
                found.add(each.relative_to(root).as_posix())
    return found
