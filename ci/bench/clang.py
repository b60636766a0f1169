"""The C and C++ programs of ``tests/truth`` with the compiler that CC and CXX name, which is clang.

``CC=clang CXX=clang++ python ci/bench/clang.py --verdicts FILE`` runs what FILE has not yet, each case in a process
of its own, and writes the page from all that is in it: by compiler, by title.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from shared import record

from redactfuzz.native.compile.compiler import toolchain

sys.path.insert(0, str(record.ROOT / "tests" / "truth"))
from truth import Case, all_cases, compiled_by_clang

LEVEL = re.compile(r"-O\w$")
HOW = """`CC=clang CXX=clang++ .venv/bin/python ci/bench/clang.py --verdicts build/clang.json`, and the same with other
names of clang, as clang-19 and clang++-19. Headers, binutils, libc and libstdc++ are those that gcc has; the driver is
built by clang as well. What is not counted as run was not run: a file of verdicts is gone on with."""
WORKERS = 2
SECONDS = 300
"""For one case on a busy machine."""


def verdict(title: str) -> str:
    """What a case gives, in a process and a folder of its own."""
    command = [sys.executable, str(Path(__file__).with_name("verdicts.py").resolve()), "--one", title]
    with tempfile.TemporaryDirectory() as folder:
        try:
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=SECONDS)
        except subprocess.TimeoutExpired:
            return f"no end within {SECONDS} s"
    lines = done.stdout.splitlines()
    return lines[-1] if done.returncode == 0 and lines else "cannot be run"


def main() -> None:
    """One row for each compiler and level, and one for each case with a verdict of its own or a false one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--verdicts", type=Path, required=True)
    parser.add_argument("--page", action="store_true", help="run nothing, write the page")
    chosen = parser.parse_args()
    kept = json.loads(chosen.verdicts.read_text("utf-8")) if chosen.verdicts.exists() else {}
    cases = [case for case in all_cases() if case.is_program]
    if not chosen.page:
        if not compiled_by_clang():
            parser.error("CC names another compiler: CC=clang CXX=clang++")
        now = kept.setdefault(toolchain().name, {})
        titles = [case.title for case in cases if case.title not in now]
        with ThreadPoolExecutor(WORKERS) as workers:
            for title, given in zip(titles, workers.map(verdict, titles), strict=True):
                now[title] = given
                chosen.verdicts.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
    text = "\n\n".join((HOW, _by_level(cases, kept), _others(cases), _false(cases, kept)))
    record.save("clang", "Is each verdict about a program true where clang compiles it?", text, kept)


def _right(case: Case, given: str) -> bool:
    return given in (case.clang or case.expected)


def _by_level(cases: list[Case], kept: dict[str, dict[str, str]]) -> str:
    rows = []
    for compiler, verdicts in sorted(kept.items()):
        for level in sorted({match[0] for case in cases if (match := LEVEL.search(case.title))}):
            there = [case for case in cases if case.title.endswith(level)]
            ran = [case for case in there if case.title in verdicts]
            right = sum(_right(case, verdicts[case.title]) for case in ran)
            rows.append((compiler, level, len(there), len(ran), right))
    return record.table(("compiler", "level", "cases", "run", "right"), rows)


def _others(cases: list[Case]) -> str:
    rows = [
        (case.title, " or ".join(sorted(case.expected)), " or ".join(sorted(case.clang)), case.because)
        for case in cases
        if case.clang
    ]
    return "Another verdict is right with clang in:\n\n" + record.table(("case", "gcc", "clang", "because"), rows)


def _false(cases: list[Case], kept: dict[str, dict[str, str]]) -> str:
    rows = [
        (case.title, compiler, " or ".join(sorted(case.clang or case.expected)), verdicts[case.title])
        for compiler, verdicts in sorted(kept.items())
        for case in cases
        if case.title in verdicts and not _right(case, verdicts[case.title])
    ]
    if not rows:
        return "All that was run is right."
    return "Not right:\n\n" + record.table(("case", "compiler", "right", "given"), rows)


if __name__ == "__main__":
    main()
