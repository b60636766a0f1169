"""A log stream is masked at each flush; the idle flush cuts a token that arrives in two writes.

There is no crash: the file descriptor that the stream writes to is the dump.
"""

import os
import threading
from collections.abc import Callable

import attrs

from redactfuzz import Race, scenario

BUILD = "7f3a-2291"


@attrs.define(eq=False)
class Stream:
    """Collects the output of a job and writes it, masked, to a file descriptor."""

    fd: int
    secret: bytes
    scrub: Callable[[bytes], bytes]
    wake: threading.Condition = attrs.field(factory=threading.Condition)
    pending: bytes = b""
    closed: bool = False

    def write(self, chunk: bytes) -> None:
        """Take one piece of output, cut wherever the pipe was cut."""
        with self.wake:
            self.pending += chunk

    def close(self) -> None:
        """No more output will come."""
        with self.wake:
            self.closed = True
            self.wake.notify_all()

    def pump(self) -> None:
        """Write what there is after 0.2 s without news, because somebody may be watching; the rest at the end."""
        with self.wake:
            if not self.closed:
                self.wake.wait(timeout=0.2)
            self.flush()
            while not self.closed:
                self.wake.wait()
            self.flush()

    def flush(self) -> None:
        """Write masked output, all but the last bytes that :meth:`hold` keeps."""
        clean = self.scrub(self.pending)
        cut = len(clean) - (0 if self.closed else self.hold(clean))
        self.pending = clean[cut:]
        if cut:
            os.write(self.fd, clean[:cut])

    def hold(self, data: bytes) -> int:
        """How many bytes at the end of ``data`` may not be written yet."""
        raise NotImplementedError


class Vulnerable(Stream):
    """Writes all there is."""

    def hold(self, data: bytes) -> int:
        """Nothing is kept."""
        return 0


class Fixed(Stream):
    """A rolling overlap: what may be the beginning of the secret waits for more."""

    def hold(self, data: bytes) -> int:
        """Length of the longest beginning of the secret that ``data`` ends with."""
        for size in range(min(len(self.secret) - 1, len(data)), 0, -1):
            if data.endswith(self.secret[:size]):
                return size
        return 0


def stage(race: Race, kind: type[Stream]) -> None:
    """A job prints its token, in two writes, while the stream is pumped."""
    race.witness("build id", BUILD)
    secret = race.canary("deploy token").text.encode()
    fd = race.sink.fileno()
    os.write(fd, f"build {BUILD}\n".encode())
    stream = kind(fd, secret, race.redactor(lambda data: data.replace(secret, b"[masked]")))

    def job() -> None:
        stream.write(b"deploying with " + secret[:16])
        stream.write(secret[16:] + b" done\n")
        stream.close()

    race.thread(job, name="job")
    race.thread(stream.pump, name="pump")


@scenario
def vulnerable(race: Race) -> None:
    """Leaks both halves when the idle wait expires between the two writes."""
    stage(race, Vulnerable)


@scenario
def fixed(race: Race) -> None:
    """Never leaks."""
    stage(race, Fixed)
