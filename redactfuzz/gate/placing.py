"""Puts files where others look for them: whole, under names that nothing had, and for those who may read there.

Others put files there meanwhile, gates of other hosts as well, so nothing is looked up first and done later.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import stat
from collections.abc import Iterable

_NOREPLACE = 1
"""``RENAME_NOREPLACE`` of ``renameat2(2)``."""
_UNKNOWN = (errno.EINVAL, errno.ENOSYS)
"""Of a file system, or a kernel, without it: NFS, say."""
_renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
_RECEIPT_MODE = 0o640
_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_OLD = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


def there(folder: int, name: str) -> bool:
    """Whether anything has the name."""
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def remove(folder: int, name: str) -> None:
    """It may be gone already."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder)


def rename_new(folder: int, old: str, new: str) -> None:
    """Replaces nothing. Raises FileExistsError where the name is taken."""
    if _renameat2 is not None:
        if not _renameat2(folder, os.fsencode(old), folder, os.fsencode(new), _NOREPLACE):
            return
        number = ctypes.get_errno()
        if number not in _UNKNOWN:
            raise OSError(number, os.strerror(number))
    if there(folder, new):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
    os.rename(old, new, src_dir_fd=folder, dst_dir_fd=folder)


def rename_free(folder: int, old: str, names: Iterable[str]) -> str:
    """The first of the names that nothing has becomes its own."""
    for new in names:
        with contextlib.suppress(FileExistsError):
            rename_new(folder, old, new)
            return new
    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))


def put(folder: int, hidden: str, name: str, data: bytes) -> bool:
    """A file with these bytes: all of them are there when its name is. False where something else has the name."""
    remove(folder, hidden)
    descriptor = os.open(hidden, _NEW, 0o600, dir_fd=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), _RECEIPT_MODE)  # whatever the umask is
            os.fsync(file.fileno())
        try:
            os.link(hidden, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
        except FileExistsError:
            return holds(folder, name, data)
        except OSError:  # a file system without links
            rename_new(folder, hidden, name)
    except FileExistsError:
        return holds(folder, name, data)
    finally:
        remove(folder, hidden)
    return True


def holds(folder: int, name: str, data: bytes) -> bool:
    """Whether a file of that name has these bytes, and no others."""
    try:
        descriptor = os.open(name, _OLD, dir_fd=folder)
    except OSError:
        return False
    try:
        return stat.S_ISREG(os.fstat(descriptor).st_mode) and os.pread(descriptor, len(data) + 1, 0) == data
    finally:
        os.close(descriptor)


def link(source: int, old: str, folder: int, new: str) -> int | None:
    """Another name for a file, in a folder in which it is then as a new one would be: of the same group. A descriptor;
    None where that cannot be (another file system, one without links, a list of who may read there), and it is to be
    copied. Raises FileNotFoundError.
    """
    if _listed(folder, "default"):
        return None
    try:
        os.link(old, new, src_dir_fd=source, dst_dir_fd=folder, follow_symlinks=False)
        descriptor = os.open(new, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    except FileNotFoundError:
        raise
    except OSError:
        return None
    with contextlib.suppress(OSError):
        if not _listed(descriptor, "access"):
            _regroup(folder, descriptor)
            return descriptor
    os.close(descriptor)
    remove(folder, new)
    return None


def _regroup(folder: int, descriptor: int) -> None:
    status = os.fstat(folder)
    group = status.st_gid if status.st_mode & stat.S_ISGID else os.getegid()
    if os.fstat(descriptor).st_gid != group:
        os.fchown(descriptor, -1, group)


def _listed(descriptor: int, kind: str) -> bool:
    """Whether it has an access control list (``acl(5)``)."""
    try:
        os.getxattr(descriptor, f"system.posix_acl_{kind}")
    except OSError:
        return False
    return True
