"""How our extensions are built: they read bytes of strangers."""

from __future__ import annotations

import platform
import re
import subprocess
from importlib import import_module
from pathlib import Path

import pytest

from redactfuzz.native.compile.build import driver
from redactfuzz.native.compile.compiler import toolchain

ENDBR64 = b"\xf3\x0f\x1e\xfa"
"""What -fcf-protection puts where an indirect call may end."""


@pytest.mark.parametrize(
    ("name", "functions"),
    [("redactfuzz._core._engine", 50), ("redactfuzz.dumps._process", 15), ("redactfuzz.threads._hooks", 50)],
)
def test_an_extension_is_hardened(name: str, functions: int) -> None:
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
    if platform.machine() == "x86_64":
        assert Path(file).read_bytes().count(ENDBR64) > functions, "indirect calls end at functions alone"


def test_what_is_fortified_is_called() -> None:
    file = import_module("redactfuzz.threads._hooks").__file__
    symbols = subprocess.run(["readelf", "-W", "--dyn-syms", str(file)], capture_output=True, text=True, check=True)
    assert re.search(r"__\w+_chk@", symbols.stdout.replace("__stack_chk", ""))


def test_the_driver_of_programs_is_hardened_where_it_searches() -> None:
    file = driver(toolchain())

    def told(*what: str) -> str:
        return subprocess.run(["readelf", "-W", *what, file], capture_output=True, text=True, check=True).stdout

    assert "BIND_NOW" in told("-d")
    assert "PIE" in told("-d")
    assert "GNU_RELRO" in told("-l")
    assert "__stack_chk_fail" in told("--dyn-syms")
