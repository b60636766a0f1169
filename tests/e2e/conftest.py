"""Fixtures: an empty folder with the sample scenarios, and the commands of ``commands.py`` in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import Run, filled, run_ready, session_ready
from ready import Ready


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the sample scenarios in it."""
    return filled(tmp_path)


@pytest.fixture
def cli(folder: Path, ready: Ready) -> Run:
    """``redactfuzz`` with these arguments in the folder."""
    return lambda *arguments, **environment: run_ready(ready, folder, *arguments, **environment)


@pytest.fixture
def run_pytest(folder: Path, ready_pytest: Ready) -> Run:
    """``pytest`` with these arguments in the folder."""
    return lambda *arguments, **environment: session_ready(ready_pytest, folder, *arguments, **environment)
