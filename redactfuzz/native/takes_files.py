"""Which library functions take a file, as the headers of the machine tell: by its path, a descriptor or a stream.

Files and descriptors of a program are models. A function that nobody models would be handed a descriptor that is the
driver's, or find another file by that path, and what it does to it would not be searched. No list would be complete.
"""

from __future__ import annotations

import functools
import re
import subprocess

from redactfuzz.native.compiler import SECONDS, BuildError, Toolchain

_HEADERS = """
unistd.h fcntl.h stdio.h wchar.h dirent.h utime.h ftw.h fts.h glob.h poll.h aio.h mqueue.h termios.h pty.h spawn.h
sys/stat.h sys/statfs.h sys/statvfs.h sys/xattr.h sys/mount.h sys/sendfile.h sys/uio.h sys/file.h sys/ioctl.h sys/mman.h
sys/socket.h sys/epoll.h sys/inotify.h sys/fanotify.h sys/eventfd.h sys/timerfd.h sys/signalfd.h sys/time.h sys/select.h
"""
_INCLUDED = "".join(f"#if __has_include(<{one}>)\n#include <{one}>\n#endif\n" for one in _HEADERS.split())
_DECLARED = re.compile(r"\bextern\s+[^;{}()]*?\b(?P<name>\w+)\s*\((?P<takes>[^;{}]*?)\)\s*(?:__attribute__|__asm__|;)")
_FILE = re.compile(
    r"\b(?:FILE|DIR|FTS)\s*\*|\bint \w*(?:fd|fildes|filedes)\w*"
    r"|\bconst char \*\s*(?:restrict )?\w*(?:path|file|name|from|to|old|new|dir|target|source|special)\w*"
)


@functools.cache
def takers_of_files(tools: Toolchain) -> frozenset[str]:
    """Names of functions that take a path, a descriptor or a stream.

    Raises BuildError where the headers cannot be read.
    """
    command = [*(tools.cc or tools.cxx), "-E", "-P", "-D_GNU_SOURCE", "-x", "c", "-"]
    made = subprocess.run(command, input=_INCLUDED, capture_output=True, text=True, check=False, timeout=SECONDS)
    if made.returncode:
        raise BuildError("The headers of the C library cannot be read: what takes a file is not known.", made.stderr)
    declared = _DECLARED.finditer(" ".join(made.stdout.split()))
    return frozenset(found["name"] for found in declared if _FILE.search(found["takes"]))
