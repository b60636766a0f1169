"""Writes the C source of a module that cffi makes of headers: ``python build_ffi.py MODULE OUT.c ROOT HEADER...``.

The declarations come from the public headers themselves, so that there is one truth. Which headers a module has is for
`CMakeLists.txt` to say; their paths are from ROOT, as they are included.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import cffi  # type: ignore[import-untyped]


def declarations(header: Path) -> str:
    """The header without comments and preprocessor lines, which cffi does not read."""
    text = re.sub(r"/\*.*?\*/", "", header.read_text(encoding="utf-8"), flags=re.DOTALL)
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))


def main() -> None:
    """Emit the module's source into the file named on the command line."""
    module, out, root, *headers = sys.argv[1:]
    builder = cffi.FFI()
    for header in headers:
        builder.cdef(declarations(Path(root) / header))
    builder.set_source(module, "\n".join(f'#include "{header}"' for header in headers))
    builder.emit_c_code(out)


if __name__ == "__main__":
    main()
