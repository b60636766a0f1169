"""Memory of C that a struct points to lives as long as the struct.

cffi frees what ``ffi.new`` gave as soon as Python holds it no more, and knows nothing of pointers in structs (its
documentation, "Working with pointers, structures and arrays"). What is kept in a cache may be thrown out of it while
another thread is in C with it.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

_OWNED: WeakKeyDictionary[Any, tuple[Any, ...]] = WeakKeyDictionary()


def owning(struct: Any, *memory: Any) -> Any:
    """The struct, of ``ffi.new``, which keeps this memory from now on: whoever holds the one holds the other."""
    _OWNED[struct] = memory
    return struct
