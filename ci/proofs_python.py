"""Which scenarios in Python that leak nothing the default profile proves, and what stands in the way of the others.

Writes docs/results/proofs_python.md, in some 15 minutes.
"""

from __future__ import annotations

import json
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "ci" / "bench")]

from shared import scenarios  # noqa: E402

PAGE = ROOT / "docs" / "results" / "proofs_python.md"
REDACTFUZZ = Path(sys.executable).with_name("redactfuzz")


def reported(title: str, folder: str) -> dict[str, Any]:
    """The line that ``redactfuzz run --json`` prints with the default profile."""
    command = [REDACTFUZZ, "run", ROOT / title, "--json", "--seed", "1"]
    done = subprocess.run([*map(str, command)], cwd=folder, capture_output=True, text=True, check=False, timeout=600)
    lines = done.stdout.splitlines()
    if len(lines) != 1:
        raise SystemExit(f"{title} printed {len(lines)} lines:\n{done.stderr[-2000:]}")
    report: dict[str, Any] = json.loads(lines[0])
    return report


def rows() -> Iterator[str]:
    """The table, and how many are proved."""
    yield "| scenario | verdict | executions | seconds | classes of schedules | in the way |"
    yield "|---|---|---|---|---|---|"
    proved = count = 0
    with tempfile.TemporaryDirectory() as folder:
        for path, name in scenarios.everything():
            title = f"{path.relative_to(ROOT).as_posix()}::{name}"
            if scenarios.vulnerable(title):
                continue
            report = reported(title, folder)
            certificate = report.get("certificate") or {}
            covered = certificate.get("covered", ())
            searched = [line for line in covered if line.startswith("one schedule of each class")]
            classes = searched[0].partition(": ")[2] if searched else "-"
            way = "; ".join(certificate.get("obstacles", ()))
            opaque = ", ".join(certificate.get("opaque", ())[:2])
            way += f" ({opaque})" if opaque else ""
            count, proved = count + 1, proved + (report["verdict"] == "PROVED")
            shown = title.removeprefix("targets/")
            print(title, report["verdict"], flush=True)
            yield (
                f"| `{shown}` | {report['verdict']} | {report['executions']:,} | {report['seconds']:.0f}"
                f" | {classes} | {way or '-'} |"
            )
    yield ""
    yield f"PROVED: {proved} of {count}."


def main() -> None:
    """Write the page."""
    text = ["# Proofs of scenarios in Python", ""]
    text += [f"By `ci/proofs_python.py`: the default profile (60 s), Python {platform.python_version()}.", ""]
    PAGE.write_text("\n".join([*text, *rows()]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
