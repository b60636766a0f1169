"""Archives that hold files as they are, one after the other: ar (also .deb) and cpio (also an initramfs)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import IO

import attrs

from redactfuzz.dumps.readers.archives.beside import behind, beside
from redactfuzz.dumps.readers.image import Damaged, Member
from redactfuzz.dumps.readers.stream import Stretch

_AR = b"!<arch>\n"
_PADDING = b"\n\0"
_AR_HEADER, _AR_SIZE, _AR_END = 60, slice(48, 58), b"`\n"
_CPIO = (b"070701", b"070702")
_CPIO_HEADER, _CPIO_FIELDS = 110, 13
_MODE, _SIZE, _NAME = 1, 6, 11
_REGULAR = 0o100000
_KINDS = 0o170000
_LONGEST_NAME = 4096


@attrs.frozen
class Ar:
    """The format that System V, BSD and Debian have in common. A table of names is a member like others."""

    name: str = "ar"

    def recognises(self, head: bytes) -> bool:
        """By the magic number."""
        return head.startswith(_AR)

    def unpack(self, stream: IO[bytes]) -> Iterator[Member]:
        """Names are shown as they stand in the header."""
        at = len(_AR)
        while True:
            stream.seek(at)
            header = stream.read(_AR_HEADER)
            if not header.strip(_PADDING):
                yield from behind(stream, at, _PADDING)
                return
            size = header[_AR_SIZE].strip()
            if len(header) < _AR_HEADER or not header.endswith(_AR_END) or not size.isdigit():
                raise Damaged(f"the ar archive cannot be read on: no header is at byte {at}")
            at += _AR_HEADER
            name = header[:16].rstrip().rstrip(b"/").decode("utf-8", "replace") or "names"
            yield Member(name, io.BufferedReader(Stretch(stream, at, int(size))), at)
            at += int(size) + int(size) % 2


@attrs.frozen
class Cpio:
    """The format "newc", as in an initramfs and RPM. What follows the end is a member as well: it may be packed."""

    name: str = "cpio"

    def recognises(self, head: bytes) -> bool:
        """By the magic number, with its checksum or without."""
        return head.startswith(_CPIO)

    def unpack(self, stream: IO[bytes]) -> Iterator[Member]:
        """Links, folders and devices hold nothing of their own, but where somebody put something."""
        at, name = 0, ""
        while name != "TRAILER!!!":
            mode, size, name, start = _entry(stream, at)
            yield from beside(stream, at + _CPIO_HEADER, start - at - _CPIO_HEADER, f"name of {name}")
            at = start + (size + 3) // 4 * 4
            if mode & _KINDS != _REGULAR or name == "TRAILER!!!":
                yield from beside(stream, start, size, f"what {name} holds")
            elif size:
                yield Member(name, io.BufferedReader(Stretch(stream, start, size)), start)
        yield from behind(stream, at, b"\0")


def _entry(stream: IO[bytes], at: int) -> tuple[int, int, str, int]:
    """Mode, size, name and where the data begin. Raises Damaged."""
    stream.seek(at)
    header = stream.read(_CPIO_HEADER)
    if not header:
        raise Damaged(f"the cpio archive ends at byte {at} without its end mark: members may be missing")
    try:
        fields = [int(header[6 + 8 * index : 14 + 8 * index], 16) for index in range(_CPIO_FIELDS)]
    except ValueError:
        fields = []
    if not header.startswith(_CPIO) or not fields or not 0 < fields[_NAME] <= _LONGEST_NAME:
        raise Damaged(f"the cpio archive cannot be read on: no header is at byte {at}")
    name = stream.read(fields[_NAME]).rstrip(b"\0").decode("utf-8", "replace")
    return fields[_MODE], fields[_SIZE], name, at + (_CPIO_HEADER + fields[_NAME] + 3) // 4 * 4
