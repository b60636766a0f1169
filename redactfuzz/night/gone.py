"""Whether a scenario is there any more, by what a later night was asked for and has listed. Nothing is looked up."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from pathlib import PurePath


def is_gone(title: str, paths: Iterable[str], listed: Collection[str]) -> bool:
    """Whether nothing has this title any more, though its file was asked for as a whole.

    ``paths``: what the night was begun with; ``listed``: its titles. A file that cannot be listed has its own name as a
    title: what is in it nobody knows.
    """
    name = title.partition("::")[0]
    if title in listed or name in listed:
        return False
    file = PurePath(os.path.normpath(name))
    return any(file.is_relative_to(os.path.normpath(each)) for each in paths if "::" not in each)
