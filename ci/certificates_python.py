"""Which proofs of scenarios in Python have a certificate that ``redactfuzz check`` accepts, and how large these are.

Writes docs/results/certificates_python.md: of those that docs/results/proofs_python.md has as PROVED, in some minutes.
"""

from __future__ import annotations

import json
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROOFS = ROOT / "docs" / "results" / "proofs_python.md"
PAGE = PROOFS.with_name("certificates_python.md")
REDACTFUZZ = Path(sys.executable).with_name("redactfuzz")
SAID = re.compile(r"([\d,]+) executions(?:, ([\d,]+) of them repetitions)?, ([\d,]+) steps: no class")


def done(folder: str, *words: object) -> tuple[str, float]:
    """What a command has printed, and the seconds it took."""
    began = time.monotonic()
    ran = subprocess.run(
        [*map(str, (REDACTFUZZ, *words))], cwd=folder, capture_output=True, text=True, check=False, timeout=600
    )
    return ran.stdout, time.monotonic() - began


def row(title: str, folder: str) -> str:
    """Of one scenario."""
    file = Path(folder) / "proof.gz"
    file.unlink(missing_ok=True)
    words = ("--strategy", "dpor", "--seconds", "60", "--seed", "1", "--json", "--proof", file)
    printed, searched = done(folder, "run", ROOT / "targets" / title, *words)
    verdict = json.loads(printed)["verdict"]
    if not file.exists():
        return f"| `{title}` | {verdict} | none | - | - | - | - | {searched:.0f} | - |"
    said, checked = done(folder, "check", file)
    found = SAID.search(said)
    size = f"{file.stat().st_size / 1024:,.0f}"
    counts = [each or "0" for each in found.groups()] if found else ["-"] * 3
    result = "accepted" if found else said.partition("rejected: ")[2].strip().replace("|", "/")
    return f"| `{title}` | {verdict} | {result} | {' | '.join(counts)} | {size} | {searched:.0f} | {checked:.1f} |"


def rows() -> Iterator[str]:
    """The table, and how many are accepted."""
    yield "| scenario | verdict | certificate | executions | repetitions | steps | KiB | seconds | seconds to check |"
    yield "|---|---|---|---|---|---|---|---|---|"
    titles = re.findall(r"^\| `([^`]+)` \| PROVED", PROOFS.read_text(encoding="utf-8"), re.MULTILINE)
    proved = accepted = 0
    with tempfile.TemporaryDirectory() as folder:
        for title in titles:
            line = row(title, folder)
            print(line, flush=True)
            proved, accepted = proved + ("| PROVED |" in line), accepted + ("| PROVED | accepted |" in line)
            yield line
    yield ""
    yield f"PROVED with `--strategy dpor`: {proved} of {len(titles)}. Of these, accepted: {accepted}."


def main() -> None:
    """Write the page."""
    text = ["# Certificates of scenarios in Python", ""]
    text += [
        f"By `ci/certificates_python.py`, Python {platform.python_version()}, on a machine that was busy with other",
        "work: `redactfuzz run SCENARIO --strategy dpor --seconds 60 --seed 1 --proof FILE` of what",
        "[proofs_python.md](proofs_python.md) has as PROVED, and `redactfuzz check FILE`. Seconds are those of",
        "the whole command. What a certificate does not prove: [rfproof.md](../reference/rfproof.md).",
        "",
    ]
    PAGE.write_text("\n".join([*text, *rows()]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
