"""Where files of a campaign lie: repro files, and the input of the execution that is running."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path, PurePosixPath

from redactfuzz.model.plan import Isolation
from redactfuzz.model.repro import Repro, ReproError, dumps, loads
from redactfuzz.native.compiler import SUFFIXES
from redactfuzz.native.program import ProgramError, from_json

FOLDER = ".redactfuzz"
_LARGEST = 16 << 20
"""Bytes of a repro file; a real one has thousands."""
_FLAG = re.compile(r"-(?:I|D|U|O|std=|l|L|W(?!l,|a,|p,)|f(?!plugin)|m|g|pthread|pedantic|w)|[^-@].*\.(?:a|so|o)$")
"""Compiler options that choose how code is compiled, and nothing else."""
_DAMAGED = "The file was edited or damaged; take it again from where it came."


class Store:
    """A folder that is made when the first file goes into it, or the temporary folder where that is refused."""

    def __init__(self, folder: Path | None = None) -> None:
        """``folder``: None for ``.redactfuzz`` in the working directory."""
        self._wanted = folder or Path(FOLDER)
        self._folder: Path | None = None
        self.note = ""
        """Says so when files had to go elsewhere."""

    def save(self, repro: Repro) -> str:
        """Writes a repro file at once and whole, over an earlier one of the same finding; gives its path.

        Raises OSError when neither the folder nor the temporary folder can be written.
        """
        path = self._made() / repro.file_name
        partial = path.with_name(f"{path.name}.{os.getpid()}.part")
        partial.write_text(dumps(repro), "utf-8")
        partial.replace(path)
        return path.as_posix()

    def running_file(self, scenario: str, isolation: Isolation) -> str:
        """Where a runtime that gives each execution a child of its own keeps the input of the running one."""
        if isolation is Isolation.NONE:
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
                self._wanted.mkdir(parents=True, exist_ok=True)
                # A folder on a read-only file system exists happily; only writing tells.
                with tempfile.TemporaryFile(dir=self._wanted):
                    pass
                self._folder = self._wanted
            except OSError as error:
                self._folder = _fallback()
                self._folder.mkdir(mode=0o700, exist_ok=True)
                self.note = f"{self._wanted} cannot be written ({error.strerror}): files are under {self._folder}"
        return self._folder


def load(path: Path) -> Repro:
    """Reads a repro file. Raises ReproError, whose message is ready for the user, and nothing else."""
    try:
        if path.stat().st_size > _LARGEST:
            raise ReproError(f"{path}: larger than any repro file ({_LARGEST >> 20} MiB). Give a .rfz.json file.")
        text = path.read_text("utf-8")
    except UnicodeDecodeError:
        raise ReproError(f"{path}: not text. Give a .rfz.json file.") from None
    except (OSError, ValueError) as error:
        if isinstance(error, ReproError):
            raise
        why = getattr(error, "strerror", None) or type(error).__name__
        raise ReproError(f"{path}: cannot be read ({why}). Check the path.") from None
    repro = loads(text, str(path))
    _check_path(repro, path)
    return repro


def _check_path(repro: Repro, file: Path) -> None:
    """Whoever replays a file of somebody else's must not thereby import any file of this machine."""
    given = PurePosixPath(repro.path)
    if repro.program:
        _check_program(repro, file)
    elif given.suffix != ".py":
        raise ReproError(f'{file}: its "path" names no .py file, so it holds no scenario. {_DAMAGED}')
    if ".." in given.parts:
        raise ReproError(f'{file}: its "path" leads out of the folder with "..". {_DAMAGED}')
    # Of a scenario outside the working directory, this is what a campaign itself wrote.
    absolute = any(path.is_absolute() for path in (given, *_sources(repro)))
    if absolute and file.resolve().parent not in (Path(FOLDER).resolve(), _fallback().resolve()):
        raise ReproError(
            f'{file}: its "path" is absolute, which is followed only for files that were found here and lie in'
            f" {FOLDER}. Make it relative to the folder of the scenarios, and replay it there."
        )


def _check_program(repro: Repro, file: Path) -> None:
    """Nor may it compile files from anywhere, or tell the compiler to run something."""
    try:
        program = from_json(repro.program, Path())
    except ProgramError as error:
        raise ReproError(f"{file}: {error}. {_DAMAGED}") from None
    sources = _sources(repro)
    foreign = next((path for path in sources if ".." in path.parts or path.suffix not in SUFFIXES), None)
    if foreign is not None or PurePosixPath(repro.path) != sources[0]:
        raise ReproError(f'{file}: its "program" names other files than programs are made of. {_DAMAGED}')
    strange = next((flag for flag in program.flags if not _FLAG.match(flag)), "")
    if strange:
        raise ReproError(f"{file}: the compiler option {strange} is followed only on the command line.")


def _sources(repro: Repro) -> list[PurePosixPath]:
    given = repro.program.get("sources")
    return [PurePosixPath(str(path)) for path in given] if isinstance(given, list) else []


def _fallback() -> Path:
    return Path(tempfile.gettempdir()) / f"redactfuzz-{os.getuid()}"
