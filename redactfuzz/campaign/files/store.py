"""Where files of a campaign lie: repro files, and the input of the execution that is running."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
import tempfile
from pathlib import Path, PurePosixPath

import attrs

from redactfuzz import workplace
from redactfuzz.campaign.files import agreed, installation
from redactfuzz.campaign.files.agreed import FOLDER
from redactfuzz.dumps.small import Unreadable, text_of
from redactfuzz.model.plan import Isolation
from redactfuzz.model.repro import Repro, ReproError, dumps, loads
from redactfuzz.native.run.program import ProgramError, from_json

_LARGEST = 16 << 20
"""Bytes of a repro file; a real one has thousands."""
_DIGITS = (4, 8, 16, 64)
"""Of the hash in its name: a night keeps thousands of files, of scenarios that are called alike."""
_DAMAGED = "The file was edited or damaged; take it again from where it came."


class Store:
    """A folder that is made when the first file goes into it, or the temporary folder where that is refused."""

    def __init__(self, folder: Path | None = None) -> None:
        """``folder``: None for ``.redactfuzz`` in the working directory."""
        self._wanted = folder or Path(FOLDER)
        self._folder: Path | None = None
        self._temporary = ""
        with contextlib.suppress(OSError):  # by now: that of an execution is gone with the run
            self._temporary = tempfile.gettempdir()
        self.note = ""
        """Says so when files had to go elsewhere."""

    def save(self, repro: Repro) -> str:
        """Writes a repro file at once and whole, over an earlier one of the same finding; gives its path.

        Raises OSError when neither the folder nor the temporary folder can be written.
        """
        text = dumps(attrs.evolve(repro, mark=installation.mark(dumps(attrs.evolve(repro, mark="")))))
        path = _free(self._made(), repro)
        try:
            _write(path, text)
        except OSError as error:  # a disk that is full lets a folder be there
            if self._folder != self._wanted:
                raise
            path = _free(self._elsewhere(error), repro)
            _write(path, text)
        return path.as_posix()

    def running_file(self, scenario: str, isolation: Isolation) -> str:
        """Where a runtime that gives each execution a child of its own keeps the input of the running one."""
        if isolation in (Isolation.NONE, Isolation.WARM):
            return ""
        try:
            folder = self._made()
        except OSError:
            return ""
        name = re.sub(r"[^A-Za-z0-9_.-]+", "_", scenario)[:80]
        return (folder / f"{name}-running-{os.getpid()}.json").as_posix()

    def _made(self) -> Path:
        if self._folder is None:
            try:
                make_folder(self._wanted)
                # A folder on a read-only file system exists happily; only a write shows it.
                with tempfile.TemporaryFile(dir=self._wanted):
                    pass
                self._folder = self._wanted
            except OSError as error:
                return self._elsewhere(error)
        return self._folder

    def _elsewhere(self, error: OSError) -> Path:
        self._folder = _fallback(Path(self._temporary or tempfile.gettempdir()))
        self.note = f"{self._wanted} cannot be written ({error.strerror}): files are under {self._folder}"
        return self._folder


def _free(folder: Path, repro: Repro) -> Path:
    """Where it goes: over an earlier file of the same finding, and not over that of another with the same digits."""
    for digits in _DIGITS:
        path = folder / repro.named(digits)
        try:
            if loads(text_of(path, _LARGEST), str(path)).digest == repro.digest:
                break
        except (Unreadable, ReproError, OSError):  # none is there, or none that anybody could run
            break
    return path


def bring(text: str, folder: Path) -> str:
    """Keeps a repro file of another machine as it is; gives its path. Raises ReproError and OSError."""
    path = _free(folder, loads(text, "a repro file of another machine"))
    _write(path, text)
    return path.as_posix()


def _write(path: Path, text: str) -> None:
    """Over what is there, at once. Raises OSError."""
    # A name that nobody can know, and no file that is there already, be it a link to another.
    descriptor, partial = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.", suffix=".part")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        Path(partial).replace(path)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise


def make_folder(folder: Path) -> None:
    """Repro files hold seeds and source lines, which are for their owner alone. No version control wants them.

    Raises OSError where it is not ours.
    """
    if folder.is_symlink() and folder.name == FOLDER:
        raise NotADirectoryError(errno.ENOTDIR, "it is a link to elsewhere")
    if folder.is_dir():
        status = folder.stat()
        if folder.name == FOLDER and status.st_uid != os.geteuid():
            raise PermissionError(errno.EACCES, "another user owns it")
        if folder.name == FOLDER and status.st_mode & 0o022:
            folder.chmod(0o700)
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.name == FOLDER:
        with contextlib.suppress(FileExistsError):
            workplace.write(folder / ".gitignore", "*\n", os.O_EXCL)


def load(path: Path) -> Repro:
    """Reads a repro file. Raises ReproError, whose message is ready for the user, and nothing else."""
    try:
        text = text_of(path, _LARGEST)
    except Unreadable as error:
        raise ReproError(f"{path}: {error}. Give a .rfz.json file.") from None
    repro = loads(text, str(path))
    _check(repro, path)
    return repro


def is_own(repro: Repro) -> bool:
    """Whether this installation wrote it, and nobody has changed it since."""
    return installation.is_marked(dumps(attrs.evolve(repro, mark="")), repro.mark)


def _check(repro: Repro, file: Path) -> None:
    """It names code of the kind that it says."""
    given, sources = PurePosixPath(repro.path), agreed.sources(repro)
    if not repro.program:
        if given.suffix != ".py":
            raise ReproError(f'{file}: its "path" names no .py file, so it holds no scenario. {_DAMAGED}')
        return
    try:
        from_json(repro.program, Path())
    except ProgramError as error:
        raise ReproError(f"{file}: {error}. {_DAMAGED}") from None
    if not all(map(agreed.is_code, sources)) or [given] != sources[:1]:
        raise ReproError(f'{file}: its "program" names other files than programs are made of. {_DAMAGED}')


def _fallback(temporary: Path) -> Path:
    """A folder of ours below the temporary one. What somebody else may have put there is left alone."""
    folder = temporary / f"redactfuzz-{os.getuid()}"
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    status = folder.lstat()
    own = stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & 0o077
    return folder if own else Path(tempfile.mkdtemp(prefix="redactfuzz-", dir=temporary))
