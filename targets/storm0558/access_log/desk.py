"""Where a dump goes over the counter: what is written down, and when."""

from __future__ import annotations

from collections.abc import Callable

Write = Callable[[str, str], object]
"""Who, and which dump: when it returns, that is on the disk."""
Send = Callable[[bytes], object]


class Desk:
    """Hands out dumps and writes down to whom."""

    def __init__(self, write: Write) -> None:
        """``write`` adds a record."""
        self.write = write

    def hand_out(self, who: str, name: str, data: bytes, send: Send) -> None:
        """Both, in some order."""
        raise NotImplementedError


class SendsFirst(Desk):
    """What was asked for goes out at once."""

    def hand_out(self, who: str, name: str, data: bytes, send: Send) -> None:
        """A process that dies between the two has handed out a dump, and nobody knows to whom."""
        send(data)
        self.write(who, name)


class WritesFirst(Desk):
    """The fix: nothing leaves that is not written down."""

    def hand_out(self, who: str, name: str, data: bytes, send: Send) -> None:
        """A process that dies between the two has a record too many, which accuses nobody wrongly of having asked."""
        self.write(who, name)
        send(data)
