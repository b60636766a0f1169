"""What a compiler and a linker look for, there or not: a file that comes may be taken in place of another."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path

VARIABLES = (
    "CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH", "LIBRARY_PATH", "LD_LIBRARY_PATH", "COMPILER_PATH",
    "GCC_EXEC_PREFIX",
)  # fmt: skip
"""Of the environment: where gcc, clang, the linker and the loader look as well, and for what (gcc(1), ld.so(8))."""
_INCLUDED, _LINKED = VARIABLES[:3], VARIABLES[3:5]
_FOLDER = re.compile(r"(?:-I|-iquote|-isystem|-idirafter|--include-directory(?:-after)?=?)(.*)", re.DOTALL)
_PATHS = ("--library-path=", "--library-path", "-L")
"""How a folder of libraries is named, in this word or by the next one (ld(1))."""
_ASKED = re.compile(rb"""__has_(?:include\w*|embed)\s*\(\s*[<"]([^>"\n]+)[>"]""")
_FIRST = "/usr/local/include"
"""Where both compilers look before they look in the system's own folders."""


def absent(flags: Sequence[str], files: Iterable[Path]) -> set[str]:
    """Where headers of the names that are used, or asked for, would lie if they were there; and what options name.

    Paths are absolute.
    """
    known = sorted({Path(each).absolute() for each in files})
    whole = list(_expanded(flags))
    folders = {each.parent for each in known} | set(_folders(whole)) | {Path(_FIRST), *_named_by(_INCLUDED)}
    names = {name for path in known for name in _asked(path)}
    names |= {str(path.relative_to(each)) for path in known for each in folders if path.is_relative_to(each)}
    return _files_in(flags) | {
        str(path) for folder in folders for name in names if not (path := folder / name).exists()
    }


def libraries(flags: Sequence[str]) -> set[str]:
    """The files that a program's own options link it with, and those that would be taken for them if they were there.

    What the system's folders hold goes with the compiler.
    """
    names, folders = [], [*_named_by(_LINKED)]
    words = [part for flag in _expanded(flags) for part in (flag.split(",") if flag.startswith("-Wl,") else [flag])]
    for word, following in zip(words, [*words, ""][1:], strict=True):
        option = next((each for each in _PATHS if word.startswith(each)), "")
        if option:
            folders.append(Path(word.removeprefix(option) or following).absolute())
        elif word.startswith("-l:"):
            names.append(word[3:])
        elif word.startswith("-l"):
            names += [f"lib{word[2:]}.so", f"lib{word[2:]}.a"]
    found = _files_in(flags)
    return found | {str(folder / name) for folder in folders for name in names}


def _files_in(flags: Sequence[str]) -> set[str]:
    """Files that options name: a library, a script of the linker behind ``=``, further options behind ``@``."""
    words = (part for flag in flags for part in flag.split(",") if part)
    named = {each for word in words for each in (word, word.rpartition("=")[2], word.removeprefix("@"))}
    return {str(Path(each).absolute()) for each in named if not each.startswith("-") and Path(each).is_file()}


def _expanded(flags: Sequence[str]) -> Iterable[str]:
    """With the options that stand in files of options (``@FILE``)."""
    for flag in flags:
        yield flag
        if flag.startswith("@"):
            with contextlib.suppress(OSError, ValueError):
                yield from shlex.split(Path(flag[1:]).read_text("utf-8"))


def _named_by(variables: Iterable[str]) -> Iterable[Path]:
    """Folders; an empty one is the working directory."""
    return [Path(each).absolute() for name in variables if name in os.environ for each in os.environ[name].split(":")]


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
