"""A source line is shown as it stands, unless a secret may be made of what stands in its file."""

from __future__ import annotations

from pathlib import Path

import pytest

from redactfuzz.model.canary import literal, mint
from redactfuzz.model.outcome import BugKind
from redactfuzz.model.schedule import Site
from redactfuzz.threads.explain import masking
from redactfuzz.threads.explain.sites import Place

NESTED = 'key = literal(f"""hun{len(f"ter{2}")}\n{str("two")} # three""" + str(33))\n'
TORN = 'key = literal("""hunter\ntwo""" + str(33))\n'
LINES = 'first = "hunter"\nsecond = chr(90) + f"{first} and more"\ncount = first.upper()\n'


def shown(file: Path, line: int) -> str:
    return Place(Site("m", "f", "+1:0"), str(file), line, "f").source


@pytest.mark.parametrize(
    ("line", "source"),
    [(1, "first = …"), (2, "second = chr(…) + …"), (3, "count = first.upper()")],
)
def test_texts_and_numbers_of_a_file_that_plants_a_literal_are_not_shown(
    line: int, source: str, tmp_path: Path
) -> None:
    file = tmp_path / "plants.py"
    file.write_text(LINES + "key = literal(first + second)\n", "utf-8")
    assert shown(file, line) == source


@pytest.mark.parametrize(("line", "source"), [(1, "key = literal(…"), (2, "… + str(…))")])
def test_nor_is_a_text_of_several_lines(line: int, source: str, tmp_path: Path) -> None:
    file = tmp_path / "plants.py"
    file.write_text(TORN, "utf-8")
    assert shown(file, line) == source


@pytest.mark.parametrize(("line", "source"), [(1, "key = literal(…"), (2, "… + str(…))")])
def test_nor_are_the_texts_within_a_text(line: int, source: str, tmp_path: Path) -> None:
    file = tmp_path / "plants.py"
    file.write_text(NESTED, "utf-8")
    assert shown(file, line) == source


def test_of_a_file_that_is_no_python_nothing_is_shown(tmp_path: Path) -> None:
    file = tmp_path / "plants.py"
    file.write_text(TORN + '"""\n', "utf-8")
    assert shown(file, 1) == "…"


@pytest.mark.parametrize("line", [1, 2, 3])
def test_the_lines_of_any_other_file_are_shown_as_they_stand(line: int, tmp_path: Path) -> None:
    file = tmp_path / "plain.py"
    file.write_text(LINES, "utf-8")
    assert shown(file, line) == LINES.splitlines()[line - 1]


@pytest.mark.parametrize(("line", "source"), [(1, "first = …"), (2, "second = chr(…) + …")])
def test_once_one_was_planted_under_another_name_no_file_shows_any(line: int, source: str, tmp_path: Path) -> None:
    file = tmp_path / "settings.py"
    file.write_text(LINES, "utf-8")
    planted()
    assert shown(file, line) == source


def test_nor_does_a_traceback(tmp_path: Path) -> None:
    file = tmp_path / "settings.py"
    file.write_text('if "hunter" "-and-more": raise ValueError\n', "utf-8")
    planted()
    try:
        exec(compile(file.read_text(), str(file), "exec"), {})
    except ValueError as error:
        bug = masking.raised(BugKind.EXCEPTION, "t", error)
    assert "if … …: raise ValueError" in bug.detail
    assert "hunter" not in bug.detail


def planted() -> None:
    mint(1, "key", literal("hunter-Correct-Horse-47"), 1)
