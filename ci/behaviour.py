"""Whether two trees of redactfuzz behave alike: every target under seed 0, as JSON, line by line, but for times.

``ci/behaviour.py BEFORE AFTER [PATH...]``: each tree has its own ``.venv`` (``make tools``). Executions are counted and
the seconds are more than anything takes, so that neither the machine nor what runs beside it decides what is explored.
How many dumps are compared under other secrets is a matter of time, and is left out.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

EXECUTIONS = 300
TIMES = {"seconds", "executions_per_s", "seconds_after", "certificate.compared"}
_BY_TIME = "dumps not compared"
KINDS = ("python/*", "real/*", "storm0558", "native/*")


def records(tree: Path, target: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """(scenario, what is said of it) of one target, as that tree's redactfuzz says it."""
    limits = ["--executions", str(EXECUTIONS), "--seconds", "3600", "--after", "3600"]
    command = [str(tree / ".venv/bin/redactfuzz"), "run", target, "--json", "--seed", "0", *limits]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    for line in done.stdout.splitlines():
        record = json.loads(line)
        yield record["scenario"], {name: value for name, value in flat(record).items() if not timed(name)}
    if done.returncode not in (0, 1, 5):
        yield f"{target} (exit status {done.returncode})", {"stderr": done.stderr[-2000:]}


def timed(name: str) -> bool:
    return any(name == each or name.startswith(f"{each}.") for each in TIMES)


def flat(value: Any, name: str = "") -> dict[str, Any]:
    """Members of members under names with dots."""
    if isinstance(value, list):
        value = [each for each in value if not str(each).startswith(_BY_TIME)]
    if not isinstance(value, dict):
        return {name: value}
    return {key: each for inner in value for key, each in flat(value[inner], f"{name}.{inner}".lstrip(".")).items()}


def differences(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    return [
        f"    {name}: {json.dumps(one.get(name))[:400]}\n      now {json.dumps(other.get(name))[:400]}"
        for name in sorted(one.keys() | other.keys())
        if one.get(name) != other.get(name)
    ]


def main(before: Path, after: Path, targets: list[str]) -> int:
    if not targets:
        folders = [path for kind in KINDS for path in sorted((before / "targets").glob(kind)) if path.is_dir()]
        targets = [str(path.relative_to(before)) for path in folders]
    alike = different = 0
    for target in targets:
        old, new = dict(records(before, target)), dict(records(after, target))
        for name in sorted(old.keys() | new.keys()):
            what = differences(old.get(name, {}), new.get(name, {}))
            alike, different = alike + (not what), different + bool(what)
            print("differs" if what else "alike  ", name, *what, sep="\n" if what else " ", flush=True)
    print(f"{alike} alike, {different} different")
    return 1 if different or not alike else 0


if __name__ == "__main__":
    paths = [Path(argument).resolve() for argument in sys.argv[1:3]]
    sys.exit(main(paths[0], paths[1], sys.argv[3:]))
