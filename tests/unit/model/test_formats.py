"""docs/reference/formats.md says which version of redactfuzz writes which format of each file."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

import redactfuzz

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "formats.md"
PACKAGE = Path(redactfuzz.__file__).parent
ROW = re.compile(r"^\|[^|]*\| *(?:`([\w.]+)`)? *\| *(\d+) *\| *(\d+\.\d+\.\d+) *\|", re.MULTILINE)
DEFINITION = re.compile(r"^(?:FORMAT|VERSION|FORMAT, VERSION) = .*\b\d+\"?$", re.MULTILINE)
EXEMPT = "0.1.0"
"""The builds of this version wrote several formats of repro files."""


def versions() -> dict[str, list[tuple[int, str]]]:
    """Each constant of the table, with its formats and the versions that wrote them first; the newest comes first."""
    rows: dict[str, list[tuple[int, str]]] = {}
    constant = ""
    for named, number, since in ROW.findall(PAGE.read_text("utf-8")):
        constant = named or constant
        rows.setdefault(constant, []).append((int(number), since))
    return rows


def release(version: str) -> tuple[int, ...]:
    """A version as numbers that can be compared."""
    return tuple(int(part) for part in version.split("."))


@pytest.mark.parametrize(("constant", "rows"), versions().items())
def test_the_table_names_the_format_that_is_written(constant: str, rows: list[tuple[int, str]]) -> None:
    module, name = constant.rsplit(".", 1)
    written = getattr(importlib.import_module(f"redactfuzz.{module}"), name)
    assert str(written).split()[-1] == str(rows[0][0])


def test_no_format_is_missing_from_the_table() -> None:
    defined = {
        ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        for path in PACKAGE.rglob("*.py")
        if DEFINITION.search(path.read_text("utf-8"))
    }
    assert defined == {constant.rsplit(".", 1)[0] for constant in versions()}


@pytest.mark.parametrize("rows", versions().values(), ids=versions())
def test_a_new_format_comes_with_a_new_version(rows: list[tuple[int, str]]) -> None:
    assert [number for number, _ in rows] == sorted((number for number, _ in rows), reverse=True)
    wrote = [release(since) for _, since in rows if since != EXEMPT]
    assert wrote == sorted(set(wrote), reverse=True)
    assert max(release(since) for _, since in rows) <= release(redactfuzz.__version__)
