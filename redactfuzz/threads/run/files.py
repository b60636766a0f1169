"""Whose file is whose: of the program under test, of packages that are installed, of the interpreter."""

from __future__ import annotations

import sysconfig
from collections.abc import Iterable, Mapping
from pathlib import Path

_PACKAGES = ("site-packages", "dist-packages")


def split(names: Iterable[str]) -> tuple[list[Path], Mapping[str, Path]]:
    """Files of the program, and those of packages by their names there. What is no file is left out.

    So is the standard library, which goes with the interpreter, and so are we.
    """
    library, ours = Path(sysconfig.get_path("stdlib")).resolve(), Path(__file__).resolve().parents[2]
    own, packages = [], {}
    for path in sorted({Path(name).resolve() for name in names if Path(name).is_file()}):
        place = next((index for index, part in enumerate(path.parts) if part in _PACKAGES), None)
        if path.is_relative_to(ours):
            continue
        if place is not None:
            packages["/".join(path.parts[place + 1 :])] = path
        elif not path.is_relative_to(library):
            own.append(path)
    return own, packages
