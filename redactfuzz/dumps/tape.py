"""tar archives: every regular file in them."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from typing import IO

import attrs

from redactfuzz.dumps.image import Damaged

_MAGIC_AT = 257  # POSIX.1-1988, ustar header: "ustar" after name, mode, owner, size, time, checksum, type and link


@attrs.frozen
class Tape:
    """tar, as it is; a compressed one is unpacked first."""

    name: str = "tar"

    def recognises(self, head: bytes) -> bool:
        """By the magic number of POSIX and GNU; the archives of 1979 have none."""
        return head[_MAGIC_AT : _MAGIC_AT + 5] == b"ustar"

    def unpack(self, stream: IO[bytes]) -> Iterator[tuple[str, IO[bytes]]]:
        """Links, folders and devices hold nothing of their own."""
        try:
            with tarfile.open(fileobj=stream, mode="r|") as tape:
                for member in tape:
                    file = tape.extractfile(member) if member.isreg() else None
                    if file is not None:
                        yield member.name, file
        except (tarfile.TarError, EOFError, ValueError) as error:
            raise Damaged(f"the tar archive cannot be read on: {error}") from None
