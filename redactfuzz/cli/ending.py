"""The signals that end a command, as exceptions."""

from __future__ import annotations


class Terminated(KeyboardInterrupt):
    """By another signal than Ctrl-C: from a scheduler of jobs, or a terminal that was closed. Bears its number."""


class AtOnce(Terminated):
    """The second signal, with the number of the first: nothing more is said, since that may be what takes so long."""
