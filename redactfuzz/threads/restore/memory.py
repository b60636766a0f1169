"""What a foreign function reaches through an argument: a buffer, or the memory behind a pointer."""

from __future__ import annotations

import os
import sys
from typing import Any

_REACH = 4096
"""Bytes that are looked at behind a pointer, whose extent nobody knows."""
_LOWEST = 1 << 16
"""Smaller integers are no addresses."""


def memory_of(value: Any) -> bytearray:
    """A copy of a buffer, or of what is behind a pointer or an address. Empty when ``value`` is neither.

    The caller wipes it.
    """
    try:
        return bytearray(memoryview(value))
    except (TypeError, ValueError, BufferError):
        pass
    try:
        address = _address(value)
        if address < _LOWEST:
            return bytearray()
        # Through the kernel: a pointer that leads nowhere is an error there, not a crash.
        memory = os.open("/proc/self/mem", os.O_RDONLY)
        try:
            found = bytearray(_REACH)
            del found[os.preadv(memory, [found], address) :]
            return found
        finally:
            os.close(memory)
    except (TypeError, ValueError, OSError, OverflowError):
        return bytearray()


def cannot_change(value: Any) -> bool:
    """Nobody can change what code reads that is handed this: bytes, a text, or a view of what nobody can write to.

    A view without an owner is of memory of C code, as a buffered stream hands it to what it writes to.
    """
    if isinstance(value, memoryview):
        try:
            return value.readonly and (value.obj is None or cannot_change(value.obj))
        except ValueError:  # it is released
            return False
    kinds = type(value).__mro__ if isinstance(value, (bytes, str)) else ()
    return bool(kinds) and not any("__buffer__" in vars(kind) for kind in kinds if kind is not bytes)


def _address(value: Any) -> int:
    """Where a pointer points. 0 when ``value`` is none."""
    if type(value) is int:
        return value
    cffi = sys.modules.get("_cffi_backend")
    if cffi is not None and isinstance(value, cffi._CDataBase):
        return int(cffi.cast(cffi.new_primitive_type("uintptr_t"), value))
    ctypes = sys.modules.get("ctypes")
    if ctypes is None:
        return 0
    if hasattr(value, "_obj"):  # byref
        return int(ctypes.addressof(value._obj))
    if isinstance(value, (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_wchar_p, ctypes._Pointer)):
        return int(ctypes.cast(value, ctypes.c_void_p).value or 0)
    return 0
