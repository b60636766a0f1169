"""Debuggers and pytest-timeout beside scenarios."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import Run

pytestmark = pytest.mark.once

CI = ("--redactfuzz-profile", "ci")


def test_a_breakpoint_is_told_what_to_do_instead(cli: Run, folder: Path) -> None:
    (folder / "stops.py").write_text(
        "from redactfuzz import scenario\n@scenario\ndef it(race):\n    key = race.canary('key').text\n"
        "    scrub = race.redactor(lambda text: text.replace(key, 'x'))\n"
        "    def work():\n        breakpoint()\n    race.thread(work)\n    race.crash(lambda: scrub(key))\n"
    )
    ran = cli("run", "stops.py", "--profile", "ci")
    assert ran.code == 5
    assert "INCONCLUSIVE" in ran.out
    assert "redactfuzz replay --pdb FILE" in " ".join(ran.out.split())
    assert "(Pdb)" not in ran.both


def test_under_pytest_it_opens_no_prompt_either(run_pytest: Run, folder: Path) -> None:
    (folder / "test_stops.py").write_text(
        "import pdb\nfrom redactfuzz import scenario\n@scenario\ndef test_it(race):\n"
        "    key = race.canary('key').text\n"
        "    scrub = race.redactor(lambda text: text.replace(key, 'x'))\n"
        "    race.thread(breakpoint)\n    race.thread(lambda: pdb.set_trace())\n    race.crash(lambda: scrub(key))\n"
    )
    for options in ((), ("-s",)):
        ran = run_pytest("test_stops.py", *CI, *options)
        assert ran.code == 1
        assert "INCONCLUSIVE" in ran.out
        assert "PDB set_trace" not in ran.both
        assert "(Pdb)" not in ran.both


def test_trace_does_not_stop_in_a_frame_of_ours(run_pytest: Run, folder: Path) -> None:
    ran = run_pytest("test_ring.py::test_passes", "--trace", *CI)
    assert ran.code == 0
    assert "campaign/face/scenario.py" not in ran.both
    assert "(Pdb)" not in ran.both


def test_a_thread_that_blocks_unseen_is_told_before_pytest_timeout_fires(run_pytest: Run, folder: Path) -> None:
    (folder / "test_blocks.py").write_text(
        "import select, pytest\nfrom redactfuzz import scenario\n"
        "@pytest.mark.timeout(8)\n@scenario(isolation='none')\ndef test_it(race):\n"
        "    key = race.canary('key').text\n    scrub = race.redactor(lambda text: text.replace(key, 'x'))\n"
        "    race.thread(lambda: select.select([], [], []))\n    race.crash(lambda: scrub(key))\n"
    )
    ran = run_pytest("test_blocks.py")
    assert ran.code == 1
    assert "Failed: Timeout" not in ran.out
    assert "redactfuzz/threads" not in ran.out
    assert "did not come back within 1.6 s" in " ".join(ran.out.split())
