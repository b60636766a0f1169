"""How our extensions are built: they read bytes of strangers."""

from __future__ import annotations

import subprocess
from importlib import import_module

import pytest


@pytest.mark.parametrize("name", ["redactfuzz._core._engine", "redactfuzz.threads._hooks"])
def test_an_extension_is_hardened(name: str) -> None:
    file = import_module(name).__file__
    assert file is not None

    def told(*what: str) -> str:
        return subprocess.run(["readelf", "-W", *what, file], capture_output=True, text=True, check=True).stdout

    dynamic, segments, symbols = told("-d"), told("-l"), told("--dyn-syms")
    assert "BIND_NOW" in dynamic or "NOW" in dynamic
    assert "GNU_RELRO" in segments
    (stack,) = (line for line in segments.splitlines() if "GNU_STACK" in line)
    assert "RWE" not in stack
    assert "__stack_chk_fail" in symbols
