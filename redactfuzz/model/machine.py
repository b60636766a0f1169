"""Errors that the machine, its limits, or where a command was started are the cause of: no bug of ours."""

from __future__ import annotations

import errno
import os
import re

_NO_ROOM = {
    *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM),
    errno.EAGAIN,  # no more processes or threads
}
_NO_THREAD = "can't start new thread"
GONE = "the working directory is gone"
_NO_FOLDER = "No usable temporary directory"
_NOT_MAPPED = "failed to map segment"


def lacking(error: BaseException) -> str:
    """What the machine lacks; empty where it is something else."""
    if isinstance(error, MemoryError):
        return "there is not enough memory"
    if isinstance(error, RuntimeError) and _NO_THREAD in str(error):
        return f"{_NO_THREAD}: there is not enough memory, or there are too many"
    if isinstance(error, ImportError) and _NOT_MAPPED in str(error):
        return "there is not enough memory to load a module"
    if type(error).__name__ == "ChildError":
        return _in_child(str(error))
    if not isinstance(error, OSError):
        return ""
    if is_gone():
        return GONE
    if _NO_FOLDER in str(error):  # tempfile says nothing of what went wrong there
        return "no temporary folder can be written, or no more files may be open"
    if error.errno not in _NO_ROOM:
        return ""
    return f"{error.strerror}: {error.filename}" if error.filename else str(error.strerror)


def fault(during: str, error: BaseException, lost: str = "") -> str:
    """Why something of a dump was not read: an error of ours that ends nothing else, or what the machine lacks.

    The message of the error is not told: it may quote the dump.
    """
    why = lacking(error)
    said = f"redactfuzz could not go on in {during}: {why}" if why else _itself(during, error)
    told = [said, lost] if lost else [said]
    return ": ".join(told) if why else f"{': '.join(told)}{'; ' if lost else ': '}please report it"


def _itself(during: str, error: BaseException) -> str:
    return f"redactfuzz itself failed in {during} ({type(error).__name__})"


def is_gone() -> bool:
    """Whether the working directory was removed."""
    try:
        os.getcwd()  # noqa: PTH109
    except OSError:
        return True
    return False


def _in_child(trace: str) -> str:
    """The same of an exception that a child has sent as text."""
    last = trace.rstrip().rpartition("\n")[2]
    number = re.search(r"\[Errno (\d+)\]", last)
    if (
        last.startswith("MemoryError")
        or _NO_THREAD in last
        or _NO_FOLDER in last
        or (number and int(number[1]) in _NO_ROOM)
    ):
        return "a child process had not enough memory, files or threads"
    return ""
