"""Every case of ``tests/truth``: the verdicts that are right, the one before, and the one now.

``truth.py --verdicts FILE`` only writes the verdicts of the redactfuzz that this interpreter imports, those that FILE
has not yet: run so with the interpreter of an older checkout, it gives what ``--before FILE`` reads. A case that an
older version cannot run at all has no verdict there. ``--junit FILE`` takes the verdicts of now from what a run of the
tests wrote (``make suite PYTEST_ARGS=--junitxml=FILE``); what it left to ``make wide`` is named as such.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree

from shared import record

TRUTH = record.ROOT / "tests" / "truth"
sys.path.insert(0, str(TRUTH))
SECONDS = 120
"""For one case, in a process of its own,"""
_NOT_RUN, _LEFT_OUT = "cannot be run", "not run"
_TEST = re.compile(r"test_the_verdict_is_true\[(.*)\]")
WORKERS = 2
"""of which so many run at once: verdicts do not follow from the time."""


def verdict(title: str) -> str:
    """What this case gives, in a process and a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(Path(__file__).resolve()), "--one", title]
        try:
            done = subprocess.run(
                command, cwd=folder, capture_output=True, text=True, check=False, timeout=SECONDS, env=os.environ
            )
        except subprocess.TimeoutExpired:
            return f"no end within {SECONDS} s"
    lines = done.stdout.splitlines()
    return lines[-1] if done.returncode == 0 and lines else _NOT_RUN


def verdicts_in(paths: Iterable[Path]) -> dict[str, str]:
    """By title, what runs of the tests wrote down."""
    found = {}
    for path in paths:
        for test in ElementTree.parse(path).iter("testcase"):
            title = _TEST.fullmatch(test.get("name") or "")
            given = test.find("properties/property[@name='verdict']")
            if title and given is not None:
                found[title[1]] = given.get("value") or ""
    return found


def main() -> None:
    """One row a case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--one")
    parser.add_argument("--verdicts", type=Path)
    parser.add_argument("--junit", type=Path, nargs="+", default=[])
    parser.add_argument("--before", type=Path, default=record.RESULTS / "truth_before.json")
    parser.add_argument("--also", nargs="+", default=[], metavar="VERSION=FILE", help="of other interpreters")
    chosen = parser.parse_args()

    from truth import all_cases

    cases = list(all_cases())
    if chosen.one is not None:
        print(next(case for case in cases if case.title == chosen.one).report().verdict)
        return
    kept = chosen.verdicts
    now = json.loads(kept.read_text("utf-8")) if kept and kept.exists() else {}
    if chosen.junit:
        now = dict.fromkeys((case.title for case in cases), _LEFT_OUT) | verdicts_in(chosen.junit)
    titles = [case.title for case in cases if case.title not in now]
    with ThreadPoolExecutor(WORKERS) as workers:
        for title, given in zip(titles, workers.map(verdict, titles), strict=True):
            now[title] = given
            print(title, given, flush=True)
            if kept:
                kept.write_text(json.dumps(now, indent=1) + "\n", "utf-8")
    if kept:
        return
    before = json.loads(chosen.before.read_text("utf-8")) if chosen.before.exists() else {}
    rows = [
        (
            case.line,
            case.what,
            " or ".join(sorted(case.expected)),
            before.get(case.title, "-"),
            now[case.title] if now[case.title] in (*case.expected, _LEFT_OUT) else f"**{now[case.title]}**",
        )
        for case in cases
    ]
    wrong = sum(now[case.title] not in (*case.expected, _LEFT_OUT) for case in cases)
    left = sum(now[case.title] == _LEFT_OUT for case in cases)
    ran = [case for case in cases if before.get(case.title, _NOT_RUN) != _NOT_RUN]
    wrong_before = sum(before[case.title] not in case.expected for case in ran)
    text = record.table(("line", "what it does", "right", "before", "now"), rows) + (
        f"\n\n{len(cases)} cases, {wrong} not right now (in bold), {left} left to `make wide`;"
        f" {wrong_before} of the {len(ran)} that could be run before were not right."
    )
    expected = {case.title: case.expected for case in cases}
    also = {}
    for each in chosen.also:
        version, _, file = each.partition("=")
        also[version] = found = verdicts_in([Path(file)])
        right = sum(given in expected[title] for title, given in found.items())
        text += f"\n\nOn Python {version}: {len(found)} cases in Python, {len(found) - right} not right."
    record.save("truth", "Is each verdict true?", text, {"now": now, "before": before, "also": also})


if __name__ == "__main__":
    main()
