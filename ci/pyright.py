"""A user's test file as pyright sees it, strictly: nothing to say of the right one, and each of the wrong lines found.

The file and the lines are those of ``tests/unit/test_typing.py``, which asks mypy. ``make types`` installs
basedpyright, which is pyright without a download at its first run.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "unit"))
import test_typing as samples  # noqa: E402  (what both checkers are asked)


def errors(text: str) -> list[dict[str, Any]]:
    """What pyright says of a file with this text."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_user.py").write_text(text, "utf-8")
        Path(folder, "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}', "utf-8")
        command = [sys.executable, "-m", "basedpyright", "--pythonpath", sys.executable, "--outputjson", "-p", folder]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = json.loads(done.stdout)
    if found["summary"]["filesAnalyzed"] != 1:
        raise SystemExit(f"pyright read no file: {done.stdout[-500:]}{done.stderr[-500:]}")
    return [one for one in found["generalDiagnostics"] if one["severity"] == "error"]


def main() -> int:
    failed = [f"of the right file: {one['message']}" for one in errors(samples.RIGHT)]
    failed += [f"not seen: {line}" for line in samples.WRONG if not errors(f"{samples.RIGHT}\n{line}\n")]
    print(*failed or [f"as it should be: the right file, and {len(samples.WRONG)} wrong lines"], sep="\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
