"""The certificate of a search, ``rfproof/1``, as ``redactfuzz check`` reads it: see docs/reference/rfproof.md."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import hmac
import json
import secrets
import shutil
import threading
from collections.abc import Callable, Mapping, Set
from pathlib import Path
from typing import IO, Any

import attrs

from redactfuzz.campaign.files import begun, installation
from redactfuzz.model.plan import StageReport

VERSION = 1
NO_END = "which did not come to its end"
_LEVEL = 1
"""Of compression: the lines are much alike, and whoever writes them waits for us."""


@attrs.define(eq=False)
class ProofFile:
    """Written to a file beside its place, and put there by ``place`` when the campaign is over.

    No search ends because that fails: ``failed`` says why. ``facts``: what the header says beside the canaries, asked
    for once the program is built, of the files of which code has run. Of those that ran later the trailer says it.
    """

    target: Path | int
    """A file; or the descriptor of a pipe or a device, which gets it in one piece."""
    facts: Callable[[Set[str]], Mapping[str, Any]]
    failed: str = ""
    executions: int = 0
    whole: bool = False
    """The search came to its end."""
    left: str = ""
    """Why nothing is placed, as what follows "of this search"."""
    _out: IO[bytes] | None = None
    _packed: gzip.GzipFile | None = None
    _sha: Any = None
    _lines: int = 0
    _before: tuple[int, int] = (0, 0)
    _ran: set[str] = attrs.field(factory=set)
    _header: Mapping[str, Any] = attrs.field(factory=dict)
    _lock: threading.Lock = attrs.field(factory=threading.Lock)
    """Whoever writes does so in a thread of its own, and may do so still when the search was interrupted."""

    def ran(self, files: Set[str]) -> None:
        """See Proof."""
        self._ran |= files

    def begin(self, canaries: Mapping[str, bytes], before: tuple[int, int] = (0, 0)) -> None:
        """Forgets what was written before: of two batches the last one counts, and of a search its last beginning."""
        self.discard()
        self.failed, self.left, self._before = "", "", before
        try:
            self._out = begun.nameless() if isinstance(self.target, int) else begun.opened(self.target)
        except OSError as error:
            self._fail(error)
            return
        self._packed = gzip.GzipFile("", "wb", _LEVEL, self._out, mtime=0)
        self._sha, self._lines = hashlib.sha256(), 0
        committed = {name: _committed(name, value) for name, value in canaries.items()}
        self._header = {"rfproof": VERSION, **self.facts(self._ran), "canaries": committed}
        self.write(json.dumps(self._header, sort_keys=True).encode() + b"\n")

    def write(self, lines: bytes) -> None:
        """Adds to it."""
        with self._lock:
            if self._packed is None or self.failed:
                return
            try:
                self._packed.write(lines)
            except OSError as error:
                self._fail(error)
            self._sha.update(lines)
            self._lines += lines.count(b"\n")

    def end(self, report: StageReport | None) -> None:
        """Closes it with what came of the search. None: nobody knows, since it was left for what it found."""
        if report is None:
            self.withhold(NO_END)
            return
        executions, repeated = report.executions - self._before[0], report.repeated - self._before[1]
        self.executions, self.whole = executions, report.exhausted and not report.cut
        trailer = {
            "sha256": self._sha.hexdigest() if self._sha is not None else "",
            "lines": self._lines + 1,
            "executions": executions,
            "repeated": repeated,
            "exhausted": report.exhausted,
            "cut": report.cut,
            **self._later(),
        }
        self.write(json.dumps(trailer).encode() + b"\n")
        with self._lock:
            packed, self._packed = self._packed, None  # what comes now comes too late
        try:
            if packed is not None:
                packed.close()
            if self._out is not None:
                self._out.flush()
        except OSError as error:
            self._fail(error)

    def _later(self) -> Mapping[str, Mapping[str, str]]:
        """What the header lacks of sources, of which code ran later."""
        now, told = self.facts(self._ran), self._header
        found = {name: _further(now.get(name, {}), told.get(name, {})) for name in ("sources", "packages")}
        return {name: further for name, further in found.items() if further}

    def place(self) -> None:
        """Puts it where it was asked for: at once, and one that proves nothing in the place of nothing."""
        try:
            if self._out is None or self.failed:
                return
            if isinstance(self.target, int):
                self._out.seek(0)
                with open(self.target, "wb", closefd=False) as stream:
                    shutil.copyfileobj(self._out, stream)
            elif not self.whole and self.target.exists() and self.target.stat().st_size:
                self.left = NO_END
            else:
                begun.of(self.target).replace(self.target)
        except OSError as error:
            self._fail(error)
        finally:
            self.discard()

    def withhold(self, why: str) -> None:
        """Leaves nothing of it, for this reason."""
        self.left = why
        self.discard()

    def discard(self) -> None:
        """Leaves nothing of one that was not placed."""
        with self._lock:
            packed, self._packed = self._packed, None
        if packed is not None:
            with contextlib.suppress(OSError):
                packed.close()  # else it writes what it holds when nobody has it any more
        if self._out is None:
            return
        with contextlib.suppress(OSError):  # what is left of it goes nowhere
            if isinstance(self.target, Path):
                begun.of(self.target).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self._out.close()
        self._out = None

    def _fail(self, error: OSError) -> None:
        self.failed = f"it cannot be written ({error.strerror})"


def _further(now: Mapping[str, str], told: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in now.items() if name not in told}


def _committed(name: str, value: bytes) -> str:
    """Who has the value, and the key of this installation, can show that it is the one; nobody else learns anything."""
    text = f"rfproof canary {name} {value.hex()}"
    return installation.mark(text) or hmac.new(secrets.token_bytes(32), text.encode(), hashlib.sha256).hexdigest()


def digest(path: Path) -> str:
    """SHA-256 of a file, in hex; empty where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
