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
