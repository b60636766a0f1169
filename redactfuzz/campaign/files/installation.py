"""What this installation keeps for its user: a key by which it knows its own files again, and salts what it shows."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import hmac
import os
import secrets
import stat
from pathlib import Path

_BYTES = 32


def mark(text: str) -> str:
    """What only this installation can say of a text, in hex; empty where it can keep no key."""
    key = _key()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest() if key else ""


def is_marked(text: str, recorded: str) -> bool:
    """Whether ``recorded`` is the mark that this installation makes for it."""
    return bool(recorded) and hmac.compare_digest(mark(text).encode(), recorded.encode())


@functools.cache
def _key() -> bytes:
    try:
        given, home = os.environ.get("XDG_DATA_HOME", ""), os.environ.get("HOME")
        if not given.startswith("/") and home is not None and not (home and Path(home).is_dir()):
            return b""
        # The standard of XDG says that a relative path is to be left alone.
        folder = Path(given if given.startswith("/") else Path("~/.local/share").expanduser()) / "redactfuzz"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return _made(folder) or _kept(folder / "key")
    except (OSError, RuntimeError):  # no home, or one that cannot be written
        return b""


def _made(folder: Path) -> bytes:
    """A new key, unless there is one; whole at once, for several processes may begin side by side."""
    if (folder / "key").exists():
        return b""
    key, partial = secrets.token_bytes(_BYTES), folder / f"key.{secrets.token_hex(8)}"
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        os.write(descriptor, key)
        with contextlib.suppress(FileExistsError):
            os.link(partial, folder / "key")
            return key
    finally:
        os.close(descriptor)
        partial.unlink()
    return b""


def _kept(path: Path) -> bytes:
    """The key of before, if nobody else can have put it there or read it."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        status = os.fstat(descriptor)
        own = stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & 0o077
        key = os.read(descriptor, _BYTES + 1) if own else b""
    finally:
        os.close(descriptor)
    return key if len(key) == _BYTES else b""
