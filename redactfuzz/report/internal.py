"""Errors of our own: one line for the user, the traceback in a file."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
import traceback
from pathlib import Path

from redactfuzz import workplace
from redactfuzz.campaign.files.agreed import FOLDER
from redactfuzz.campaign.files.store import make_folder
from redactfuzz.model.machine import GONE, lacking

PACKAGE = Path(__file__).parents[1]


def report(error: BaseException, during: str) -> str:
    """What the user is shown of an error of ours. Writes its traceback to a file under ``.redactfuzz``.

    The machine may be the cause: then there is nothing to report, and nothing to write.
    """
    if why := lacking(error):
        remedy = "Change to one that exists" if why == GONE else "Give it more (ulimit -a, df), and run it again"
        return f"redactfuzz could not go on in {during}: {why}. {remedy}."
    saved = _write(f"internal-error-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.txt", describe(error))
    where = (
        f"Please report it with the file {saved}." if saved else "Please report it; its traceback could not be written."
    )
    return f"redactfuzz: internal error ({type(error).__name__}) in {during}. This is a bug of redactfuzz. {where}"


def describe(error: BaseException) -> str:
    """The traceback, with source lines but without values.

    The message of an exception raised in somebody else's code may hold anything, a canary too: it is left out.
    """
    frames = traceback.extract_tb(error.__traceback__)
    message = f": {error}" if is_ours(error) else ""
    return "".join(traceback.format_list(frames)) + f"{type(error).__name__}{message}\n"


def is_ours(error: BaseException) -> bool:
    """Whether an error was raised in our own code, and not by something that we called."""
    frames = traceback.extract_tb(error.__traceback__)
    return isinstance(error, Exception) and bool(frames) and Path(frames[-1].filename).is_relative_to(PACKAGE)


def _remove_empty(path: Path) -> None:
    """A full disk lets a file be there, and nothing be in it."""
    with contextlib.suppress(OSError):
        if not path.lstat().st_size:
            path.unlink()


def _write(name: str, text: str) -> str:
    for folder in (Path(FOLDER), Path(tempfile.gettempdir())):
        try:
            if folder.name == FOLDER:
                make_folder(folder)
            workplace.write(folder / name, text + "\n", os.O_APPEND)
        except OSError:
            _remove_empty(folder / name)
            continue
        return str(folder / name)
    return ""
