"""Puts files into a project: each whole, none over another, and all of them or none."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from collections.abc import Iterable, Sequence
from pathlib import Path

import attrs

from redactfuzz.project.plan import Planned

IGNORE = ".gitignore"
_NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}
"""Of a file system that gives a file only one name."""


class PlaceError(Exception):
    """Nothing was written. The message says what stands in the way."""


@attrs.frozen
class Placed:
    """What became of each file, by its path."""

    written: tuple[str, ...]
    same: tuple[str, ...]
    """It was there, as we would write it."""
    other: tuple[str, ...]
    """It was there, and is somebody's."""


def place(root: Path, files: Sequence[Planned], ignored: Sequence[str]) -> Placed:
    """Writes those that are not there, and adds what lacks to ``.gitignore``. Raises PlaceError, and OSError when full.

    After either nothing of it is there.
    """
    made: list[Path] = []
    became: dict[str, list[str]] = {"written": [], "same": [], "other": []}
    try:
        for each in files:
            target = root / each.path
            _make_folders(root, target.parent, made)
            if os.path.lexists(target):
                became["same" if _holds(target, each.content) else "other"].append(each.path)
            else:
                became["written" if _created(target, each, made) else "other"].append(each.path)
        for outcome in _ignore(root, ignored, made):
            became[outcome].append(IGNORE)
    except BaseException:
        _undo(made)
        raise
    return Placed(**{name: tuple(paths) for name, paths in became.items()})


def _make_folders(root: Path, folder: Path, made: list[Path]) -> None:
    """Raises PlaceError where a part of the path is something else, or leads out of the project."""
    below = [each for each in (folder, *folder.parents) if each.is_relative_to(root)]
    for each in reversed(below):
        try:
            each.mkdir()
            made.append(each)
        except FileExistsError:
            if not each.is_dir():
                raise PlaceError(f"{each.relative_to(root)} is there, and is no folder") from None
        except OSError as error:
            raise _refused(error, each) from error
        if not each.resolve().is_relative_to(root.resolve()):
            raise PlaceError(f"{each.relative_to(root)} is a link that leads out of the project")


def _created(target: Path, file: Planned, made: list[Path]) -> bool:
    """False where somebody was faster."""
    draft = _draft(target, file.content, 0o777 if file.runs else 0o666)
    try:
        try:
            os.link(draft, target)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC))  # the name is ours
            draft.replace(target)
    except FileExistsError:
        return False
    except OSError as error:
        raise _refused(error, target) from error
    finally:
        with contextlib.suppress(FileNotFoundError):
            draft.unlink()
    made.append(target)
    return True


def _draft(target: Path, content: bytes, mode: int) -> Path:
    """The content beside where it is to lie, under another name."""
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            draft.unlink()
            raise
    except OSError as error:
        raise _refused(error, target) from error
    return draft


def _ignore(root: Path, lines: Sequence[str], made: list[Path]) -> Iterable[str]:
    """Adds the lines that are not there, and leaves all others as they are."""
    target = root / IGNORE
    if not os.path.lexists(target):
        content = "".join(f"{each}\n" for each in lines).encode()
        yield "written" if _created(target, Planned(IGNORE, content), made) else "other"
        return
    if target.is_symlink() or not target.is_file():
        yield "other"
        return
    try:
        before = target.read_bytes()
    except OSError as error:
        raise _refused(error, target) from error
    known = {line.strip().strip(b"/") for line in before.splitlines()}
    lacking = [each for each in lines if each.encode().strip(b"/") not in known]
    if not lacking:
        yield "same"
        return
    end = b"\r\n" if b"\r\n" in before else b"\n"
    joint = b"" if not before or before.endswith(b"\n") else end
    draft = _draft(target, before + joint + b"".join(each.encode() + end for each in lacking), 0o666)
    try:
        draft.chmod(target.stat().st_mode & 0o7777)
        draft.replace(target)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise _refused(error, target) from error
    yield "written"


def _holds(target: Path, content: bytes) -> bool:
    try:
        return target.is_file() and target.read_bytes() == content
    except OSError:
        return False


def _refused(error: OSError, path: Path) -> Exception:
    """What is told of the machine (no room) stays what it is: the command knows it."""
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENAMETOOLONG):
        return PlaceError(f"{path} cannot be written ({error.strerror})")
    return error


def _undo(made: Iterable[Path]) -> None:
    for each in reversed(list(made)):
        with contextlib.suppress(OSError):  # somebody has put something of their own there
            each.rmdir() if each.is_dir() else each.unlink()
