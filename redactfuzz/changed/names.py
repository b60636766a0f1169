"""Files that a name stands for: of a database, of a command, of a path that is looked up now. Nothing is opened."""

from __future__ import annotations

import contextlib
import errno
import os
import shlex
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import parse_qs, unquote_to_bytes

_BESIDE = ("", "-wal", "-journal")
"""What SQLite reads with a database: changes that are not in it yet, and what takes half of a change back."""
_ADDRESS = "file:"
_MOST_LINKS = 40
"""That the kernel follows."""
_readlink = os.readlink
"""As it is: who watches puts another in its place."""
_AT_ONCE = ("/proc/", "/dev/fd/")
"""Below it a path leads elsewhere when a descriptor is closed."""


def whole(path: Any) -> str:
    """From the top, as it is called; two slashes there are one."""
    return f"/{os.path.abspath(os.fsdecode(path)).lstrip('/')}"  # noqa: PTH100


def called(path: Any) -> Iterator[str]:
    """What a path is called, and what it leads to where only the kernel can tell: ``..`` may come after a link."""
    yield whole(path)
    name = os.fsdecode(path)
    if ".." in name.split("/") or name.startswith(_AT_ONCE):
        yield os.path.realpath(name)


def way(path: Any) -> Iterator[tuple[str, bool]]:
    """All that is gone through to where a path leads, itself last, and of each whether it is a link that is followed.

    Raises OSError for links that lead in a circle.
    """
    left = os.path.join(os.getcwd(), os.fsdecode(path)).split("/")[::-1]  # noqa: PTH109, PTH118
    here, followed = "", 0
    while left:
        part = left.pop()
        if part in ("", "."):
            continue
        if part == "..":
            here = here.rpartition("/")[0]
            continue
        here = f"{here}/{part}"
        try:
            leads = None if f"{here}/".startswith(_AT_ONCE) else _readlink(here)
        except (OSError, ValueError):
            leads = None
        yield here, leads is not None
        if leads is None:
            continue
        followed += 1
        if followed > _MOST_LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), here)
        left += leads.split("/")[::-1]
        here = "" if leads.startswith("/") else here.rpartition("/")[0]


def links(path: Any) -> Iterator[str]:
    """Those on the way to where a path leads, itself among them: who resolves one sees another path when it changes."""
    with contextlib.suppress(OSError):
        yield from (each for each, is_link in way(path) if is_link)


def database(name: Any) -> Iterator[str]:
    """The files of one of SQLite's, beside each name that it has. Nobody tells whether a name is an address."""
    text = os.fsdecode(name)
    is_path = not text.startswith(_ADDRESS) or os.path.lexists(text)
    for path in {text if is_path else "", _addressed(text)} - {"", ":memory:"}:
        for each in {whole(path), os.path.realpath(path)}:
            yield from (each + end for end in _BESIDE)


def _addressed(text: str) -> str:
    """The file of an address; empty for what is none, or lies in memory."""
    if not text.startswith(_ADDRESS):
        return ""
    address, _, query = text.removeprefix(_ADDRESS).partition("#")[0].partition("?")
    if parse_qs(query).get("mode", [""])[-1] == "memory":
        return ""
    if address.startswith("//"):
        address = f"/{address[2:].partition('/')[2]}"
    return os.fsdecode(unquote_to_bytes(address.encode("utf-8", "surrogateescape")).partition(b"\0")[0])


def started(words: Iterable[Any], folder: Any, path: str | None = None) -> Iterator[str]:
    """The files among the words of a command, or of one for a shell, and those by which its name is looked up.

    ``folder``: that it starts in, None for ours; ``path``: as in the variable PATH, None for ours.
    """
    start, places = os.fsdecode(folder or ""), (os.environ.get("PATH", "") if path is None else path).split(":")
    for word in words:
        text = os.fsdecode(word)
        for each in {text, *_split(text)}:
            named = os.path.join(start, each)  # noqa: PTH118 (pathlib asks more than this)
            if os.path.isfile(named):  # noqa: PTH113
                yield named
            if each and "/" not in each:
                yield from _looked_up(each, [os.path.join(start, place) for place in places])  # noqa: PTH118


def _looked_up(name: str, places: Iterable[str]) -> Iterator[str]:
    """Where a command may lie, up to where it does: another may come before it. Nothing where there is none."""
    tried: list[str] = []
    for place in places:
        tried.append(os.path.join(place, name))  # noqa: PTH118
        if os.path.isfile(tried[-1]):  # noqa: PTH113
            yield from tried
            return


def _split(text: str) -> list[str]:
    lexer = shlex.shlex(text, posix=True, punctuation_chars=True)
    lexer.whitespace_split, lexer.commenters = True, ""
    try:
        return list(lexer)
    except ValueError:  # a quote is open
        return text.split()
