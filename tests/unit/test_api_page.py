"""docs/reference/api.md names each public name of the package and of its classes, and none that is not there."""

from __future__ import annotations

import ast
import enum
import inspect
import re
import textwrap
from pathlib import Path

import pytest

import redactfuzz
from redactfuzz import dumps, native

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "api.md").read_text("utf-8")
CLASSES = [name for name in redactfuzz.__all__ if inspect.isclass(getattr(redactfuzz, name))]
MODULES = {"redactfuzz": redactfuzz, "dumps": dumps, "native": native}


def named(section: str) -> list[str]:
    """The first column of the table of a section."""
    parts = dict(part.split("\n", 1) for part in re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:])
    return re.findall(r"^\| `(\w+)` \|", parts[section], re.MULTILINE)


def members(kind: type) -> set[str]:
    """Public names of a class and of the classes of ours that it builds on; what `__init__` sets is one as well."""
    found: set[str] = set()
    for each in (base for base in kind.__mro__ if base.__module__.startswith("redactfuzz.")):
        found.update(vars(each))
        own = vars(each).get("__init__")
        if own is not None and not hasattr(each, "__attrs_attrs__") and not issubclass(each, enum.Enum):
            for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(own)))):
                if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "self":
                    found.add(node.attr)
    return {name for name in found if not name.startswith("_")}


@pytest.mark.parametrize("section", MODULES)
def test_the_page_names_what_a_module_offers(section: str) -> None:
    assert sorted(named(section)) == sorted(MODULES[section].__all__)  # type: ignore[attr-defined]


@pytest.mark.parametrize("section", CLASSES)
def test_the_page_names_the_members_of_a_class(section: str) -> None:
    assert sorted(named(section)) == sorted(members(getattr(redactfuzz, section)))


def test_each_class_and_module_has_its_section_and_nothing_else_has() -> None:
    assert sorted(re.findall(r"^## (.+)$", PAGE, re.MULTILINE)) == sorted([*CLASSES, *MODULES])


def test_what_init_sets_is_a_member() -> None:
    assert members(redactfuzz.LeakFound) == {"report"}
    assert {"name", "text", "allow"} < members(redactfuzz.Canary)
    assert {"findings", "verdict"} < members(redactfuzz.Report)
