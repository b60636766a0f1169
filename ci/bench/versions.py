"""Each supported interpreter: whether it can be had here, what `make demo` and the tests say on it, and what differs.

    python ci/bench/versions.py [--page] [--whole] [MINOR...]

Without a version, every one; with ``--page`` alone, none: the page is written from what is kept. ``--whole``: the whole
suite as well, which takes half an hour on each. What is not run now is kept from the run before.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path

from shared import environments, record

MINORS = ("3.11", "3.12", "3.13", "3.14", "3.15")
DIFFERS = {
    "3.11": "points come from a C trace function; a call is two instructions; comprehensions are functions",
    "3.12": "points come from sys.monitoring, here and later",
    "3.13": "threads are joined by handles; TO_BOOL reads, and the jump after it does not",
    "3.14": "entering a `with` block is a call; `x[i]` is a binary operator; values on the stack are tagged, and some "
    "are borrowed; `any`, `all` and `tuple` of a generator expression are no calls; 3.14.0 to 3.14.4 have another "
    "garbage collector and are refused; the JIT compiler may be on",
    "3.15": "locks and sockets are called in another way; a generator expression asks for its iterator itself; the "
    "collector reads a clock; numbers may stand on the stack that are no objects",
}
_COUNT = r"\d+ (?:passed|failed|skipped|deselected|xfailed|errors?|warnings?)"
SUMMARY = re.compile(rf"^=* ?({_COUNT}(?:, {_COUNT})*) in ", re.MULTILINE)


def tests_of_each() -> list[str]:
    """What ``.ci/run`` runs on 3.15 as well."""
    lines = (record.ROOT / "ci" / "tests-by-python").read_text("utf-8").splitlines()
    return [line.split()[1] for line in lines if line.startswith(("few ", "each "))]


def ran(python: Path, *arguments: str) -> dict[str, object]:
    """What pytest counted, and how long it took."""
    started = time.monotonic()
    command: list[str | Path] = [
        python,
        "-m",
        "pytest",
        "-q",
        "-n",
        "2",
        "--dist",
        "worksteal",
        "--redactfuzz-profile",
        "ci",
        *arguments,
    ]
    done = subprocess.run(command, cwd=record.ROOT, capture_output=True, text=True, check=False)
    (counted,) = SUMMARY.findall(done.stdout) or [f"exit status {done.returncode}"]
    failed = sorted(re.findall(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE))
    told = ", ".join(each for each in counted.split(", ") if "warning" not in each and "deselected" not in each)
    return {"counted": told, "failed": failed, "seconds": round(time.monotonic() - started)}


def looked_at(minor: str, whole: bool, before: dict[str, object]) -> dict[str, object]:
    """What comes out on one interpreter."""
    found = environments.find(minor)
    if found is None:
        return {**before, "had": False}
    python = environments.ours(minor)
    assert python is not None
    version = subprocess.run(
        [python, "-c", "import platform; print(platform.python_version())"], capture_output=True, text=True, check=True
    )
    demo = subprocess.run([python, "ci/demo.py"], cwd=record.ROOT, capture_output=True, text=True, check=False)
    result = {**before, "had": True, "version": version.stdout.strip(), "demo": demo.returncode}
    result["list"] = ran(python, "-m", "not once and not wide", *tests_of_each())
    if whole:
        result["whole"] = ran(python, "-m", "not wide")
        result.pop("by hand", None)
    return result


def cell(result: object) -> str:
    """A run of pytest in the table."""
    return f"{result['counted']} ({result['seconds']} s)" if isinstance(result, dict) else "not run"


def row(minor: str, result: dict[str, object]) -> tuple[str, ...]:
    """One line of the table."""
    if not result.get("had"):
        return (minor, "cannot be had on this machine", "-", "-", "-")
    demo = "as announced" if result["demo"] == 0 else f"exit status {result['demo']}"
    whole = str(result.get("by hand") or cell(result.get("whole")))
    return (minor, str(result["version"]), demo, cell(result["list"]), whole)


def page(results: dict[str, dict[str, object]]) -> str:
    """The table, what failed, and what differs."""
    text = record.table(
        ("Python", "version", "`make demo`", "what .ci/run runs on each", "the whole suite"),
        [row(*each) for each in results.items()],
    )
    failures = [
        f"- {minor}, {name}: `{test}`"
        for minor, result in results.items()
        for name, key in (("list", "list"), ("whole suite", "whole"))
        if isinstance(run := result.get(key), dict)
        for test in run["failed"]
    ]
    text += "\n\nWhat failed:\n\n" + "\n".join(failures or ["nothing."])
    text += "\n\nWhat differs:\n\n" + "\n".join(f"- {minor}: {DIFFERS[minor]}." for minor in results)
    text += (
        "\n\nInterpreters that the machine has no package of are unpacked from Debian's testing and unstable "
        "(`ci/get-python`), without what needs a newer libc. Of the free-threaded build none can be had: it is refused "
        "(design, section 5).\n\n"
        "(*) `tests/quality/test_dump_corpus.py` starts the interpreter under another name, by which one that was "
        "unpacked does not find its library. `.ci/run` runs that file on the first interpreter alone."
    )
    return text


def main(arguments: list[str]) -> None:
    """Look at the versions that are named."""
    kept = record.RESULTS / "versions.json"
    before = json.loads(kept.read_text("utf-8"))["versions"] if kept.exists() else {}
    named = [each for each in arguments if each in MINORS] or ([] if "--page" in arguments else MINORS)
    for minor in MINORS:
        if minor in named:
            before[minor] = looked_at(minor, "--whole" in arguments, before.get(minor, {}))
    results = {minor: before[minor] for minor in MINORS if minor in before}
    record.save("versions", "Interpreters", page(results), {"versions": results})


if __name__ == "__main__":
    main(sys.argv[1:])
