"""Memory that is kept of a log which leaks on each line: a bound for each byte of it.

Blocks are small here, so that what one of them takes is not counted.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

BENCH = Path(__file__).parents[4] / "ci" / "bench"
CHILD = """
import resource, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from shared import scan_shapes, scan_work
from redactfuzz.scan import survey, texts
survey._LAYERED = texts._BLOCK = 64 << 10
path, wanted = Path(sys.argv[2]), scan_work.request(scan_shapes.CANARY)
report = scan_work.scanned(path, wanted)
(exposure,) = report.exposures
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10, len(exposure.fragments) + exposure.more)
"""
SMALL, LARGE = 256 << 10, 1 << 20
MOST = 12
"""Bytes of memory for each byte of the log: it was 21 when views were kept with all that they show once more."""


def peak(path: Path) -> tuple[int, int]:
    """Bytes, and how often the canary was found, in a process of its own."""
    command = [sys.executable, "-c", CHILD, str(BENCH), str(path)]
    ran = subprocess.run(command, capture_output=True, check=True, text=True)
    size, found = ran.stdout.split()
    return int(size), int(found)


def test_what_leaks_in_json_in_json_in_json_is_kept_once(tmp_path: Path) -> None:
    sys.path.insert(0, str(BENCH))
    from shared import scan_shapes

    sizes, peaks = [], []
    for size in (SMALL, LARGE):
        (tmp_path / "log").write_bytes(data := scan_shapes.SHAPES["JSON in JSON in JSON that leaks"](size))
        memory, found = peak(tmp_path / "log")
        assert found == data.count(b"\n"), "one sighting for each line"
        sizes.append(len(data))
        peaks.append(memory)
    assert peaks[1] - peaks[0] < MOST * (sizes[1] - sizes[0])
