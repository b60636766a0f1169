"""What ``make demo`` shows: races found, explained and replayed, and a fixed twin that passes.

Exit status 0 when every command ended as announced.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
COMMAND = Path(sys.executable).with_name("redactfuzz")
FINDINGS = ROOT / ".redactfuzz"
SHOWN = [
    ("A consumer signing service loses its key to a crash report.", "targets/storm0558/scenario.py::retired_key", 1),
    (
        "The same service, fixed: the certificate says what was covered.",
        "targets/storm0558/scenario.py::retired_key_fixed",
        0,
    ),
    (
        "An unmodified package from PyPI: loggingredactor 0.0.7.",
        "targets/real/loggingredactor/scenario.py::live_dict",
        1,
    ),
    (
        "A lost update of a compiled pattern, in 30 lines of Python.",
        "targets/python/lost_update/scenario.py::vulnerable",
        1,
    ),
]


def redactfuzz(title: str, *arguments: str) -> int:
    """Run a command in front of the reader's eyes, as they would type it."""
    title = f"\033[1m{title}\033[0m" if sys.stdout.isatty() else title
    print(f"\n{title}\n$ redactfuzz {' '.join(arguments)}", flush=True)
    return subprocess.run([COMMAND, *arguments], cwd=ROOT, check=False).returncode


def newest_repro(since: float) -> Path | None:
    found = [path for path in FINDINGS.rglob("*.rfz.json") if path.stat().st_mtime >= since]
    return min(found, key=lambda path: path.stat().st_mtime, default=None)


def main() -> int:
    """Run everything that is shown, then replay the first finding."""
    started = time.time()
    wrong = []
    for title, scenario, expected in SHOWN:
        status = redactfuzz(title, "run", scenario, "--profile", "ci")
        if status != expected:
            wrong.append(f"{scenario} ended with exit status {status}, not {expected}")
    repro = newest_repro(started - 1)
    if repro is None:
        wrong.append("no repro file was written")
    elif (
        status := redactfuzz("The first finding, replayed from its file.", "replay", str(repro.relative_to(ROOT)))
    ) != 1:
        wrong.append(f"the replay of {repro.name} ended with exit status {status}, not 1")
    print(
        f"\nDone in {time.time() - started:.0f} s.",
        *(f"NOT AS EXPECTED: {line}" for line in wrong),
        sep="\n",
        flush=True,
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
