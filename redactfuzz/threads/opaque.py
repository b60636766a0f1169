"""Which builtins give up the interpreter lock while they run, so that another thread can run in the middle.

Calls of C code that keep the lock are atomic. Those that release it are opaque: the scheduler can neither see nor stop
what happens meanwhile. The list is of what the standard library's C code does between Py_BEGIN_ALLOW_THREADS and
Py_END_ALLOW_THREADS; ctypes and cffi release the lock around every foreign call.
"""

from __future__ import annotations

import hashlib
import io
import os
import select
import socket
import sys
import zlib
from typing import Any

_OS = (
    "close fsync fdatasync ftruncate open pread preadv pwrite pwritev read readv rename replace sendfile stat unlink "
    "waitpid write writev"
)
_RAW = "read readall readinto write truncate"
_BUFFERED = "flush read read1 readinto write"
_TEXT = "flush read readline write"
_SOCKET = "accept connect recv recv_into recvfrom send sendall sendto"


def _methods(owner: type, names: str) -> list[Any]:
    """A method as its descriptor, and as (type, name), by which bound methods are looked up."""
    found: list[Any] = []
    for name in names.split():
        if hasattr(owner, name):
            found += [getattr(owner, name), (owner, name)]
    return found


def releasing_callables() -> frozenset[Any]:
    """Builtin functions, method descriptors and (type, method name) pairs that release the lock."""
    found: list[Any] = [getattr(os, name) for name in _OS.split()]
    found += [select.select, zlib.compress, zlib.decompress, zlib.crc32]
    found += _methods(io.FileIO, _RAW) + _methods(io.TextIOWrapper, _TEXT) + _methods(socket.socket.__mro__[1], _SOCKET)
    for owner in (io.BufferedReader, io.BufferedWriter, io.BufferedRandom):
        found += _methods(owner, _BUFFERED)
    found += [getattr(hashlib, name) for name in ("pbkdf2_hmac", "scrypt") if hasattr(hashlib, name)]
    for name in ("poll", "epoll"):
        if hasattr(select, name):
            found += _methods(getattr(select, name) if name == "epoll" else type(select.poll()), "poll")
    if openssl := sys.modules.get("cryptography.hazmat.bindings._rust"):
        found += _methods(openssl.openssl.rsa.RSAPrivateKey, "sign decrypt")
    return frozenset(found)


def releasing_types() -> tuple[type, ...]:
    """Types whose instances release the lock when they are called: foreign functions. Only what is loaded counts."""
    types: list[type] = []
    if ctypes := sys.modules.get("_ctypes"):
        types.append(ctypes.CFuncPtr)
    if cffi := sys.modules.get("_cffi_backend"):
        types.append(cffi._CDataBase)
    return tuple(types)


_PYTHON_API = 4
"""FUNCFLAG_PYTHONAPI of ctypes: the call keeps the interpreter lock."""


def keeps_lock(callable_: Any) -> bool:
    """A ctypes function that calls Python's own API, such as ``string_at``: atomic, like any builtin.

    ``cast`` is left out: the pointer that it makes is for a foreign function, which we see with an address alone.
    """
    flags = getattr(type(callable_), "_flags_", 0)
    return isinstance(flags, int) and bool(flags & _PYTHON_API) and name_of(callable_) != "ctypes.cast"


def is_foreign(callable_: Any) -> bool:
    """A foreign function (ctypes, cffi): it may write the memory that it is handed."""
    owner = type(getattr(callable_, "__self__", None)).__name__
    return isinstance(callable_, releasing_types()) or owner == "Lib"


def name_of(callable_: Any) -> str:
    """How a report names a callable; never its arguments."""
    if ctypes := sys.modules.get("ctypes"):
        for known in ("memmove", "memset", "_string_at", "_wstring_at", "_cast"):
            if getattr(ctypes, known, None) is callable_:
                return f"ctypes.{known.removeprefix('_')}"
    module = getattr(callable_, "__module__", None) or type(callable_).__module__
    name = getattr(callable_, "__qualname__", None) or getattr(callable_, "__name__", type(callable_).__name__)
    return f"{module}.{name}"
