"""Where what is unpacked goes: into memory while it is small, then into an unlinked temporary file."""

from __future__ import annotations

import contextlib
import io
import shutil
import tarfile
import tempfile
from typing import IO, Any

from redactfuzz.dumps.readers.image import Damaged, Image, failed
from redactfuzz.dumps.readers.mapped import mapped
from redactfuzz.dumps.readers.waiting import reader

_SMALL = 1 << 20
_BLOCK = 1 << 20
_SPARE = 64 << 20
"""Bytes that unpacking leaves free on the disk."""


class Spool(contextlib.ExitStack):
    """Of one stream. An image of it must be done with before the spool is left."""

    def __init__(self) -> None:
        super().__init__()
        self._file: IO[bytes] = io.BytesIO()
        self._is_file = False
        self.size = 0
        self.broken = False
        """Whether what was copied broke off: it may never have been what it looked like."""
        self.failed = False
        """Whether a fault of ours ended it, so that nobody can tell what it was."""
        self.full = False
        """Whether there was more than may be unpacked."""

    def copy(self, stream: IO[bytes], most: float, before: int = 0, *, waits: bool = False) -> str:
        """All of it, or what makes ``most`` bytes with those ``before``. Gives why that is not all, or nothing.

        ``waits``: where nothing has come yet, until something has.
        """
        read = reader(stream, waits=waits)
        try:
            while block := read(_BLOCK):
                if before + self.size + len(block) > most:
                    self._write(block[: max(0, int(most) - before - self.size)])
                    self.full = True
                    return (
                        f"the dump unpacks to more than {most:,} bytes: the rest is not read. "
                        "Raise --max-unpacked when that is what it is."
                    )
                if self.size > _SMALL and shutil.disk_usage(tempfile.gettempdir()).free < _SPARE:
                    return "the temporary folder is full: the rest is not read. Set TMPDIR to a larger one."
                self._write(block)
        except Damaged as damage:
            self.broken = True
            return str(damage)
        except (OSError, EOFError, tarfile.TarError) as error:
            return f"the rest cannot be read: {error}"
        except Exception as error:  # its message may quote the dump
            self.failed = True
            return failed("reads what is packed", error)
        finally:
            self._file.flush()
        return ""

    def image(self, name: str, within: tuple[str, int] | None = None) -> Image:
        """All that was copied."""
        if self._is_file:
            return mapped(name, self._file.fileno(), within)
        memory: Any = self._file
        return Image(name, memory.getvalue(), within=within)

    def _write(self, block: bytes) -> None:
        if not self._is_file and self.size + len(block) > _SMALL:
            file = self.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - the stack closes it
            self._file.seek(0)
            shutil.copyfileobj(self._file, file)
            self._file, self._is_file = file, True
        self._file.write(block)
        self.size += len(block)
