"""Reads utf-16 from standard input into a page, holds it as a str of two bytes a character, and is killed.

All memory but the stack and the surroundings of the secret is excluded from the core, which is to be small.
"""

import ctypes
import mmap
import os
import signal

KEPT = 32 << 10
"""Bytes on both sides of the secret that stay."""


def maps():
    """Start, end and name of each mapping that the core would hold."""
    with open("/proc/self/maps") as file:  # noqa: PTH123 - pathlib would take memory of its own
        for line in file.read().splitlines():
            words = line.split(maxsplit=5)
            start, end = (int(word, 16) for word in words[0].split("-"))
            yield start, end, words[5] if len(words) > 5 else ""


def exclude(start, end):
    """Leave these pages out of the core."""
    if start < end:
        madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), mmap.MADV_DONTDUMP)


madvise = ctypes.CDLL(None).madvise
page = mmap.mmap(-1, mmap.PAGESIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
size = os.readv(0, [page])
with memoryview(page) as whole, whole[:size] as text:
    held = str(text, "utf-16-le")
low, high = (id(held) - KEPT) & -mmap.PAGESIZE, (id(held) + KEPT) & -mmap.PAGESIZE
for start, end, name in list(maps()):
    if name not in ("[stack]", "[vdso]", "[vvar]", "[vvar_vclock]", "[vsyscall]"):
        exclude(start, max(start, min(end, low)))
        exclude(min(end, max(start, high)), end)
os.kill(os.getpid(), signal.SIGSEGV)
