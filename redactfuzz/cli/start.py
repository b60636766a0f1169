"""Where the command starts: whatever keeps it from its end, its status is never that of a finding.

Python ends with 1 by an exception that nobody caught, and 1 says LEAK. So nothing is imported here that is not there
before us, and what fails while the rest is imported, or while an error is told, ends here.
"""

from __future__ import annotations

import os

from redactfuzz.cli.ending import status_of


def main() -> None:
    """Entry point of the process."""
    try:
        from redactfuzz.cli.main import main as command

        command()
    except Exception as error:
        _end(error)


def _end(error: Exception) -> None:
    """At once: there may be no memory to do it properly, and what was not printed yet would be no whole report."""
    try:
        os.write(2, f"redactfuzz: {_said(error)}\n".encode("utf-8", "backslashreplace"))
    finally:
        os._exit(status_of(error))


def _said(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return "there is not enough memory"
    if isinstance(error, ImportError):  # it names a module or a library
        return str(error)
    why = error.strerror if isinstance(error, OSError) else None
    return why or f"it could not come to its end ({type(error).__name__})"
