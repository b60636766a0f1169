"""How long today takes what the suite was at an earlier commit: the tests of which the function was there by the same name.

older_tests.py COMMIT [OPTION OF PYTEST...]

All of them, of whatever turn; but for those marked ``wide``, which `make test` leaves out, then and now. The seconds are those of pytest, with its start.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time

import pytest

NAMES = "OLDER_TESTS"
"""The variable by which the workers know the names of the functions."""


def names_at(commit: str) -> list[str]:
    """Those of all test functions in a commit."""
    line = ["git", "grep", "-hoE", r"def test_\w+", commit, "--", "tests"]
    told = subprocess.run(line, capture_output=True, text=True, check=True).stdout
    return sorted(set(re.findall(r"test_\w+", told)))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves those that were there."""
    names = set(os.environ[NAMES].split())
    kept = [item for item in items if getattr(item, "originalname", item.name) in names]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
    items[:] = kept


def main() -> int:
    """The status of pytest."""
    commit, *options = sys.argv[1:]
    names = names_at(commit)
    path = os.pathsep.join(filter(None, (os.path.dirname(__file__), os.environ.get("PYTHONPATH", ""))))
    line = [sys.executable, "-m", "pytest", "-p", "older_tests", "-n", "3", "--dist", "worksteal", *options]
    line += ["--redactfuzz-profile", "ci"]
    started = time.monotonic()
    status = subprocess.run(line, env={**os.environ, NAMES: " ".join(names), "PYTHONPATH": path}, check=False).returncode
    functions = "functions with a name of that commit"
    print(f"{len(names)} {functions}: {time.monotonic() - started:.0f} s")
    return status


if __name__ == "__main__":
    sys.exit(main())
