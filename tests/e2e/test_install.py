"""What is installed with redactfuzz alone serves the common use; what an extra brings is asked for by its name."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
import zstandard
from commands import COMMAND, Run, run_in

pytestmark = pytest.mark.once

EXTRAS = ("cryptography", "hypothesis", "lz4", "pytest", "zstandard")
HIDING = """
import sys

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {names}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Hidden())
"""


def without(folder: Path, names: set[str]) -> dict[str, str]:
    """The environment in which these cannot be imported."""
    hidden = folder / "hidden"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text(HIDING.format(names=names), "utf-8")
    return {"PYTHONPATH": os.fspath(hidden)}


@pytest.fixture
def bare(folder: Path) -> dict[str, str]:
    """Nothing of an extra can be imported."""
    return without(folder, {*EXTRAS})


def test_a_scenario_is_explored_and_replayed_without_any_extra(folder: Path, bare: dict[str, str]) -> None:
    ran = run_in(folder, COMMAND, "run", "--json", "rotation.py::vulnerable", **bare)
    assert ran.record["verdict"] == "LEAK", ran.err
    again = run_in(folder, COMMAND, "replay", ran.record["repro"], **bare)
    assert again.out.startswith("LEAK"), again.err


def test_the_plugin_needs_pytest_alone(folder: Path) -> None:
    (folder / "test_rotation.py").write_text("from rotation import fixed as test_fixed\n", "utf-8")
    alone = {**without(folder, {*EXTRAS} - {"pytest"}), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    pytest_command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "redactfuzz.pytest_plugin")
    ran = run_in(folder, *pytest_command, "test_rotation.py", **alone)
    assert "1 passed" in ran.out, ran.both


def test_scan_says_what_to_install_for_a_dump_it_cannot_unpack(folder: Path, bare: dict[str, str], cli: Run) -> None:
    (folder / "dump.txt.zst").write_bytes(zstandard.compress(b"signing with nothing " * 10))
    assert cli("scan", "dump.txt.zst").code == 0, "the twin: it can be read where the extra is there"
    ran = run_in(folder, COMMAND, "scan", "dump.txt.zst", **bare)
    assert ran.code != 0
    assert "pip install 'redactfuzz[scan]'" in ran.both
