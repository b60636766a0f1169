"""How a command is called from the shell that this process was started from."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path


def command(name: str) -> str:
    """The words for the command of this name that belongs to this Python: a path where the shell finds another one."""
    beside = Path(sys.executable).parent / name
    found = shutil.which(name)
    if found is not None and (not beside.exists() or Path(found).samefile(beside)):
        return name
    if beside.exists():
        return shlex.quote(_near(beside))
    return f"{python()} -m {name}"


def python() -> str:
    """The words for this Python."""
    for name in ("python", "python3"):
        found = shutil.which(name)
        # Not compared by what it links to: each virtual environment links to the same one.
        if found is not None and os.path.abspath(found) == os.path.abspath(sys.executable):  # noqa: PTH100
            return name
    return shlex.quote(_near(Path(sys.executable)))


def _near(path: Path) -> str:
    """As seen from the working directory, where it is below."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
