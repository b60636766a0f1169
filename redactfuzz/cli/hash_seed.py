"""The hash seed of the process: the order of sets must be the same in a replay."""

from __future__ import annotations

import os
import sys

HASH_SEED = "PYTHONHASHSEED"
OURS = "0"
"""Where nobody has chosen one."""


def fix(seed: str = OURS) -> None:
    """Starts this process anew with ``seed`` where none is fixed. What was imported by then is imported again."""
    if HASH_SEED not in os.environ and not sys.flags.ignore_environment:
        os.environ[HASH_SEED] = seed
        sys.stdout.flush()
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def change(seed: str) -> None:
    """The same where another one is fixed: to that of a finding."""
    if seed.isdigit() and os.environ.get(HASH_SEED) != seed:
        os.environ.pop(HASH_SEED, None)
        fix(seed)
