"""Reads a dump that another user owns: in a process with limits, which can write nothing of ours.

Whoever made it may know of a fault in a parser. What they gain then is a process that can write to its own temporary
folder, and whose death costs the report on one dump.
"""

from __future__ import annotations

import math
import os
import resource
import stat
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from redactfuzz.model.exposure import DumpReport, Gap
from redactfuzz.model.machine import lacking

_MEMORY = 4 << 30
"""Bytes beyond what this process has: the dump, which is mapped, does not count."""
_LEAST_SECONDS = 600.0
_BYTES_A_SECOND = 1 << 20
"""Far below what the slowest detector reads."""
_OTHERS = "another user owns it"


def of_others(dumps: Iterable[str | os.PathLike[str]]) -> bool:
    """Whether one of the files belongs to another user."""
    return any(_owner(dump) != os.geteuid() for dump in dumps)


def limited(
    dump: str, size: int, work: Callable[[], DumpReport], because: str = _OTHERS, most: float | None = None
) -> DumpReport:
    """What ``work`` gives, done in a child; a gap where the child did not come to its end. ``size``: bytes to read.

    ``most``: seconds, where it is not to have so many as that needs.
    """
    # It brings the runtime with it, which takes longer than a scan of a small file.
    from redactfuzz.threads.process.child import Answer, ChildError, in_child

    seconds = min(_LEAST_SECONDS + size / _BYTES_A_SECOND, math.inf if most is None else most)
    try:
        answer = in_child(partial(_kept, work, seconds), seconds)
        if isinstance(answer, Answer):
            return answer.value
        how = answer.how
    except ChildError as error:  # its message may quote the dump
        how = "had not enough memory, files or threads" if lacking(error) else "failed (please report it)"
    why = f"{because}, and the process that read it for us {how}"
    return DumpReport(dump, skipped=(Gap(dump, why),))


def _kept(work: Callable[[], DumpReport], seconds: float) -> DumpReport:
    from redactfuzz.threads import _hooks
    from redactfuzz.threads.process.writable import confined

    data = int(Path("/proc/self/statm").read_text("ascii").split()[5]) * resource.getpagesize()
    for limit, value in ((resource.RLIMIT_DATA, data + _MEMORY), (resource.RLIMIT_CPU, int(seconds))):
        _, hard = resource.getrlimit(limit)
        resource.setrlimit(limit, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))
    with confined(True):
        _hooks.confine_here()
        return work()


def _owner(dump: str | os.PathLike[str]) -> int:
    """Of a file; ours where it has none."""
    try:
        status = os.fstat(0) if dump == "-" else Path(dump).stat()
    except (OSError, ValueError):
        return os.geteuid()
    return status.st_uid if stat.S_ISREG(status.st_mode) else os.geteuid()
