"""Our C is compiled with strict warnings, which are errors for us and never for a user."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from redactfuzz.native.compile import build, compiler
from redactfuzz.native.compile.compiler import Toolchain

CMAKE = (Path(__file__).parents[2] / "CMakeLists.txt").read_text("utf-8")


def test_the_driver_and_the_extensions_have_the_same_warnings() -> None:
    listed = re.search(r"^set\(STRICT (.*)\)$", CMAKE, re.MULTILINE)
    assert listed is not None
    assert tuple(listed[1].split()) == build._STRICT
    assert CMAKE.count("${STRICT}") == 3, "core, dumps and hooks"


@pytest.mark.parametrize(("asked", "errors"), [("", False), ("1", True)])
def test_warnings_are_errors_only_where_it_is_asked_for(
    asked: str, errors: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    flags: list[str] = []
    monkeypatch.setenv("REDACTFUZZ_WERROR", asked)
    monkeypatch.setattr(compiler, "_version", lambda command: "gcc 12")
    monkeypatch.setattr(build, "ran", lambda command, _: flags.extend(map(str, command)))
    tools = Toolchain(("gcc",), ("g++",), "objcopy", "nm", "objdump")
    build.driver_objects(tools, [build.RUNTIME / "driver" / "driver.c"], (), tmp_path)
    assert set(build._STRICT) <= set(flags)
    assert ("-Werror" in flags) == errors


def test_a_wheel_of_a_user_is_built_with_warnings_only() -> None:
    assert re.search(r'^option\(REDACTFUZZ_WERROR ".*" OFF\)$', CMAKE, re.MULTILINE)
