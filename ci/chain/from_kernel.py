"""Cores that this kernel hands to the gate: core_pattern is changed for the time that it takes. Wants root.

``from_kernel.py [CRASHES]``: of that many programs that crash every second one holds a canary. Prints what became of
them.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "ci" / "bench"))

from shared.gate_trial import REDACTFUZZ  # noqa: E402

from redactfuzz.model.canary import token  # noqa: E402
from redactfuzz.model.registry import Entry, Registry, registry_to_json  # noqa: E402

PATTERN = Path("/proc/sys/kernel/core_pattern")
LONGEST = 127
"""Bytes that the kernel takes."""
REGISTRY = Registry(17, (Entry("token", token(32), 1),))
LIMIT = 60.0
"""Seconds for all cores to arrive."""
PROGRAM = """
#include <stdlib.h>
#include <string.h>
int main(int argc, char **argv) {
    char *secret = malloc(64);
    strcpy(secret, argc > 1 ? argv[1] : "nothing of note in here at all");
    if (argc > 1) memset(argv[1], 'x', strlen(argv[1]));
    abort();
}
"""


def crashed(program: Path, *words: str) -> None:
    """Once, with a core of any size."""

    def core() -> None:
        resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    subprocess.run([program, *words], check=False, preexec_fn=core)


def arrived(folder: Path, count: int) -> None:
    """Raises TimeoutError where so many cores do not come."""
    end = time.monotonic() + LIMIT
    while len([one for one in folder.iterdir() if one.name.startswith("core-")]) < count:
        if time.monotonic() > end:
            raise TimeoutError(f"of {count} cores {sorted(one.name for one in folder.iterdir())} came in {LIMIT:.0f} s")
        time.sleep(0.1)


def tried(count: int) -> Counter[tuple[bool, str]]:
    """(whether it held the canary, where it is in the end): how many. Raises PermissionError where it may not."""
    with tempfile.TemporaryDirectory() as name:
        folder, before = Path(name), PATTERN.read_text()
        for each in ("from", "to", "quarantine"):
            (folder / each).mkdir()
        (folder / "canaries.json").write_text(registry_to_json(REGISTRY))
        (folder / "program.c").write_text(PROGRAM)
        subprocess.run(["cc", "-O0", "-o", folder / "program", folder / "program.c"], check=True)
        os.link(folder / "program", folder / "holds")
        command = folder / "pipe"
        command.write_text(f'#!/bin/sh\nexec {REDACTFUZZ} gate --core-pipe --from {folder}/from -- "$@"\n')
        command.chmod(0o755)
        pattern = f"|{command} %P %t %e"
        if len(pattern) > LONGEST:
            raise OSError(f"{pattern!r} is longer than {LONGEST} bytes: set TMPDIR to a shorter folder")
        PATTERN.write_text(pattern)
        try:
            for number in range(count):
                holds = number % 2 == 1
                words = (REGISTRY.mint()[0].text,) if holds else ()
                crashed(folder / ("holds" if holds else "program"), *words)
            arrived(folder / "from", count)
        finally:
            PATTERN.write_text(before)
        places = [word for each in ("from", "to", "quarantine", "log") for word in (f"--{each}", str(folder / each))]
        command_line = [str(REDACTFUZZ), "gate", *places, "--canaries", str(folder / "canaries.json"), "--settle", "0"]
        subprocess.run(command_line, check=False, stdout=subprocess.DEVNULL, timeout=LIMIT * count)
        return Counter(
            ("holds" in one.name, each)
            for each in ("from", "to", "quarantine")
            for one in (folder / each).iterdir()
            if one.name.startswith("core") and "receipt" not in one.name
        )


def text(count: int) -> str:
    """A sentence of the page, or why there is none."""
    if not shutil.which("cc"):
        return "Cores straight from the kernel: not tried, there is no compiler."
    try:
        came = tried(count)
    except PermissionError:
        return "Cores straight from the kernel: not tried, since core_pattern may not be changed here."
    right = came == Counter({(False, "to"): count - count // 2, (True, "quarantine"): count // 2})
    where = "; ".join(
        f"{number} {'with' if holds else 'without'} the canary {place}" for (holds, place), number in came.items()
    )
    return (
        f"Straight from this kernel, by core_pattern and `--core-pipe`: {count} programs were ended by SIGABRT, every"
        f" second with a canary in its memory. {'All' if right else '**NOT** all'} without were released, all with it"
        f" quarantined ({where})."
    )


if __name__ == "__main__":
    print(json.dumps(text(int(sys.argv[1]) if len(sys.argv) > 1 else 6)))
