"""A dump is what its handler returned at that moment: later changes of the objects do not count."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

LARGE = 64 << 20
"""Files above this many bytes are not read into memory; they are searched where they lie."""


def frozen(data: Any) -> Any:
    """A copy of what can change (containers, buffers, small files); all else, what is unknown included, as it is."""
    kind = type(data)
    if kind in (str, bytes, int, float, bool, type(None)):
        return data
    if isinstance(data, (bytearray, memoryview)):
        return bytes(data)
    if isinstance(data, dict):
        return {frozen(key) if isinstance(key, tuple) else key: frozen(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [frozen(item) for item in data]
    if isinstance(data, os.PathLike):
        path = Path(data)
        if path.is_file() and path.stat().st_size <= LARGE:
            return path.read_bytes()
    return data
