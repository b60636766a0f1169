"""``redactfuzz report``: what came out of a night, as pages that are made anew of its journal."""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import attrs
import click

from redactfuzz.cli.ending import Terminated
from redactfuzz.cli.targets import targets
from redactfuzz.night import journal, suppressions
from redactfuzz.night.journal import Night
from redactfuzz.night.suppressions import Suppression, SuppressionError
from redactfuzz.report.night.digest import Digest, digest
from redactfuzz.report.night.files import junit as as_junit
from redactfuzz.report.night.files import sarif as as_sarif
from redactfuzz.report.night.live import HOST, Server, Version
from redactfuzz.report.night.markdown import markdown as as_markdown
from redactfuzz.report.night.page import html as as_html
from redactfuzz.report.night.told import Told

_WRITERS: dict[str, Callable[[Digest], str]] = {
    "html": as_html,
    "markdown": as_markdown,
    "junit": as_junit,
    "sarif": as_sarif,
}
_DEFAULT = {"html": "report.html", "markdown": "report.md"}
_EARLIER = 30
"""Nights before it that are looked at."""


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--html", type=click.Path(path_type=Path), metavar="FILE", help="One page, without network.")
@click.option("--markdown", type=click.Path(path_type=Path), metavar="FILE", help="Less than 100 kB, for a job's page.")
@click.option(
    "--junit", type=click.Path(path_type=Path), metavar="FILE", help="A test case for each scenario and alarm."
)
@click.option("--sarif", type=click.Path(path_type=Path), metavar="FILE", help="Findings as SARIF 2.1.0.")
@click.option("--night", type=click.IntRange(1), metavar="N", help="That one in place of the last.")
@click.option(
    "--suppressions",
    type=click.Path(path_type=Path),
    default=suppressions.FILE,
    metavar="FILE",
    help="As `triage` has.",
)
@click.option("--serve", is_flag=True, help="Show it in a browser on this machine, and follow it while it runs.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8765, help="For --serve (default 8765; 0: any free one)."
)
def report(folder: Path, night: int | None, suppressions: Path, serve: bool, port: int, **files: Path | None) -> int:
    """Make the pages of a night of `redactfuzz fuzz` anew: DIR holds a journal for each, 0001.jsonl and so on.

    Without an option a page in HTML and one in Markdown are written to DIR, both by the name of report. A night that
    still runs, or was killed, is shown as far as it came. What the pages say holds no byte of any canary.

    \b
    Exit status: 0 written, or Ctrl-C ended --serve; 2 usage, or a journal or file that cannot be read or written.
    """
    if serve:
        if any(files.values()):
            raise click.UsageError("--serve writes no files: give it alone.")
        return _serve(_Folder(folder, night, suppressions), port)
    wanted = files if any(files.values()) else _pages(folder)
    _write(_Folder(folder, night, suppressions), wanted)
    return 0


def morning(folder: Path, suppressions: Mapping[str, Suppression]) -> str:
    """Writes the pages of the last night, at its end. Gives a line that says where, or why not; raises nothing."""
    pages = _pages(folder)
    try:
        _write(_Folder(folder, None, suppressions), pages)
    except click.ClickException as error:
        return f"no page was written: {error.format_message()}"
    except Exception as error:  # what the night has found is said in any case
        return f"no page was written: {type(error).__name__}. `redactfuzz report {folder}` says more."
    return f"{pages['html']} shows what came out"


def _pages(folder: Path) -> dict[str, Path | None]:
    return {name: folder / file for name, file in _DEFAULT.items()}


def _write(folder: _Folder, wanted: Mapping[str, Path | None]) -> None:
    """Raises UsageError."""
    made = folder.digest()
    for name, target in targets(wanted, journal.files(folder.path), as_json=False).items():
        try:
            target.write(_WRITERS[name](made))
        except OSError as error:
            raise click.UsageError(f"--{name} {wanted[name]}: it cannot be written ({error.strerror})") from None


