"""Every format that a dump file may have, in one place. The next one is a file of its own and a line here."""

from __future__ import annotations

from collections.abc import Iterator

from redactfuzz.dumps.readers.archives.files import Ar, Cpio
from redactfuzz.dumps.readers.archives.tape import Tape
from redactfuzz.dumps.readers.compressed import COMPRESSED
from redactfuzz.dumps.readers.elf_core import ElfCore
from redactfuzz.dumps.readers.image import Image, Reader, Unpacker
from redactfuzz.dumps.readers.minidump import Minidump
from redactfuzz.dumps.readers.scattered.deltas import GitDeltas
from redactfuzz.dumps.readers.scattered.packets import Packets
from redactfuzz.dumps.readers.scattered.sqlite_pages import SqlitePages
from redactfuzz.dumps.readers.texts.json_events import JsonEvents
from redactfuzz.dumps.readers.texts.text import Raw, Text
from redactfuzz.dumps.readers.together import EachReader, Together

SCATTERED = (Packets(), SqlitePages(), GitDeltas())
"""Those in which one value lies in several places, so that something packed may be cut."""

READERS: tuple[Reader, ...] = (ElfCore(), Minidump(), *SCATTERED, JsonEvents(), Text(), Raw())
"""The first one that recognises an image reads it."""

UNPACKERS: tuple[Unpacker, ...] = (*COMPRESSED, Tape(), Ar(), Cpio())
"""An image that one of these recognises is opened as well as read."""

_HEAD = 4096


def reader_of(image: Image) -> Reader:
    """The first format that recognises the image; the last one takes everything."""
    if isinstance(image, Together):
        return EachReader(reader_of(image.images[0]))
    head = image.data[:_HEAD]
    return next(reader for reader in READERS if reader.recognises(head, image.size))


def runs_of(image: Image) -> Iterator[list[tuple[int, int]]] | None:
    """Where in an image the parts of what is cut in it lie, one behind the other. None where nothing is."""
    head = image.data[:_HEAD]
    return next((one.runs(image) for one in SCATTERED if one.recognises(head, image.size)), None)


def unpacker_of(image: Image) -> Unpacker | None:
    """What opens it where it holds other files; of images that are together each is opened by itself."""
    head = b"" if isinstance(image, Together) else image.data[:_HEAD]
    return next((one for one in UNPACKERS if one.recognises(head)), None)
