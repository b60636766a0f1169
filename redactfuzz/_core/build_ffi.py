"""Writes the C source of ``redactfuzz._core._engine``: ``python build_ffi.py OUT.c``.

The declarations come from the public headers themselves, so that there is one truth.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import cffi  # type: ignore[import-untyped]

CORE = (
    "event.h",
    "explore.h",
    "match.h",
    "match_dense.h",
    "key_prime.h",
    "key_limbs.h",
    "key_aes.h",
    "key_hmac.h",
    "key_text.h",
)
"""Of this folder: no globals, no memory of its own."""
DUMPS = ("snapshot.h", "guard.h")
"""Of `redactfuzz/dumps`: what works on the process itself."""
NATIVE = ("state/plan.h",)
"""Of `redactfuzz/native/runtime`: what Python shares with the driver of a native program."""


def declarations(header: Path) -> str:
    """The header without comments and preprocessor lines, which cffi does not read."""
    text = re.sub(r"/\*.*?\*/", "", header.read_text(encoding="utf-8"), flags=re.DOTALL)
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))


def main() -> None:
    """Emit the module's source into the file named on the command line."""
    here = Path(__file__).resolve().parent
    headers = [*(here / name for name in CORE), *(here.parent / "dumps" / name for name in DUMPS)]
    headers += [here.parent / "native" / "runtime" / name for name in NATIVE]
    builder = cffi.FFI()
    for header in headers:
        builder.cdef(declarations(header))
    builder.set_source("redactfuzz._core._engine", "\n".join(f'#include "{header.name}"' for header in headers))
    builder.emit_c_code(sys.argv[1])


if __name__ == "__main__":
    main()
