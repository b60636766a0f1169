"""Memory that Python shares with a driver process."""

from __future__ import annotations

import mmap
import os
from types import TracebackType

from redactfuzz.native.compile.compiler import BuildError

_PAGE = mmap.PAGESIZE


class Shared:
    """Zeroed memory behind a file descriptor, which a child process may inherit. No dump of ours holds it.

    Raises BuildError where there is no room for it.
    """

    def __init__(self, name: str, size: int) -> None:
        self.descriptor = os.memfd_create(f"redactfuzz-{name}")
        try:
            os.ftruncate(self.descriptor, -(-size // _PAGE) * _PAGE)
            self.memory = mmap.mmap(self.descriptor, 0)
        except OSError as error:
            self.close()
            raise BuildError(
                f"{size:,} bytes cannot be shared with the process that runs the program ({error.strerror}): raise the"
                " limits of file size and memory (ulimit -f, ulimit -v)."
            ) from None
        self.memory.madvise(mmap.MADV_DONTDUMP)

    def close(self) -> None:
        """Gives the descriptor back. The memory lives as long as somebody looks at it."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def __enter__(self) -> Shared:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()
