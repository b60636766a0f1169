"""What this process has open and mapped, as the kernel and the linker say.

Audit events tell neither of what folder a descriptor is, nor what C code opens.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import stat
from collections.abc import Iterator
from pathlib import Path

_DESCRIPTORS = "/proc/self/fd"


def place(descriptor: int) -> str:
    """The path of what it leads to. Raises OSError."""
    return os.readlink(f"{_DESCRIPTORS}/{descriptor}")  # noqa: PTH115  as it is: it may be no path


def folders() -> Iterator[str]:
    """Those that a relative path may start from: one descriptor of each is open. Raises OSError."""
    return (path for path, mode in _all() if stat.S_ISDIR(mode))


def files() -> frozenset[str]:
    """Those with a name that can be read: what is only written to, as a log, is no source. Raises OSError."""
    return frozenset(path for path, mode in _all(read=True) if stat.S_ISREG(mode))


def is_read(flags: int) -> bool:
    """Whether a file that is opened so can be read."""
    return flags & os.O_ACCMODE != os.O_WRONLY


def _all(*, read: bool = False) -> Iterator[tuple[str, int]]:
    """Path and mode of what each descriptor leads to. ``read``: of those that can be read."""
    for number in sorted(map(int, os.listdir(_DESCRIPTORS))):  # noqa: PTH208  numbers, and no paths
        with contextlib.suppress(OSError):  # that of the list itself, or another thread has closed it
            path = place(number)
            if path.startswith("/") and not (read and not is_read(fcntl.fcntl(number, fcntl.F_GETFL))):
                yield path, os.fstat(number).st_mode


def mapped() -> frozenset[str]:
    """Files that lie in memory: libraries, whoever has loaded them, and what is read without a descriptor.

    Raises OSError.
    """
    words = (line.split(maxsplit=5) for line in Path("/proc/self/maps").read_bytes().splitlines())
    return frozenset(os.fsdecode(name) for *_, name in words if name.startswith(b"/"))


class _Library(ctypes.Structure):
    """Of ``dl_iterate_phdr``."""

    _fields_ = (
        ("address", ctypes.c_void_p),
        ("name", ctypes.c_char_p),
        ("headers", ctypes.c_void_p),
        ("count", ctypes.c_uint16),
        ("loaded", ctypes.c_ulonglong),
        ("unloaded", ctypes.c_ulonglong),
    )


def unloaded() -> int:
    """How many libraries this process had, and has no more: nobody finds these mapped."""
    told = []

    def look(library: ctypes._Pointer[_Library], size: int, data: int | None) -> int:
        told.append(int(library.contents.unloaded))
        return 1  # that is enough: each of them tells it

    kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(_Library), ctypes.c_size_t, ctypes.c_void_p)
    ctypes.CDLL(None).dl_iterate_phdr(kind(look), None)
    return told[0]
