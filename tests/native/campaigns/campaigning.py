"""Campaigns over a program that a test writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from redactfuzz import explore, native
from redactfuzz.model.finding import Report

SECONDS = 20.0


def scenario(text: str, **options: Any) -> Any:
    Path("rotate.c").write_text(text)
    given = {"seconds": SECONDS, "executions": 3_000, **options}
    return native.scenario(Path.cwd() / "rotate.c", **given)


def found(text: str, **options: Any) -> Report:
    return explore(scenario(text, **options))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path
