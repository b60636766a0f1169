"""What goes with the wheel, and for which interpreters it is."""

from __future__ import annotations

import json
import re
import tomllib
from importlib.metadata import distribution
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def test_the_installed_package_has_a_bill_of_what_it_needs() -> None:
    (file,) = (each for each in distribution("redactfuzz").files or [] if each.name == "redactfuzz.cdx.json")
    assert file.parent.name == "sboms"
    bill = json.loads(Path(str(file.locate())).read_text("utf-8"))
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert bill["metadata"]["component"]["version"] == PROJECT["version"]
    needed = {one["name"] for one in bill["components"] if one["scope"] == "required"}
    asked = {each.metadata["Name"].lower() for each in map(distribution, needed)}
    assert needed == asked == {re.split(r"[<>=!~ ]", each)[0].lower() for each in PROJECT["dependencies"]}
    assert all(one["purl"] == f"pkg:pypi/{one['name']}" for one in bill["components"])


def test_an_interpreter_that_nobody_has_tried_is_refused_at_installation_and_at_compilation() -> None:
    low, high = re.fullmatch(r">=3\.(\d+),<3\.(\d+)", PROJECT["requires-python"]).groups()  # type: ignore[union-attr]
    source = (ROOT / "redactfuzz" / "threads" / "source.h").read_text("utf-8")
    compiled = re.search(r"PY_VERSION_HEX < 0x03(..)0000 \|\| PY_VERSION_HEX >= 0x03(..)0000", source)
    assert compiled is not None
    assert [int(each, 16) for each in compiled.groups()] == [int(low), int(high)]
    made = (ROOT / "Makefile").read_text("utf-8")
    assert f"(3, {low}) <= sys.version_info < (3, {high})" in made
