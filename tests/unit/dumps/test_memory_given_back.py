"""Memory of a scan that nobody uses any more is the kernel's again, where that is asked for."""

from __future__ import annotations

import subprocess
import sys
import textwrap

_KEPT = """
    import sys
    from redactfuzz.dumps.readers.mapped import give_back, trim
    if sys.argv[1] == "asked for":
        give_back()
    large = lambda size: b"x" * (size << 20)
    large(4)  # the kernel's; glibc takes the next ones from its own from now on, where it was not asked
    small, pieces = [], []
    for _ in range(32):
        pieces.append(large(2))
        small.append(b"y" * 100_000)
    pieces.clear()
    if sys.argv[1] == "trimmed":
        trim()
    (there,) = (line.split()[1] for line in open("/proc/self/status") if line.startswith("RssAnon"))
    print(int(there) // 1024)
"""


def kept(asked: str) -> int:
    """MB of a process that has freed 64 MB, in pieces of 2 MB between which others lie."""
    command = [sys.executable, "-c", textwrap.dedent(_KEPT), asked]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def test_large_pieces_are_given_back_though_small_ones_that_are_used_lie_between_them() -> None:
    before = kept("not asked for")
    assert before > 64
    assert before - kept("asked for") > 50
    assert before - kept("trimmed") > 50
