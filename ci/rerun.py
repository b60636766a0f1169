"""How much of certificates is alike when it is executed again: ``redactfuzz check FILE --rerun 20``.

Writes docs/results/rerun.md, in some minutes. ``python ci/rerun.py FOLDER`` keeps the certificates, and takes those
that are there.
"""

from __future__ import annotations

import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "results" / "rerun.md"
REDACTFUZZ = Path(sys.executable).with_name("redactfuzz")
COUNT = 20
IN_PYTHON = (
    "dirty_publish",
    "double_buffer",
    "exception_locals",
    "fail_open",
    "late_renderings",
    "lazy_reference",
    "lost_update",
    "nested_crash",
    "register_after_use",
    "rotation_forgets",
    "scrub_then_dump",
    "shared_record",
    "split_write",
)
IN_C = ("aba", "flag_before_kind", "realloc_copy", "split_write")
ALIKE = re.compile(r"(all|\d+ of) ([\d,]+) (?:leaf|leaves) and (\d+) linearisations? executed again")


def said(*words: object) -> str:
    """What a command has printed."""
    ran = subprocess.run([*map(str, (REDACTFUZZ, *words))], cwd=ROOT, capture_output=True, text=True, check=False)
    return ran.stdout


def row(title: str, file: Path) -> str:
    """Of one certificate."""
    if not file.exists():
        said("run", title, "--strategy", "dpor", "--seconds", 60, "--seed", 1, "--after", 0, "--proof", file)
    text = said("check", file, "--rerun", COUNT, "--seed", 5)
    found = ALIKE.search(text)
    name = title.removeprefix("targets/")
    if found is None:
        return f"| `{name}` | {text.strip() or 'none'} | - | - | - | - |"
    moved, parted = re.search(r"\(([\d,]+) in another order", text), re.search(r"In ([\d,]+) linearisations", text)
    leaves = found[2] if found[1] == "all" else found[1].removesuffix(" of")
    counts = leaves, found[2], found[3], moved[1] if moved else "-", parted[1] if parted else "0"
    return f"| `{name}` | {' | '.join(counts)} |"


def rows(folder: Path) -> Iterator[str]:
    """The table."""
    yield "| certificate | leaves executed again | of | linearisations | in another order | with another step |"
    yield "|---|---|---|---|---|---|"
    titles = [(f"targets/python/{name}/scenario.py::fixed", f"{name}.gz") for name in IN_PYTHON]
    titles += [(f"targets/native/{name}/fixed.c", f"n_{name}.gz") for name in IN_C]
    for title, file in titles:
        line = row(title, folder / file)
        print(line, flush=True)
        yield line


def main() -> None:
    """Write the page."""
    text = ["# Certificates that were executed again", ""]
    text += [
        f"By `ci/rerun.py`, Python {platform.python_version()}: `redactfuzz run TARGET --strategy dpor --seed 1",
        f"--proof FILE`, then `redactfuzz check FILE --rerun {COUNT} --seed 5`, of right scenarios and programs.",
        "A leaf is alike when each of its steps has touched the same, the same could go on behind each, and",
        "the same came out; a linearisation when the same came out. Where some step of one was another one",
        "nevertheless, which is counted last, the thread that ends last runs callbacks by which `logging` forgets a",
        "handler: these are known not to matter. What this shows, and what not:",
        "[rfproof.md](../reference/rfproof.md#executing-a-part-again).",
        "",
    ]
    with tempfile.TemporaryDirectory() as made:
        folder = Path(sys.argv[1] if len(sys.argv) > 1 else made).resolve()
        PAGE.write_text("\n".join([*text, *rows(folder)]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
