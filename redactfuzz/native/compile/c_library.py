"""What the C library of this machine offers: of it, everything is modelled, harmless, confined, or rules out a pass."""

from __future__ import annotations

import functools
from pathlib import Path

from redactfuzz.native.compile.compiler import BuildError, Toolchain, ran
from redactfuzz.native.compile.symbols import exports_of

_FILES = ("libc.so.6", "libc.so")


@functools.cache
def offered(tools: Toolchain) -> frozenset[str]:
    """Names of its functions and variables. Raises BuildError where it cannot be read."""
    failure = "The C library cannot be read: what reaches out of the process is not known"
    for name in _FILES:
        path = Path(ran([*(tools.cc or tools.cxx), f"-print-file-name={name}"], failure).strip())
        if path.is_absolute() and path.is_file():
            return exports_of(tools, path)
    raise BuildError(f"{failure}.", "")
