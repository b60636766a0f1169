"""What goes with the wheel, and for which interpreters it is."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from importlib.metadata import distribution, version
from pathlib import Path

from redactfuzz import __version__
from redactfuzz.supported import refusal

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def test_the_installed_package_has_a_bill_of_what_it_needs() -> None:
    (file,) = (each for each in distribution("redactfuzz").files or [] if each.name == "redactfuzz.cdx.json")
    assert file.parent.name == "sboms"
    bill = json.loads(Path(str(file.locate())).read_text("utf-8"))
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert bill["metadata"]["component"]["version"] == __version__ == version("redactfuzz")
    needed = {one["name"] for one in bill["components"] if one["scope"] == "required"}
    asked = {each.metadata["Name"].lower() for each in map(distribution, needed)}
    assert needed == asked == {re.split(r"[<>=!~ ]", each)[0].lower() for each in PROJECT["dependencies"]}
    assert all(one["purl"] == f"pkg:pypi/{one['name']}" for one in bill["components"])


def test_the_version_is_written_in_one_place() -> None:
    assert "version" not in PROJECT
    assert PROJECT["dynamic"] == ["version"]
    files = subprocess.run(["git", "grep", "-lF", f'"{__version__}"', "--", "*.toml", "*.cmake", "redactfuzz", "ci"],
                           cwd=ROOT, capture_output=True, text=True, check=False)  # fmt: skip
    assert files.stdout.split() in ([], ["redactfuzz/__init__.py"])


def test_an_interpreter_that_nobody_has_tried_is_refused_at_installation_at_compilation_and_at_import() -> None:
    low, *left_out, high = re.findall(r"3\.([0-9.]+)", PROJECT["requires-python"])
    assert PROJECT["requires-python"].startswith(f">=3.{low},")
    assert PROJECT["requires-python"].endswith(f",<3.{high}")
    source = (ROOT / "redactfuzz" / "threads" / "hooks" / "trace" / "source.h").read_text("utf-8")
    compiled = re.search(r"PY_VERSION_HEX < 0x03(..)0000 \|\| PY_VERSION_HEX >= 0x03(..)0000", source)
    assert compiled is not None
    assert [int(each, 16) for each in compiled.groups()] == [int(low), int(high)]
    made = (ROOT / "Makefile").read_text("utf-8")
    assert f"(3, {low}) <= sys.version_info < (3, {high})" in made
    supported = {f"Programming Language :: Python :: 3.{minor}" for minor in range(int(low), int(high))}
    assert {each for each in PROJECT["classifiers"] if "Python :: 3." in each} == supported
    for minor in range(int(low) - 1, int(high) + 1):
        refused = bool(refusal("cpython", (3, minor, 9), ""))
        assert refused == (minor not in range(int(low), int(high)))
    early = re.search(r"PY_VERSION_HEX >= 0x03(..)0000 && PY_VERSION_HEX < 0x03(..)(..)00", source)
    assert early is not None
    minor, again, patch = (int(each, 16) for each in early.groups())
    assert minor == again
    assert left_out == [f"{minor}.{each}" for each in range(patch)]
    assert [bool(refusal("cpython", (3, minor, each), "")) for each in range(patch + 2)] == [True] * patch + [False] * 2


def test_a_build_without_the_interpreter_lock_is_refused_and_told_what_to_use() -> None:
    told = refusal("cpython", (3, 14, 9), "t")
    assert "free-threaded build of cpython 3.14.9: use the other one (python3.14, not python3.14t)" in told
    source = (ROOT / "redactfuzz" / "threads" / "hooks" / "trace" / "source.h").read_text("utf-8")
    assert "#ifdef Py_GIL_DISABLED\n#error" in source
    assert "CPython" in refusal("pypy", (3, 11, 0), "")


def test_an_interpreter_that_is_refused_is_refused_when_the_package_is_imported() -> None:
    code = "import sys; sys.abiflags = 't'; import redactfuzz"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("ImportError: redactfuzz needs the interpreter lock")
