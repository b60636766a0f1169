"""Time to the first screen of ``redactfuzz --help``."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from shared import record

ROUNDS = 15


def seconds(*command: str | Path) -> float:
    """Median wall time of a command, after one run that warms the disk cache."""
    taken = []
    for _ in range(ROUNDS + 1):
        started = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        taken.append(time.perf_counter() - started)
    return median(taken[1:])


def main() -> None:
    """Beside the time of an interpreter that does nothing."""
    bare = seconds(sys.executable, "-c", "pass")
    ours = seconds(Path(sys.executable).with_name("redactfuzz"), "--help")
    rows = [("python -c pass", f"{bare:.3f} s", "-"), ("redactfuzz --help", f"{ours:.3f} s", "<= 0.3 s")]
    text = record.table(("command", "median", "aim"), rows)
    record.save("startup", "Start of the command line", text, {"bare": bare, "help": ours})


if __name__ == "__main__":
    main()
