"""How a command ends that does not come to its end: signals as exceptions, and the exit status of an error."""

from __future__ import annotations

BROKEN = 3
"""Of an error that nobody expected."""
_STATUS = "_status_of_redactfuzz"
"""An attribute that no exception of a scenario has: what that calls its exit code is none of ours."""


class Terminated(KeyboardInterrupt):
    """By another signal than Ctrl-C: from a scheduler of jobs, or a terminal that was closed. Bears its number."""


class AtOnce(Terminated):
    """The second signal, with the number of the first: nothing more is said, since that may be what takes so long."""


class ReaderGone(Exception):
    """Who read our output has gone, as `head` does. Not as BrokenPipeError, which click ends with its own status."""


def end_with(error: Exception, status: int) -> None:
    """Whatever is said of it, the command ends with this status."""
    setattr(error, _STATUS, status)


def status_of(error: Exception, usual: int = BROKEN) -> int:
    """That with which a command ends by an error: the usual one, unless it has said so."""
    status: int = getattr(error, _STATUS, usual)
    return status
