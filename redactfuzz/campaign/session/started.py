"""How a command is called from the shell that this process was started from."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from redactfuzz.model.texts.shell import quoted

_UV, _TOX = "UV_RUN_RECURSION_DEPTH", "TOX_ENV_NAME"
"""What these tools put into the environment of a command: its PATH is theirs, and not that of the user's shell."""


def command(name: str) -> str:
    """The words for the command of this name that belongs to this Python: a path where the shell finds another one."""
    if _UV in os.environ:
        return f"uv run {name}"
    beside = Path(sys.executable).parent / name
    found = None if _TOX in os.environ else shutil.which(name)
    if found is not None and (not beside.exists() or Path(found).samefile(beside)):
        return name
    if beside.exists():
        return quoted(_near(beside))
    return f"{python()} -m {name}"


def python() -> str:
    """The words for this Python."""
    for name in () if _TOX in os.environ or _UV in os.environ else ("python", "python3"):
        found = shutil.which(name)
        # Not compared by what it links to: each virtual environment links to the same one.
        if found is not None and os.path.abspath(found) == os.path.abspath(sys.executable):  # noqa: PTH100
            return name
    return quoted(_near(Path(sys.executable)))


def _near(path: Path) -> str:
    """As seen from the working directory, where it is below."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
