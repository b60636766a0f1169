"""Which redactfuzz this is, and where its interpreter looks for modules: both decide what comes out.

A version stands for many builds, of which a later one may see what an earlier one did not: all that is installed of us
is compared as well.
"""

from __future__ import annotations

import functools
import hashlib
import os
import platform
import secrets
import subprocess
import sys
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from redactfuzz._core import _engine

_PACKAGE = Path(__file__).parents[1]
_SECONDS = 60.0
"""For an interpreter to start."""
_SHOWN = 12
"""Digits that people read."""
_LOOKS = """
import sys
for path in sys.path:
    print(repr(path))
for finder in [*sys.meta_path, *sys.path_hooks]:
    name = f"{finder.__module__}.{getattr(finder, '__qualname__', type(finder).__qualname__)}"
    print(name, repr(getattr(sys.modules.get(finder.__module__), "MAPPING", "")))
"""
"""``MAPPING`` is that of the finders that setuptools writes for what is installed in place."""


@functools.cache
def build() -> str:
    """The version and, in brackets, what all our files hold, with the compiled core."""
    return f"{metadata.version('redactfuzz')} ({_digest((_PACKAGE, Path(_engine.__file__)))})"


def described() -> str:
    """The same with its interpreter: nights of two of these are two."""
    return f"redactfuzz {build()} on Python {platform.python_version()}"


def _digest(places: Iterable[Path]) -> str:
    """Of the files there, and below; bytecode is none."""
    found = hashlib.sha256()
    for place in places:
        for path in sorted(_below(place)) if place.is_dir() else [place]:
            with path.open("rb") as file:
                held = hashlib.file_digest(file, "sha256").hexdigest()
            found.update(f"{path.relative_to(place).as_posix()}\0{held}\n".encode("utf-8", "surrogateescape"))
    return found.hexdigest()[:_SHOWN]


def _below(folder: Path) -> Iterable[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != "__pycache__"]
        yield from (path for name in names if (path := Path(place, name)).is_file() and path.suffix != ".pyc")


def looked_in() -> str:
    """Where an interpreter like this one looks for modules before anybody's code adds to it, and by whom, as a digest.

    What an installation in place (``pip install -e``) brings is a file ``.pth``, which no import tells. Another
    interpreter is asked: ours has what it was started with, and what it has imported.
    """
    return _looked_in(str(Path.cwd()))


@functools.cache
def _looked_in(here: str) -> str:
    try:
        said = subprocess.run(
            [sys.executable, "-P", "-c", _LOOKS],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=True,
        ).stdout.decode("utf-8", "replace")
    except (OSError, subprocess.SubprocessError):
        return f"not known: {secrets.token_hex(8)}"  # no other command finds that unchanged
    # In another place the same is called otherwise.
    for name, path in (("{here}", here), ("{prefix}", sys.prefix), ("{base}", sys.base_prefix)):
        said = said.replace(path, name) if path != "/" else said
    return hashlib.sha256(said.encode()).hexdigest()[:_SHOWN]