@attrs.define(eq=False)
class _Folder:
    """A night directory. Nights before the one that is shown are read once."""

    path: Path
    night: int | None = None
    suppressions: Path | Mapping[str, Suppression] = suppressions.FILE
    """Their file, or what was in it."""
    _known: dict[tuple[str, Version], Told] = attrs.field(factory=dict)
    _older: tuple[Version, list[Told]] = ((), [])
    """Of nights before those what they say of findings that are open still."""

    def digest(self) -> Digest:
        """What is known now. Raises UsageError."""
        older, earlier, last = self._files()
        newest = last == journal.files(self.path)[-1]  # what somebody writes is the newest
        read = journal.read(last)
        if read.unread and not read.events:
            raise click.UsageError(f"{last.parent / read.unread[0]}")
        before = {(each.name, _state(each)): each for each in earlier}
        self._known = {key: self._known.get(key) or _told(journal.read(each)) for key, each in before.items()}
        states = tuple(map(_state, older))
        if states != self._older[0]:
            self._older = states, list(map(_told, journal.still_open(older)))
        told = _told(read)
        return digest(
            told,
            [*self._older[1], *self._known.values()],
            running=newest and _is_written(self.path / "lock"),
            unread=read.unread,
            suppressed=_suppressed(self.suppressions, told),
        )

    def version(self) -> Version:
        """Another one whenever there is more to show."""
        files = journal.files(self.path)
        return (len(files), _state(files[-1]), _is_written(self.path / "lock")) if files else ()

    def _files(self) -> tuple[list[Path], list[Path], Path]:
        """Those of old nights, of nights before it, and that of the night. Raises UsageError."""
        files = journal.files(self.path)
        if not files:
            what = "no such folder" if not self.path.is_dir() else "no night is in it"
            raise click.UsageError(f"{self.path}: {what}; `redactfuzz fuzz` writes a journal for each, as 0001.jsonl")
        numbers = [int(each.stem) for each in files]
        if self.night is not None and self.night not in numbers:
            raise click.UsageError(f"--night {self.night}: there are {numbers[0]} to {numbers[-1]} in {self.path}")
        end = numbers.index(self.night) + 1 if self.night is not None else len(files)
        first = max(end - 1 - _EARLIER, 0)
        return files[:first], files[first : end - 1], files[end - 1]


def _suppressed(said: Path | Mapping[str, Suppression], night: Told) -> dict[str, str]:
    """By key: until when, and why; but of those that became worse since. Raises UsageError."""
    today = datetime.datetime.now(datetime.UTC).date()
    try:
        found = suppressions.read(said, today) if isinstance(said, Path) else said
    except SuppressionError as error:
        raise click.UsageError(str(error)) from None
    return {
        key: f"until {each.until}: {each.reason}"
        for key, each in found.items()
        if each.holds(today) and each.covers(max((met.worse for met in night.met.get(key, ())), default=0))
    }


def _told(night: Night) -> Told:
    return Told.of(night.number, night.events)


def _state(path: Path) -> Version:
    """Another one whenever the file has changed."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return (found.st_ino, found.st_size, found.st_mtime_ns)


def _is_written(lock: Path) -> bool:
    """Whether somebody holds the lock of a night that runs: looked up, since to try it would hold it for a moment."""
    try:
        inode = lock.stat().st_ino
        held = Path("/proc/locks").read_text("ascii").splitlines()
    except (OSError, ValueError):
        return False
    return any(" FLOCK " in each and f":{inode} " in each for each in held)


def _serve(folder: _Folder, port: int) -> int:
    folder.digest()  # what cannot be shown is said before anybody looks
    try:
        server = Server(port, folder.version, lambda: as_html(folder.digest(), live=True))
    except OSError as error:
        raise click.UsageError(f"--port {port}: it cannot be used ({error.strerror}); 0 takes a free one") from None
    with server.running():
        click.echo(f"http://{HOST}:{server.port}/ shows {os.fspath(folder.path)}. Ctrl-C ends it.")
        try:
            server.ending.wait()
        except Terminated:
            raise
        except KeyboardInterrupt:
            return 0
    return 0
