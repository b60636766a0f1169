"""Every benchmark, one after the other, each in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

NAMES = (
    "startup",
    "quality",
    "targets",
    "dependence",
    "memory",
    "speed",
    "first_leak",
    "windows",
    "scan_speed",
    "scan_growth",
    "scan_trial",
    "scan_encodings",
    "scan_rivals",
    "scan_fuzz",
    "strangers_files",
    "security",
    "native_strategies",
    "native_targets",
)


def main() -> int:
    """Names on the command line choose some of them."""
    here = Path(__file__).parent
    chosen = sys.argv[1:] or NAMES
    failed = [name for name in chosen if subprocess.run([sys.executable, here / f"{name}.py"], check=False).returncode]
    print(*(f"FAILED: {name}" for name in failed), sep="\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
