"""The hash seed of the process: the order of sets must be the same in a replay."""

from __future__ import annotations

import os
import sys

HASH_SEED = "PYTHONHASHSEED"
OURS = "0"
"""Where nobody has chosen one."""


def fix(seed: str = OURS) -> None:
    """Starts this process anew with ``seed`` where none is fixed. What was imported by then is imported again.

    The interpreter takes an empty variable for none.
    """
    if not os.environ.get(HASH_SEED):
        _start_anew(seed)


def change(seed: str) -> None:
    """The same where another one is fixed: to that of a finding."""
    if seed.isdigit() and os.environ.get(HASH_SEED) != seed:
        _start_anew(seed)


def _start_anew(seed: str) -> None:
    if not sys.flags.ignore_environment and _can_be_read_again():
        os.environ[HASH_SEED] = seed
        sys.stdout.flush()
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def _can_be_read_again() -> bool:
    """A program that came through stdin or a pipe is used up: started anew, it would do nothing, and exit with 0."""
    main = sys.modules["__main__"]
    file = getattr(main, "__file__", None)
    if file is None or getattr(main, "__spec__", None) is not None:  # -c, -m, an archive, a folder
        return True
    return os.path.isfile(file)  # noqa: PTH113 (pathlib is slow to import)
