"""Whether what a path leads to, or whether it leads anywhere, may have changed since a moment."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import attrs

from redactfuzz.changed.names import way


def _names(folder: Path) -> Mapping[str, int]:
    """What lies in it, with the number of each; nothing where it cannot be looked at."""
    try:
        with os.scandir(folder) as found:
            return {each.name: each.inode() for each in found}
    except OSError:
        return {}


_APART = 1.0
"""Seconds by which two clocks may differ: one that is put right is slewed by less."""


@attrs.frozen
class Since:
    """The moment, and what there was then in the folder at the top: there we work, and its time says little."""

    top: Path
    at: float
    names: Mapping[Path, Mapping[str, int]]
    ticks: float = attrs.field(factory=time.monotonic)
    """The same moment by a clock that nobody sets."""

    @classmethod
    def now(cls, top: Path) -> Since:
        """From here on. ``top``: of the project."""
        return cls(top, time.time(), {each: _names(each) for each in (top, Path.cwd())})

    @property
    def is_lost(self) -> bool:
        """Whether the clock by which files have their times was set since, or stood still: then they say nothing."""
        return abs(time.time() - self.at - (time.monotonic() - self.ticks)) > _APART

    def is_later(self, path: Path) -> bool:
        """Whether it was written, came, went or was led elsewhere since then: what cannot be looked at counts as such.

        Through links to where they lead. Of a folder on the way its being put there counts, not what came into it: that
        leaves one time for both. Where something came into the folder above it as well, it may have been put there
        before: nobody can tell. Of a name that is not there the folder counts in which it would be.
        """
        try:
            return any(self._is_later(each) for each in self._on_the_way(path))
        except FileNotFoundError as error:
            return self.lost(Path(str(error.filename)).parent)
        except (OSError, ValueError):
            return True

    def lost(self, folder: Path) -> bool:
        """Whether something may have gone from a folder since."""
        if folder in self.names:
            return bool(self.names[folder].keys() - _names(folder).keys())
        try:
            return folder.stat().st_ctime >= self.at
        except FileNotFoundError:
            return self.lost(folder.parent)
        except OSError:
            return True

    def _is_later(self, path: Path) -> bool:
        """Raises OSError."""
        found, above = path.lstat(), self.names.get(path.parent)
        if above is not None and above.get(path.name, found.st_ino) != found.st_ino:
            return True
        if found.st_ctime < self.at or not stat.S_ISDIR(found.st_mode):
            return found.st_ctime >= self.at
        return found.st_ctime_ns != found.st_mtime_ns or (above is None and path.parent.lstat().st_mtime >= self.at)

    def _on_the_way(self, path: Path) -> Iterator[Path]:
        """Folders below the top, links, and the file itself. Raises OSError."""
        for name, is_link in way(path):
            each = Path(name)
            if is_link or (each != self.top and each not in self.top.parents):
                yield each
