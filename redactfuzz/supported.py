"""Which interpreters redactfuzz is for. It knows the bytecode and the objects of each, and so refuses the others."""

from __future__ import annotations

import sys

_FIRST, _BEYOND = (3, 11), (3, 16)
_OTHER_COLLECTOR = ((3, 14, 0), (3, 14, 5))


def refusal(implementation: str, version: tuple[int, int, int], flags: str) -> str:
    """Why this interpreter will not do, and what to do. Empty: it will. ``flags`` is its `sys.abiflags`."""
    here = f"{implementation} {'.'.join(map(str, version))}"
    if implementation != "cpython" or not _FIRST <= version[:2] < _BEYOND:
        return f"redactfuzz is for CPython 3.11 to 3.15, and this is {here}: use one of these"
    if _OTHER_COLLECTOR[0] <= version < _OTHER_COLLECTOR[1]:
        return f"redactfuzz does not know the garbage collector of this early {here}: use 3.14.5 or later"
    if "t" in flags:
        return (
            f"redactfuzz needs the interpreter lock, and this is the free-threaded build of {here}: "
            f"use the other one (python{version[0]}.{version[1]}, not python{version[0]}.{version[1]}t)"
        )
    return ""


def check() -> None:
    """ImportError where this interpreter will not do."""
    if found := refusal(sys.implementation.name, sys.version_info[:3], sys.abiflags):
        raise ImportError(found)
