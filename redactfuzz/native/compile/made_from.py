"""The files that a program is made from, as its last build met them: they say whether it is the one that is wanted."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import attrs

from redactfuzz.native.compile import cache
from redactfuzz.native.compile.sought import VARIABLES, absent, libraries

_WORD = re.compile(r"(?:\\.|[^\s\\])+")
"""Of a rule of make, in which blanks that belong to a name have a backslash before them."""
_PLACELESS = re.compile(
    r"[^-@].* \| .*|-(?:[DUOgm].*|W[^,]*|std=.*|f[^=]*(?:=[\w-]*)?|l[^:].*|pthread|w|include/.*|[IL]/.*)", re.DOTALL
)
"""An option that says nothing of a folder, or one from the top: what any other one means depends on where we are. The
compiler's own words have a bar between them."""
LINKED = "linked"
"""In the folder of a program: the files that the linker named, a line each."""
_SYSTEM = ("/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/")
_READ, _DIGEST = "read", "inputs"
"""In the folder of a program: the files, and the hash of what they held when it was built."""


class Changed(Exception):
    """A file was written to while a program was built of it."""


@attrs.define
class MadeFrom:
    """Sources, all headers, what it is linked with, and what would be taken in their place if it were there."""

    sources: Sequence[Path]
    flags: Sequence[str]
    """All of the build, of its compiler and its linker, and what else tells it from others."""

    @property
    def files(self) -> list[Path]:
        """Those of the last build; before there was one, the sources."""
        try:
            known = [Path(line) for line in self._file.read_text("utf-8", "surrogateescape").splitlines()]
        except OSError:
            known = []
        return [*self.sources, *known]

    def key(self, parts: Iterable[str]) -> str:
        """The name of what is built from what they hold now."""
        return cache.key_of([*parts, *self._parts, *contents(self.files)])

    def fits(self, entry: Path) -> bool:
        """Whether an entry was built from what all the files hold now that it read. They are known from then on.

        What has no key of its own yet, since nobody knew which headers there are, may be of other ones.
        """
        read = (entry / _READ).read_text("utf-8", "surrogateescape").splitlines()
        if [str(each) for each in self.files[len(self.sources) :]] != read:
            part = self._file.with_name(f"{self._file.name}.{os.getpid()}.{id(self):x}.part")
            part.write_text("".join(f"{path}\n" for path in read), "utf-8", "surrogateescape")
            part.replace(self._file)
        return (entry / _DIGEST).read_text("ascii") == self._digest(read)

    def note(self, entry: Path, linked: Sequence[str], began: float) -> None:
        """Keeps with a program that was just built what it was made from. ``linked``: the options for the linker.

        Raises Changed where something was written to since the build began (seconds since the epoch): nobody can tell
        what the compiler has read.
        """
        rules = [file.read_text("utf-8", "surrogateescape") for file in entry.glob("*.d")]
        met = {str(Path(each).absolute()) for rule in rules for each in prerequisites(rule)}
        told = (Path(line).absolute() for line in (entry / LINKED).read_text("utf-8", "surrogateescape").splitlines())
        there = {
            str(each)
            for each in told
            if each.is_file() and not each.is_relative_to(entry) and not str(each).startswith(_SYSTEM)
        }
        read = sorted(met | there | absent(self.flags, map(Path, met)) | libraries(linked))
        held = self._digest(read)  # what is written to afterwards does not fit it
        ended = time.time()  # what is later was written by a clock that was set since
        if any(began <= _changed(each) <= ended for each in (*self.sources, *map(Path, read))):
            raise Changed
        (entry / _READ).write_text("".join(f"{each}\n" for each in read), "utf-8", "surrogateescape")
        (entry / _DIGEST).write_text(held, "ascii")

    def _digest(self, read: Iterable[str]) -> str:
        return cache.key_of([*self._parts, *contents([*self.sources, *map(Path, read)])])

    @property
    def _parts(self) -> list[str]:
        variables = [os.environ.get(name, "") for name in VARIABLES]
        here = str(Path.cwd()) if any(variables) or not all(map(_PLACELESS.fullmatch, self.flags)) else ""
        return [*self.flags, *map(str, self.sources), *variables, here]

    @property
    def _file(self) -> Path:
        return cache.folder() / f"{cache.HEADERS}{cache.key_of(self._parts)}"


def _changed(path: Path) -> float:
    """When it was, in seconds since the epoch; 0 where it is not there."""
    try:
        return path.stat().st_ctime
    except OSError:
        return 0.0


def prerequisites(rule: str) -> list[str]:
    """The files that a rule of make depends on."""
    words = _WORD.findall(rule.replace("\\\n", " "))
    return [re.sub(r"\\(.)", r"\1", word).replace("$$", "$") for word in words if not word.endswith(":")]


def contents(paths: Iterable[Path]) -> Iterator[bytes]:
    """The name of each file, and what it holds."""
    for path in paths:
        yield path.name.encode("utf-8", "surrogateescape")
        try:
            yield path.read_bytes()
        except OSError:
            yield b"(absent)"
