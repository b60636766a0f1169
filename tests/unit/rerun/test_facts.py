"""What the header of a certificate says of what was run, whoever wrote it."""

from __future__ import annotations

import hashlib
import platform
from pathlib import Path
from typing import Any

import pytest

from redactfuzz.check import Rejected
from redactfuzz.model.plan import Isolation
from redactfuzz.model.schedule import Granularity
from redactfuzz.rerun.facts import Facts

HERE = f"{platform.python_implementation()} {platform.python_version()}"
HEADER: dict[str, Any] = {
    "rfproof": 1,
    "scenario": "tests/s.py::fixed",
    "granularity": "switches",
    "interpreter": f"{HERE}, a compiler",
    "executions": "one after the other",
    "hash_seed": "0",
    "seed": 3,
    "focus": ["json"],
    "sources": {},
    "packages": {},
}
PROGRAM = {"sources": ["a.c"]}


def why(**changes: Any) -> str:
    """Why such a header is rejected."""
    try:
        Facts.of(HEADER | changes).same_tools("gcc 12")
    except Rejected as error:
        return str(error)
    return ""


def test_what_it_says_is_how_it_is_run() -> None:
    facts = Facts.of(HEADER)
    assert (facts.path, facts.name, facts.program) == ("tests/s.py", "fixed", {})
    options = facts.options
    assert (options.seed, options.granularity, options.isolation) == (3, Granularity.SWITCHES, Isolation.NONE)
    assert options.focus == ("json",)
    assert why() == ""


@pytest.mark.parametrize(
    ("said", "isolation"),
    [
        ("one after the other, after one that does not count", Isolation.WARM),
        ("each the first of a process", Isolation.PROCESS),
    ],
)
def test_executions_follow_one_another_as_they_did(said: str, isolation: Isolation) -> None:
    assert Facts.of(HEADER | {"executions": said}).options.isolation is isolation


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("scenario", value) for value in ("", "a.py", 1, None, [], "a\0.py::x")),
        *(("granularity", value) for value in ("", "lines", 0, None)),
        *(("seed", value) for value in (-1, 2**64, "0", None, True, 1.0)),
        *(("executions", value) for value in ("at once", 3, {})),
        *(("focus", value) for value in ("json", {}, [1])),
        *(("packages", value) for value in ([], "x")),
        *(("program", value) for value in (PROGRAM, [], "x", 1)),
        *(("build", value) for value in ([], None)),
        *(("interpreter", value) for value in (None, 1)),
        *(("hash_seed", value) for value in (0, "-1", str(2**32), "1" * 5000, "x")),
    ],
)
def test_what_says_something_else_is_rejected(name: str, value: Any) -> None:
    said = why(**{name: value})
    assert said.startswith("line 1: ")


def test_a_program_says_how_it_is_built_and_a_scenario_has_a_name() -> None:
    of_program = {"scenario": "a.c", "program": PROGRAM, "executions": "", "build": {"compiler": "gcc 12"}}
    assert why(**of_program) == ""
    assert "an earlier version wrote it" in why(**of_program | {"program": {}})


def test_another_interpreter_or_compiler_is_named() -> None:
    assert "it is of CPython 3.9.1, this is" in why(interpreter="CPython 3.9.1, gcc")
    assert f"it is of {HERE}, -OO, this is {HERE}: run it there" in why(interpreter=f"{HERE}, gcc, -OO")
    of_program = {"scenario": "a.c", "program": PROGRAM, "executions": "", "build": {"compiler": "gcc 11"}}
    assert "built by gcc 11, not by gcc 12" in why(**of_program)


def digest(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


def test_sources_are_those_of_the_hashes(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"x")
    here = {"scenario": "a.py::fixed"}
    same = Facts.of(HEADER | here | {"sources": {"a.py": digest(b"x")}})
    same.same_code(tmp_path, None)
    same.same_code(Path("/absent"), tmp_path / "a.py")
    for sources in ({"a.py": digest(b"y")}, {"a.py": digest(b"x"), "b.py": digest(b"x")}):
        with pytest.raises(Rejected, match="the code has changed since"):
            Facts.of(HEADER | here | {"sources": sources}).same_code(tmp_path, None)
    for sources in ({}, {"b.py": digest(b"x")}, {".": ""}):
        with pytest.raises(Rejected, match="no hash of it is there"):
            Facts.of(HEADER | here | {"sources": sources}).same_code(tmp_path, None)


def test_so_is_code_of_packages_and_no_name_leads_elsewhere(tmp_path: Path) -> None:
    file = Path(pytest.__file__)
    (tmp_path / "a.py").write_bytes(b"x")
    own = HEADER | {"scenario": "a.py::fixed", "sources": {"a.py": digest(b"x")}}
    Facts.of(own | {"packages": {"pytest/__init__.py": digest(file.read_bytes())}}).same_code(tmp_path, None)
    for name in ("pytest/__init__.py", "absent/x.py"):
        with pytest.raises(Rejected, match="the code has changed since"):
            Facts.of(own | {"packages": {name: digest(b"")}}).same_code(tmp_path, None)
    for name in ("/etc/passwd", "../x.py", "a\0b"):
        with pytest.raises(Rejected):
            Facts.of(own | {"packages": {name: ""}}).same_code(tmp_path, None)
