"""What is in ``ci`` can be started: it finds what it imports, from the tests as well."""

from __future__ import annotations

import os
import runpy
import sys
import traceback
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = sorted(path for folder in ("ci", "ci/bench", "ci/nights") for path in (ROOT / folder).glob("*.py"))
OURS = tuple(str(ROOT / folder) for folder in ("tests", "ci"))


def run(script: Path, log: int) -> None:
    """As `python SCRIPT` begins: nothing of the tests is imported yet, or found."""
    sys.path[:] = [str(script.parent), *(entry for entry in sys.path if not entry.startswith(OURS))]
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", "")).startswith(OURS):
            del sys.modules[name]
    os.dup2(log, 1)
    os.dup2(log, 2)
    runpy.run_path(str(script), run_name="imported")


@pytest.mark.parametrize("script", SCRIPTS, ids=[path.relative_to(ROOT).as_posix() for path in SCRIPTS])
def test_it_finds_everything_that_it_imports(script: Path, tmp_path: Path) -> None:
    with (tmp_path / "log").open("w+", encoding="utf-8") as log:
        if not (pid := os.fork()):
            try:
                run(script, log.fileno())
                os._exit(0)
            except BaseException:
                traceback.print_exc(file=log)
                log.flush()
                os._exit(1)
        _, status = os.waitpid(pid, 0)
        log.seek(0)
        assert os.waitstatus_to_exitcode(status) == 0, log.read()


def test_there_are_some() -> None:
    assert len(SCRIPTS) > 40
