"""Files that a user names and that are read whole: repro files, registries, public keys."""

from __future__ import annotations

import os
import stat
from pathlib import Path


class Unreadable(ValueError):
    """Why a file cannot be read, for a sentence that names it."""


def data_of(path: Path, largest: int) -> bytes:
    """The bytes of a file of at most ``largest``. Raises Unreadable: a FIFO has no end, and waits for its writer."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise Unreadable("it is no file")
            data = file.read(largest + 1)
    except Unreadable:
        raise
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        raise Unreadable(f"it cannot be read ({why})") from None
    if len(data) > largest:
        raise Unreadable(f"it is larger than {_size(largest)}")
    return data


def text_of(path: Path, largest: int) -> str:
    """The same as text."""
    try:
        return data_of(path, largest).decode("utf-8")
    except UnicodeDecodeError:
        raise Unreadable("it is not text") from None


def _size(number: int) -> str:
    return f"{number >> 20} MiB" if number >> 20 else f"{number >> 10} KiB"
