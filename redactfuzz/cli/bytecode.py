"""Code that was changed a moment ago is read, not taken from the interpreter's cache of compiled code.

That cache tells a source by its time of change in whole seconds and by its size. Two lines that change places within a
second of the last run leave both as they were: the run would be of the code before, and its verdict of code that no
longer exists. So a source that has just changed is neither looked up in the cache nor written to it. (git asks the same
of its index: "racy git".)
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from importlib import machinery
from pathlib import Path
from typing import Any

_SETTLED = 2.0
"""Seconds after a change from which on the next one has another time: whole seconds, and coarser on FAT."""
_makes_folders = True
_now = time.time  # an execution may import, under a clock that is not the machine's


class _Source(machinery.SourceFileLoader):
    def path_stats(self, path: Any) -> Mapping[str, Any]:
        """As the import system asks. Raises OSError where the cache cannot be relied on, which it takes for "none"."""
        found = super().path_stats(path)
        if abs(_now() - found["mtime"]) < _SETTLED:
            raise OSError(f"{path} has just changed")
        return found

    def set_data(self, path: Any, data: Any, *, _mode: int = 0o666) -> None:
        """As the import system asks: keeps compiled code."""
        if _makes_folders or Path(path).parent.is_dir():
            super().set_data(path, data, _mode=_mode)


def source_loader(name: str, file: str) -> machinery.SourceFileLoader:
    """For a module that is imported by its file."""
    return _Source(name, file)


def make_no_folders() -> None:
    """For the rest of this process compiled code is kept only where a folder for it is there.

    A folder that comes gives the one that it comes into another time, and nobody can tell afterwards whether something
    else went from there meanwhile.
    """
    global _makes_folders
    _makes_folders = False


def read_what_has_just_changed() -> None:
    """From now on, for every import of this process. It may be called again."""
    if _finder not in sys.path_hooks:
        sys.path_hooks.insert(0, _finder)
        sys.path_importer_cache.clear()


_finder = machinery.FileFinder.path_hook(
    (machinery.ExtensionFileLoader, machinery.EXTENSION_SUFFIXES),
    (_Source, machinery.SOURCE_SUFFIXES),
    (machinery.SourcelessFileLoader, machinery.BYTECODE_SUFFIXES),
)
