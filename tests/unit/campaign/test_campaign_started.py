"""The words that start a command again are those of the user's shell."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from redactfuzz.campaign.session.started import command, python

BESIDE = Path(sys.executable).parent


@pytest.fixture(autouse=True)
def shell(monkeypatch: pytest.MonkeyPatch) -> None:
    """One whose PATH begins with the folder of this Python."""
    for name in ("UV_RUN_RECURSION_DEPTH", "TOX_ENV_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", f"{BESIDE}{os.pathsep}/usr/bin")


def test_a_command_that_the_shell_finds_has_its_name() -> None:
    assert command("pytest") == "pytest"


def test_below_uv_run_it_is_started_by_that(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_RUN_RECURSION_DEPTH", "1")
    assert command("pytest") == "uv run pytest"
    assert python() not in ("python", "python3")


def test_below_tox_it_has_its_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOX_ENV_NAME", "py311")
    assert command("pytest").endswith("/pytest")
