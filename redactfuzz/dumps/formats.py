"""Every format that a dump file may have, in one place. The next one is a file of its own and a line here."""

from __future__ import annotations

from redactfuzz.dumps.image import Reader, Unpacker

READERS: tuple[Reader, ...] = ()
"""The first one that recognises an image reads it."""

UNPACKERS: tuple[Unpacker, ...] = ()
"""An image that one of these recognises is opened as well as read."""
