"""What a process, and those that it forks, open and list, by audit events (PEP 578), and look for to import it.

A hook cannot be taken away again, so this is for a process that ends afterwards.
"""

from __future__ import annotations

import errno
import fcntl
import importlib.util
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from importlib.abc import MetaPathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs

from redactfuzz.changed import places
from redactfuzz.changed.dependencies import digests
from redactfuzz.model.dependencies import Dependencies

_IMPORTS = "<frozen importlib._bootstrap_external>"
"""Who lists folders only to look for modules, of which ``imports`` tells more."""


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

    def without(self, holds_secret: Callable[[str], bool]) -> Seen:
        """Without the names that hold one: what is recorded is read by others."""
        kept = (frozenset(name for name in names if not holds_secret(name)) for names in attrs.astuple(self))
        return Seen(*kept)


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
                    self._tell("searched", _whole(folder or "."))
        except Exception:
            return  # whoever imports is not to fail by being watched


class Watch:
    """Everything since it was made. Children that are forked write to the same file."""

    def __init__(self) -> None:
        with tempfile.TemporaryFile() as file:
            self._file = os.dup(file.fileno())
        fcntl.fcntl(self._file, fcntl.F_SETFL, os.O_APPEND)
        self._is = os.fstat(self._file)
        self._own: set[tuple[str, str]] = set()
        """What this process has written already."""
        sys.addaudithook(self._heard)
        sys.meta_path.insert(0, _Looking(self._tell))

    def seen(self) -> Seen:
        """So far, with the files of all modules that are loaded. Raises OSError where it was not kept."""
        now = os.fstat(self._file)
        if not os.path.samestat(self._is, now):
            raise OSError(errno.EBADF, "somebody has closed the file in which it is noted")
        kinds: dict[str, set[str]] = {"file": set(), "folder": set(), "import": set(), "searched": set()}
        for line in os.pread(self._file, now.st_size, 0).splitlines():
            kind, name = json.loads(line)
            kinds[kind].add(name)
        modules = [(name, getattr(module, "__file__", None)) for name, module in list(sys.modules.items())]
        kinds["file"] |= {str(Path(file).absolute()) for _, file in modules if isinstance(file, str)}
        tops = {name.partition(".")[0] for name in (*kinds["import"], *(name for name, _ in modules))}
        packages = [getattr(module, "__path__", ()) for module in list(sys.modules.values())]
        kinds["searched"] |= {_whole(each) for path in (sys.path, *packages) for each in path if isinstance(each, str)}
        files, folders, imports, searched = map(frozenset, kinds.values())
        return Seen(files, folders, imports, frozenset(tops), searched)

    def _heard(self, event: str, args: tuple[Any, ...]) -> None:
        try:
            for kind, name in _of(event, args):
                self._tell(kind, name)
        except Exception:
            return  # whoever does something is not to fail by being watched

    def _tell(self, kind: str, name: str) -> None:
        if (kind, name) not in self._own:
            self._own.add((kind, name))
            os.write(self._file, f"{json.dumps((kind, name))}\n".encode())


def _of(event: str, args: tuple[Any, ...]) -> Iterator[tuple[str, str]]:
    if event == "import":
        yield "import", args[0]
    elif event in ("open", "ctypes.dlopen"):
        # `rmtree` opens names below a descriptor, as in what a killed run has left: they are not below the folder here.
        removed = event == "open" and args[1] is None and sys._getframe(2).f_code.co_filename == shutil.__file__
        if isinstance(args[0], str | bytes | os.PathLike) and not (removed or _is_temporary(args[0])):
            yield "file", _source(_whole(args[0]))
    elif event in ("os.listdir", "os.scandir"):
        ours = isinstance(args[0], int) or sys._getframe(2).f_code.co_filename == _IMPORTS
        if not ours and not _is_temporary(args[0] or "."):
            yield "folder", _whole(args[0] or ".")
    elif event == "subprocess.Popen":
        for word in (args[0], *(args[1] if not isinstance(args[1], str | bytes) else ())):
            if os.path.isfile(word):  # noqa: PTH113 (pathlib asks more than this)
                yield "file", _whole(word)


def _is_temporary(path: Any) -> bool:
    """The folder for temporary files is no source: we look there for what killed runs have left, and a file without a
    name is opened by that of its folder."""
    folder = tempfile.tempdir  # to ask for it would open files in it, of which this is told
    return folder is not None and _whole(path) == _whole(folder)


def _whole(path: Any) -> str:
    return os.path.abspath(os.fsdecode(path))  # noqa: PTH100


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


def inside(paths: frozenset[str], root: Path) -> set[str]:
    """Those of the project, relative to its top."""
    found = set()
    for path in paths:
        for each in (Path(path), Path(os.path.realpath(path))):
            if each.is_relative_to(root) and not places.is_kept(root, each.relative_to(root)):
                found.add(each.relative_to(root).as_posix())
    return found
