"""The driver process: started, listened to, watched, and never left behind."""

from __future__ import annotations

import contextlib
import os
import resource
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import attrs

from redactfuzz.dumps.producers.core_producer import registers_of
from redactfuzz.dumps.producers.core_writer import write_core
from redactfuzz.native.drive.control_block import ControlBlock
from redactfuzz.native.drive.events import Event, EventError, Failed, parsed
from redactfuzz.silence import Silence, alive

TICK = 0.1
"""Seconds between two looks at the heartbeat."""
_LONGEST = 64 << 20
"""Bytes of one event."""
_SAID = 4096
_ENDING_SECONDS = 5.0
_CLOSING_SECONDS = 0.2
"""One that waits for a command ends at once when there are none any more; one that searches does not look."""


class DriverError(RuntimeError):
    """The driver cannot do its work. The message says why; it is our fault, or the machine's, not the program's."""


@attrs.frozen
class Ending:
    """How a driver ended. ``hung``: it showed no sign of life and was killed."""

    status: int
    """As ``Popen.returncode``: negative for a signal."""
    hung: bool = False
    said: str = ""
    """On its standard error."""

    @property
    def how(self) -> str:
        """For a sentence about "the driver"."""
        if self.hung:
            return "gave no sign of life and was killed"
        if self.status < 0:
            return f"was killed by {signal_name(-self.status)}"
        return f"ended with exit status {self.status}"


@attrs.frozen
class Command:
    """The driver, the program that it loads, and the program's arguments. Both work in our own working directory."""

    driver: Path
    program: Path
    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] = attrs.field(factory=dict)
    debugger: tuple[str, ...] = ()
    """What it is started by, on the terminal; empty: by us, in silence."""

    def words(self, shared: Sequence[int]) -> list[str]:
        """The whole command; ``shared`` are control block, vault, core, events and commands."""
        return [
            *self.debugger,
            *(str(self.driver), str(self.program)),
            *(str(descriptor) for descriptor in shared),
            *("--", *self.arguments),
        ]


class Driver:
    """A running driver. It waits for its turn after each event of an execution: ``go`` or ``stop``."""

    def __init__(
        self,
        command: Command,
        control_block: ControlBlock,
        vault: int,
        core: int,
        *,
        cores: bool = False,
        also: Sequence[int] = (),
    ) -> None:
        """``vault`` and ``core`` are descriptors of shared memory, ``also`` are others that it knows by number.

        ``cores``: its death may leave a core, of any size that the limits allow.
        """
        self._control_block = control_block
        self._debugged = bool(command.debugger)  # then it is in our own process group
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  closed with the driver
        events, events_in = os.pipe()
        commands_out, commands = os.pipe()
        shared = (control_block.shared.descriptor, vault, core, events_in, commands_out)
        words = command.words(shared)
        try:
            with _core_limit(cores):
                self._process = subprocess.Popen(
                    words,
                    **_streams(command, self._said),
                    pass_fds=(*shared, *also),
                    env=dict(command.environment),
                )
        except OSError as error:
            os.close(events)
            os.close(commands)
            self._said.close()
            raise DriverError(f"the driver cannot be started ({error.strerror})") from None
        finally:
            os.close(events_in)
            os.close(commands_out)
        self._events, self._commands = events, commands
        self._left = b""
        self.pid = self._process.pid
        self.ending: Ending | None = None

    def events(self, hang_seconds: float) -> Iterator[Event | None]:
        """What it says, until it ends; None in between, now and then. Then ``ending`` is set.

        Without a heartbeat for ``hang_seconds`` in which the machine let it run it is killed; whoever watches us sees
        meanwhile that we only wait. Raises DriverError for what is no event.
        """
        beat, silence = self._control_block.beat, Silence(self.pid)
        while self.ending is None:
            alive()
            for line in self._lines():
                yield _event(line)
                silence.broken()
            if self.ending is not None:
                return
            ready, _, _ = select.select([self._events], [], [], TICK)
            if ready:
                continue
            now = self._control_block.beat
            if now != beat:
                beat = now
                silence.broken()
            elif silence.lasts(hang_seconds):
                self._end(hung=True)
                return
            yield None

    def go(self) -> None:
        """The next execution."""
        self._command(b"n")

    def stop(self) -> None:
        """No more: it says "ended" and ends."""
        self._command(b"s")

    def write_core(self, path: Path, seconds: float) -> bool:
        """Writes the core of a driver that stops before it dies; False when it does not stop. Raises DriverError."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            state = os.waitid(os.P_PID, self.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT | os.WNOHANG)
            if state is None:
                time.sleep(0.001)
                continue
            if state.si_code not in (os.CLD_TRAPPED, os.CLD_STOPPED):
                return False
            try:
                out = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
                try:
                    write_core(self.pid, out, registers_of(self.pid))
                finally:
                    os.close(out)
            except OSError as error:
                raise DriverError(f"the core of the stopped process cannot be written ({error.strerror})") from None
            finally:
                os.kill(self.pid, signal.SIGKILL)
            return True
        return False

    def close(self) -> None:
        """Ends it, whatever it does, with everything that it has started."""
        if self.ending is None:
            self._end(hung=False, seconds=_ENDING_SECONDS if self._debugged else _CLOSING_SECONDS)

    def _command(self, byte: bytes) -> None:
        with contextlib.suppress(BrokenPipeError):  # it is ending; that is reported in its own way
            os.write(self._commands, byte)

    def _lines(self) -> Iterator[bytes]:
        """Whole lines that are there now."""
        while select.select([self._events], [], [], 0)[0]:
            chunk = os.read(self._events, 1 << 16)
            if not chunk:
                self._end(hung=False)
                return
            *lines, self._left = (self._left + chunk).split(b"\n")
            if len(self._left) > _LONGEST:
                raise DriverError("an event of the driver has no end")
            yield from (line for line in lines if line)

    def _end(self, *, hung: bool, seconds: float = _ENDING_SECONDS) -> None:
        """Waits for it when it has closed its events, and kills it when it does not come to its end."""
        os.close(self._commands)
        try:
            if not hung and self._process.poll() is None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(seconds)
        finally:
            for kill in (os.kill,) if self._debugged else (os.killpg, os.kill):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    kill(self.pid, signal.SIGKILL)
            status = self._process.wait()
            os.close(self._events)
            self._said.seek(0)
            said = self._said.read(_SAID).decode("utf-8", "replace").strip()
            self._said.close()
            self.ending = Ending(status, hung, said)

    def __del__(self) -> None:
        if getattr(self, "_process", None) is not None:
            self.close()


def _streams(command: Command, said: IO[bytes]) -> dict[str, Any]:
    """A debugger has the terminal, and Ctrl-C with it; a driver has neither."""
    if command.debugger:
        return {}
    return {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": said, "process_group": 0}


def signal_name(number: int) -> str:
    """``SIGSEGV`` for 11."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _event(line: bytes) -> Event:
    try:
        event = parsed(line)
    except EventError as error:
        raise DriverError(str(error)) from None
    if isinstance(event, Failed):
        raise DriverError(event.what)
    return event


@contextlib.contextmanager
def _core_limit(wanted: bool) -> Iterator[None]:
    """What a child inherits: it leaves no core, or one as large as may be."""
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard if wanted else 0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))


def plain_environment(given: Mapping[str, str], keep: Sequence[str] = ("PATH", "HOME", "TMPDIR")) -> dict[str, str]:
    """The same environment everywhere, but for what programs need: no secret of the user's gets into a dump."""
    kept = {name: os.environ[name] for name in keep if name in os.environ}
    return {**kept, "LC_ALL": "C", **given}
