"""How the work of a scan grows with its input: forty kinds of input, each doubled from 1 to 64 MB.

scan_growth.py [MIB] [SECONDS] [SHAPE...]   the largest input; no larger one of a kind after one that took so long

Work is counted, not timed (``shared/scan_work.py``): twice the input may take 2.3 times the work. Exits 1 otherwise.
"""

from __future__ import annotations

import itertools
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import attrs
from shared import record, scan_shapes, scan_work

LARGEST, SECONDS = 64, 600.0
MOST = 2.3
"""Times the work that twice the input may take."""
_DOUBLED = 2
"""Times at least, however long it takes."""
_MIB = 1 << 20


@attrs.frozen
class Measured:
    """One scan."""

    size: int
    work: int
    seconds: float
    memory: int


def measure(name: str, mib: int) -> Measured:
    """In this process: first as it is, then counted."""
    data = scan_shapes.SHAPES[name](mib * _MIB)
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        wanted = scan_work.request(scan_shapes.CANARY)
        started = time.perf_counter()
        scan_work.scanned(Path(file.name), wanted)
        seconds = time.perf_counter() - started
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
        work = scan_work.counted(Path(file.name), scan_shapes.CANARY).total
    return Measured(len(data), work, seconds, memory)


def measured(name: str, largest: int, seconds: float) -> Iterator[Measured]:
    """Each size in a process of its own."""
    mib = 1
    while mib <= largest:
        ran = subprocess.run([sys.executable, __file__, "--one", name, str(mib)], capture_output=True, check=False)
        if ran.returncode:
            sys.exit(f"{name}, {mib} MiB: {ran.stderr.decode()[-2000:]}")
        one = Measured(**json.loads(ran.stdout))
        yield one
        if one.seconds > seconds and mib >= 1 << _DOUBLED:
            return
        mib *= 2


def growths(rows: Sequence[Measured]) -> list[float]:
    """Of the work from each size to the next, as if that were exactly twice as large."""
    return [2 * (after.work / after.size) / (one.work / one.size) for one, after in itertools.pairwise(rows)]


def main() -> int:
    """All kinds, or those that are named."""
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(attrs.asdict(measure(sys.argv[2], int(sys.argv[3])))))
        return 0
    largest = int(sys.argv[1]) if len(sys.argv) > 1 else LARGEST
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else SECONDS
    found: dict[str, list[Measured]] = {}
    for name in sys.argv[3:] or scan_shapes.SHAPES:
        found[name] = list(measured(name, largest, seconds))
        print(name, [round(each, 2) for each in growths(found[name])], file=sys.stderr, flush=True)
    worst = {name: max(growths(rows), default=0.0) for name, rows in found.items()}
    report(found, worst, largest, seconds)
    return 1 if any(each > MOST for each in worst.values()) else 0


def report(found: dict[str, list[Measured]], worst: dict[str, float], largest: int, seconds: float) -> None:
    """The page."""
    rows = [
        (name, f"{each[-1].size / _MIB:.0f}", f"{worst[name]:.2f}", each[0].work / each[0].size,
         each[-1].work / each[-1].size, " ".join(f"{one.seconds:.2g}" for one in each), each[-1].memory >> 20)
        for name, each in found.items()
    ]  # fmt: skip
    head = (
        "input",
        "MiB",
        "worst growth",
        "work a byte, 1 MiB",
        "the largest",
        "seconds, from 1 MiB on",
        "MiB of memory",
    )
    grown = [name for name, each in worst.items() if each > MOST]
    cut = [name for name, each in found.items() if each[-1].size < 0.75 * largest * _MIB]
    met = "met by all" if not grown else "not met by " + ", ".join(grown)
    text = (
        f"{len(found)} kinds of input, each from 1 to {largest} MiB, doubled. The worst growth is that of the work"
        f" where the input is doubled: at most {MOST} is asked for, and **{met}**. The largest of all is"
        f" {max(worst.values()):.2f}.\n\n{record.table(head, rows)}\n\n"
        "Work is counted: the bytes that the matcher, the detectors, searches, slices, regular expressions and the JSON"
        f" parser are given, and each call of a function as {scan_work.CALL} bytes (`ci/bench/shared/scan_work.py`)."
        " Seconds are those of the same scan without a profiler, for one canary in every form and with all detectors of"
        " keys; each size is a process of its own."
    )
    if cut:
        text += f"\n\nNot up to the largest size, since one scan took more than {seconds:g} s: {', '.join(cut)}."
    data = {name: [attrs.asdict(one) for one in each] for name, each in found.items()}
    record.save("scan_growth", "How the work of a scan grows", text, {"most": MOST, "inputs": data})


if __name__ == "__main__":
    sys.exit(main())
