"""What happened in a night, as lines in a file: each is on the disk before what follows from it is done.

A night directory holds ``0001.jsonl``, ``0002.jsonl``, ... one for each night; ``findings/`` with repro files; and
``lock``, held while a night runs.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
from collections.abc import Iterable, Iterator, Sequence, Set
from pathlib import Path
from typing import BinaryIO, TypeVar

import attrs

from redactfuzz.model import written
from redactfuzz.model.night import FindingMeasured, FindingMet, Life, NightEnded, NightEvent, NightStarted, SliceEnded
from redactfuzz.model.written import EventError

FINDINGS = "findings"
_T = TypeVar("_T")
_OF_FINDINGS = (b'"FindingMet"', b'"FindingMeasured"')
_NAME = re.compile(r"[0-9]{4,}\.jsonl", re.ASCII)


class NightError(Exception):
    """A night directory that cannot be used. The message says what is wrong, where, and what to do."""


@attrs.frozen
class Night:
    """What is known of one night."""

    number: int
    events: tuple[NightEvent, ...] = ()
    unread: tuple[str, ...] = ()
    """Of lines that could not be read: where, and why."""

    @property
    def ended(self) -> bool:
        """Whether it came to its end."""
        return any(isinstance(event, NightEnded) for event in self.events)

    @property
    def started(self) -> NightStarted | None:
        """Its first event."""
        return next((event for event in self.events if isinstance(event, NightStarted)), None)


def files(folder: Path) -> list[Path]:
    """The journals of a night directory, the oldest first. Links are none, nor is what is no regular file."""
    return [each for each in _called_so(folder) if not each.is_symlink() and each.is_file()]


def _called_so(folder: Path) -> list[Path]:
    """What has the name of a journal there, whatever it is."""
    try:
        found = [each for each in folder.iterdir() if _NAME.fullmatch(each.name)]
    except OSError:
        return []
    return sorted(found, key=lambda each: int(each.stem))


def read(path: Path, wanted: Sequence[bytes] = (b"",)) -> Night:
    """One of them. What cannot be read is left out and counted; a last line without its end was never finished.

    ``wanted``: lines that hold none of these are left out unread.
    """
    events, unread = [], []
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if not line.endswith(b"\n"):
                    break
                if not any(each in line for each in wanted):
                    continue
                try:
                    event = written.loads(line)
                except EventError as error:
                    unread.append(f"{path.name}:{number}: {error}")
                    continue
                if isinstance(event, NightEvent):
                    events.append(_placed(event, path.parent))
    except OSError as error:
        unread.append(f"{path.name}: {error.strerror}")
    return Night(int(path.stem), tuple(_whole(events)), tuple(unread))


def _whole(events: Iterable[NightEvent]) -> Iterator[NightEvent]:
    """Each slice with its sources."""
    told: dict[int, SliceEnded] = {}
    for event in events:
        if isinstance(event, SliceEnded) and event.sources:
            told[event.number] = event
        elif isinstance(event, SliceEnded) and event.as_in in told:
            yield attrs.evolve(event, sources=told[event.as_in].sources, as_in=None)
            continue
        yield event


def _placed(event: NightEvent, folder: Path) -> NightEvent:
    """With the repro file of a finding where it lies by now: a night directory is moved, or brought elsewhere."""
    if not isinstance(event, FindingMet) or not event.finding.repro or Path(event.finding.repro).is_file():
        return event
    here = folder / FINDINGS / Path(event.finding.repro).name
    if not here.is_file():
        return event
    return attrs.evolve(event, finding=attrs.evolve(event.finding, repro=here.as_posix()))


def nights(folder: Path, most: int = 30) -> list[Night]:
    """The last of them, the oldest first; before those, of older ones, what is known of findings that are open still.

    A finding has an end when it is fixed, and not when the nights are about something else for a while.
    """
    found = files(folder)
    return [*still_open(found[:-most]), *(read(path) for path in found[-most:])]


def names_of_files(folder: Path) -> set[str]:
    """Of all repro files that the journals of a night directory have ever told of."""
    told = (read(path, (b'"FindingMet"',)) for path in files(folder))
    return {Path(met.finding.repro).name for night in told for met in of_kind(night.events, FindingMet)}


def still_open(paths: Iterable[Path]) -> list[Night]:
    """Of nights what they say of findings of which the last one says that they are there."""
    told = [read(path, _OF_FINDINGS) for path in paths]
    last = {met.key: met.life for night in told for met in of_kind(night.events, FindingMet)}
    still = {key for key, life in last.items() if life is not Life.FIXED}
    kept = [attrs.evolve(night, events=tuple(_about(night.events, still)), unread=()) for night in told]
    return [night for night in kept if night.events]


def _about(events: Iterable[NightEvent], keys: Set[str]) -> Iterator[NightEvent]:
    return (each for each in events if isinstance(each, FindingMet | FindingMeasured) and each.key in keys)


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """Nobody else runs a night in this folder meanwhile. Raises NightError."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (folder / FINDINGS).mkdir(exist_ok=True, mode=0o700)
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise NightError(f"{folder}: it cannot be used ({error.strerror}). Give --out another folder.") from None
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise NightError(
                f"{folder}: another night runs in it. Wait for its end, or give --out another folder."
            ) from None
        yield
    finally:
        os.close(lock)


