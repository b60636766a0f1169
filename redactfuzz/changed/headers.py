"""Headers that were not there: one that comes to lie before another of its name, or that a program asks for, counts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

_FOLDER = re.compile(r"-(?:I|iquote|isystem|idirafter)(.*)", re.DOTALL)
_ASKED = re.compile(rb"""__has_include\w*\s*\(\s*[<"]([^>"\n]+)[>"]""")


def absent(flags: Sequence[str], files: Iterable[Path]) -> set[str]:
    """Where headers of the names that are used, or asked for, would lie if they were there. Paths are absolute."""
    known = sorted({Path(each).absolute() for each in files})
    folders = {each.parent for each in known} | set(_folders(flags))
    names = {name for path in known for name in _asked(path)}
    names |= {str(path.relative_to(each)) for path in known for each in folders if path.is_relative_to(each)}
    return {str(path) for folder in folders for name in names if not (path := folder / name).exists()}


def _folders(flags: Sequence[str]) -> Iterable[Path]:
    """That an option names, in the same word or in the next."""
    for flag, following in zip(flags, [*flags, ""][1:], strict=True):
        if (found := _FOLDER.fullmatch(flag)) is not None and (found[1] or following):
            yield Path(found[1] or following).absolute()


def _asked(path: Path) -> list[str]:
    try:
        return [name.decode("utf-8", "surrogateescape") for name in _ASKED.findall(path.read_bytes())]
    except OSError:
        return []
