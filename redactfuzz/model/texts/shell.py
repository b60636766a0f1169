"""Texts as a shell takes them."""

from __future__ import annotations

import os
import shlex


def quoted(text: str) -> str:
    """One word of a command line: ``$'...'`` where a line break, or a byte that is no text, could not be copied."""
    if text.isprintable():
        return shlex.quote(text)
    return f"$'{''.join(map(_one, text))}'"


def _one(char: str) -> str:
    if char in "\\'":
        return f"\\{char}"
    return char if char.isprintable() else "".join(f"\\{byte:03o}" for byte in bytes_of(char))


def bytes_of(text: str) -> bytes:
    """As the system knows it; half of a pair, which no name of a file holds, as three bytes."""
    try:
        return os.fsencode(text)
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
