"""Every format that a dump file may have, in one place. The next one is a file of its own and a line here."""

from __future__ import annotations

from redactfuzz.dumps.readers.archives.files import Ar, Cpio
from redactfuzz.dumps.readers.archives.tape import Tape
from redactfuzz.dumps.readers.compressed import COMPRESSED
from redactfuzz.dumps.readers.elf_core import ElfCore
from redactfuzz.dumps.readers.image import Reader, Unpacker
from redactfuzz.dumps.readers.json_events import JsonEvents
from redactfuzz.dumps.readers.minidump import Minidump
from redactfuzz.dumps.readers.text import Raw, Text

READERS: tuple[Reader, ...] = (ElfCore(), Minidump(), JsonEvents(), Text(), Raw())
"""The first one that recognises an image reads it."""

UNPACKERS: tuple[Unpacker, ...] = (*COMPRESSED, Tape(), Ar(), Cpio())
"""An image that one of these recognises is opened as well as read."""
