"""Work on secrets in clear, in a process of its own: what it leaves in memory is gone with it."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable

from redactfuzz.model.canary.secret import Masked


def apart(work: Callable[[], Masked]) -> Masked:
    """What ``work`` returns, computed in a forked child, of which only the masked bytes come back.

    A number in clear leaves traces of itself in freed memory, where a core of our process would show them.
    Raises ChildProcessError when the child dies.
    """
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forks among threads: the child takes no lock of theirs
        pid = os.fork()
    if pid == 0:
        status = 1
        try:
            done = work()
            data = bytes((done.mask,)) + done.data
            while data:
                data = data[os.write(writer, data) :]
            status = 0
        finally:
            os._exit(status)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        answer = stream.read()
    if os.waitpid(pid, 0)[1] or not answer:
        raise ChildProcessError("the process that makes a canary died before it had made it: is there memory left?")
    return Masked(answer[1:], answer[0])