@attrs.define(eq=False)
class Journal:
    """The one of tonight. ``kept``: what could not be written yet, since the disk is full."""

    path: Path
    _file: BinaryIO
    kept: list[bytes] = attrs.field(factory=list)
    failed: str = ""
    """Why not."""
    _sources: dict[str, SliceEnded] = attrs.field(factory=dict)
    """By title, the last slice that has told its own."""

    @classmethod
    def begin(cls, folder: Path) -> Journal:
        """A new night. Raises NightError."""
        number = max((int(each.stem) for each in _called_so(folder)), default=0) + 1
        path = folder / f"{number:04d}.jsonl"
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise NightError(f"{path}: it cannot be written ({error.strerror}). Give --out another folder.") from None
        return cls(path, os.fdopen(descriptor, "wb", buffering=0))

    @classmethod
    def resume(cls, path: Path) -> Journal:
        """One that was killed: a line that was not finished is taken away. Raises NightError."""
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
            file = os.fdopen(descriptor, "r+b", buffering=0)
            whole = path.read_bytes().rpartition(b"\n")
            file.truncate(len(whole[0]) + len(whole[1]))
            file.seek(0, os.SEEK_END)
        except OSError as error:
            raise NightError(f"{path}: it cannot be written ({error.strerror}).") from None
        return cls(path, file)

    def write(self, *events: NightEvent) -> None:
        """Puts them on the disk, all of them or nothing; on a full disk they are kept, and ``failed`` says so."""
        self.kept.append(b"".join(written.dumps(self._shortened(event)).encode() + b"\n" for event in events))
        self.failed = self._flush()

    def _shortened(self, event: NightEvent) -> NightEvent:
        """A slice without the list of its sources, where an earlier one of its scenario has the same."""
        if not isinstance(event, SliceEnded) or not event.sources:
            return event
        told = self._sources.setdefault(event.title, event)
        if told is not event and told.sources == event.sources:
            return attrs.evolve(event, sources=(), as_in=told.number)
        self._sources[event.title] = event
        return event

    def _flush(self) -> str:
        while self.kept:
            at = self._file.seek(0, os.SEEK_END)
            try:
                if self._file.write(self.kept[0]) != len(self.kept[0]):
                    self._file.truncate(at)
                    return "a write ended in the middle: the disk is full, or a limit of its size"
            except OSError as error:
                with contextlib.suppress(OSError):
                    self._file.truncate(at)
                return error.strerror or type(error).__name__
            del self.kept[0]
        try:
            os.fsync(self._file.fileno())
            gone = os.fstat(self._file.fileno()).st_nlink == 0
        except OSError as error:
            return error.strerror or type(error).__name__
        return "somebody has removed it" if gone else ""

    def close(self) -> None:
        """Ends it."""
        self._file.close()


def of_kind(events: Iterable[NightEvent], kind: type[_T]) -> list[_T]:
    """Those of one kind."""
    return [event for event in events if isinstance(event, kind)]
