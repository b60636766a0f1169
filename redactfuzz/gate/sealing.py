"""Copies a dump to where nobody else reaches it, hashed while it is read: by reflink where the file system can."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import math
import os
import time

import attrs

from redactfuzz.gate.passage import NotYet, Refused, Source

_FICLONE = 0x40049409
"""Of Linux: ``ioctl_ficlone(2)``."""
_BLOCK = 1 << 20
_ZEROS = bytes(_BLOCK)
_SECONDS = 60.0
_BYTES_A_SECOND = 4 << 20
"""Below what any disk reads: who is slower does not come to an end."""


@attrs.frozen
class SealLimits:
    """How large a dump may be, in bytes, and how long sealing may take: 60 seconds, and one for every 4 MiB. What has
    its size for good, and is not ``hurried``, takes as long as its disk does.
    """

    size: int = 64 << 30
    hurried: bool = True

    def seconds(self, size: int) -> float:
        """For so many bytes."""
        return math.inf if not self.hurried else _SECONDS + size / _BYTES_A_SECOND


def source_of(name: str, descriptor: int) -> Source:
    """What the file system says of an open file."""
    status = os.fstat(descriptor)
    return Source(name, status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def copied(source: int, target: int, limits: SealLimits) -> tuple[str, int]:
    """SHA-256 and size of what is now in ``target``. Zeros become a hole there. Raises Refused for a dump that is
    larger than it may be, or does not end, and OSError.
    """
    size = os.fstat(source).st_size
    if size > limits.size:
        raise Refused(too_large(size, limits))
    with contextlib.suppress(OSError):
        fcntl.ioctl(target, _FICLONE, source)
        return hashed(target, limits)
    return _read(source, target, limits)


def hashed(descriptor: int, limits: SealLimits | None = None) -> tuple[str, int]:
    """SHA-256 and size of an open file, from its beginning."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    return _read(descriptor, None, limits or SealLimits(os.fstat(descriptor).st_size, hurried=False))


def _read(source: int, target: int | None, limits: SealLimits) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    deadline = time.monotonic() + limits.seconds(os.fstat(source).st_size)
    buffer = memoryview(bytearray(_BLOCK))
    while count := os.readv(source, [buffer]):
        size += count
        if size > limits.size:
            raise NotYet(f"it grew beyond {limits.size:,} bytes while it was sealed (--max-size)")
        if time.monotonic() > deadline:
            raise NotYet(
                f"it was still being read after {limits.seconds(0):.0f} s and more: it grows, or its disk hangs"
            )
        digest.update(buffer[:count])
        if target is not None:
            _put(target, buffer[:count])
    if target is not None:
        os.ftruncate(target, size)
    return digest.hexdigest(), size


def _put(target: int, block: memoryview) -> None:
    """A disk that is full ends it with OSError: what was sealed so far is removed by who asked."""
    if block == memoryview(_ZEROS)[: len(block)]:
        os.lseek(target, len(block), os.SEEK_CUR)
        return
    while block:
        written = os.write(target, block)
        if not written:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        block = block[written:]


def too_large(size: int, limits: SealLimits) -> str:
    """Why a dump is not taken."""
    return (
        f"it has {size:,} bytes, and no more than {limits.size:,} are taken: raise --max-size when that is what it is"
    )
