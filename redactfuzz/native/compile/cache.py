"""Where built programs lie: by the hash of all that they are made from. Several processes may build at once."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from redactfuzz.native.compile.compiler import BuildError

_KEPT = 500
"""Entries of one kind, which is how its name begins; the ones not used for longest go when there are more."""
_FEWER = 50
"""The same of what is large, and takes long to be made: hundreds of programs do not push out a driver."""
PROGRAM = "program"
HEADERS = "headers-"
"""How names of files begin that say what a program includes; of these, too, so many are kept."""
_DONE = "done"


def folder() -> Path:
    """``$XDG_CACHE_HOME/redactfuzz``, ``~/.cache/redactfuzz``, or the temporary folder where neither can be written."""
    home = os.environ.get("XDG_CACHE_HOME", "")
    wanted = [Path(home) / "redactfuzz"] if home.startswith("/") else []
    if os.environ.get("HOME", "").startswith("/"):
        wanted.append(Path(os.environ["HOME"]) / ".cache" / "redactfuzz")
    for path in wanted:
        if _writable(path):
            return path
    path = Path(tempfile.gettempdir()) / f"redactfuzz-cache-{os.getuid()}"
    if not _writable(path) or path.stat().st_uid != os.getuid():  # what lies there is run
        raise BuildError(f"Nothing can be built: {', '.join(map(str, [*wanted, path]))} cannot be written.")
    return path


def key_of(parts: Iterable[str | bytes]) -> str:
    """The name of what is made from these parts."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogateescape") if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()[:32]


def made(name: str, make: Callable[[Path], None]) -> Path:
    """The entry ``name``, made by ``make`` in an empty folder if it is not there. It appears at once and whole.

    One process makes it while others who want it wait.
    """
    home = folder()
    entry = home / name
    if not _is_done(entry):
        with _locked(home / f"{name}.lock"):
            if not _is_done(entry):
                for dead in home.glob(f".{name}-*"):  # of one that was killed: whoever makes this one holds the lock
                    shutil.rmtree(dead, ignore_errors=True)
                _make(entry, make)
        (home / f"{name}.lock").unlink(missing_ok=True)
        _forget(home, entry)
    return entry


def copied(entry: Path, folder: Path) -> None:
    """Puts into a folder what an entry holds, for another name of the same."""
    for file in entry.iterdir():
        try:
            (folder / file.name).hardlink_to(file)
        except OSError:
            shutil.copy2(file, folder)


def _is_done(entry: Path) -> bool:
    try:
        os.utime(entry / _DONE)
    except OSError:
        return False
    return True


def _make(entry: Path, make: Callable[[Path], None]) -> None:
    part = Path(tempfile.mkdtemp(prefix=f".{entry.name}-", dir=entry.parent))
    try:
        make(part)
        (part / _DONE).touch()
        shutil.rmtree(entry, ignore_errors=True)
        try:
            part.rename(entry)
        except OSError:
            if not _is_done(entry):  # somebody else was as fast
                raise
            shutil.rmtree(part, ignore_errors=True)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)  # whoever holds it is bounded by the time that a compiler may take
        yield
    finally:
        os.close(descriptor)


def _forget(home: Path, kept: Path) -> None:
    kinds: dict[str, dict[Path, Path]] = {}
    for path in home.iterdir():
        used = path if path.name.startswith(HEADERS) else path / _DONE
        kinds.setdefault(path.name.partition("-")[0], {})[path] = used
    for kind, entries in kinds.items():
        most = _KEPT if kind in (PROGRAM, HEADERS.rstrip("-")) else _FEWER
        for path in _oldest(entries, most):
            if path.name.startswith(HEADERS):
                path.unlink(missing_ok=True)
            elif path != kept:
                shutil.rmtree(path, ignore_errors=True)


def _oldest(used: Mapping[Path, Path], most: int) -> list[Path]:
    """Those beyond so many that were used last; ``used``: what is kept -> the file whose time says when."""
    times = []
    for path, file in used.items():
        with suppress(OSError):
            times.append((file.stat().st_mtime, path))
    return [path for _, path in sorted(times, reverse=True)[most:]]


def _writable(path: Path) -> bool:
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):  # a folder on a read-only file system exists happily
            return True
    except OSError:
        return False
