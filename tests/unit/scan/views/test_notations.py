"""What is written in another notation is found in a log and in memory alike, and what only looks like it is not."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
sys.path.insert(0, str(ROOT / "ci" / "bench"))
from shared.attack import adjacent, canary_notations, key_notations  # noqa: E402
from shared.attack.cases import FOUND, Case, Section  # noqa: E402

pytestmark = pytest.mark.once


def rows(section: Section) -> Sequence[object]:
    """One carrier for each notation, in turn: the page has them all."""
    chosen = []
    for number, (name, carriers) in enumerate(section.cases().items()):
        case = list(carriers.values())[number % len(carriers)]
        chosen.append(pytest.param(case, id=name.replace(" ", "-")))
    return chosen


def cell(section: Section, name: str, carrier: str) -> Case:
    cases: Mapping[str, Mapping[str, Case]] = section.cases()
    return cases[name][carrier]


@pytest.mark.parametrize("case", rows(canary_notations.SECTION))
def test_what_is_written_of_a_canary_is_found_and_of_another_execution_is_not(case: Case) -> None:
    assert case.outcome() == FOUND
    assert case.near_miss() == "CLEAN"


@pytest.mark.parametrize("case", rows(key_notations.SECTION))
def test_what_is_written_of_a_private_key_is_found_and_of_its_public_key_is_not(case: Case) -> None:
    assert case.outcome() == FOUND
    assert case.near_miss() == "CLEAN"


@pytest.mark.parametrize("case", rows(adjacent.SECTION))
def test_a_key_across_adjacent_ranges_is_found_and_of_ranges_that_are_apart_is_not(case: Case) -> None:
    assert case.outcome() == FOUND
    # Where a PEM begins that is not put together, that is said.
    assert case.near_miss() in ("CLEAN", "INCOMPLETE")


def test_the_tables_have_more_than_two_hundred_notations() -> None:
    assert sum(len(one.SECTION.cases()) for one in (canary_notations, key_notations, adjacent)) > 200


@pytest.mark.parametrize(
    ("name", "carrier"),
    [
        ("token: numbers, one a line", "in memory"),
        ("token: xxd", "in a log with one NUL"),
        ("raw: base64 in utf-16-le", "in memory"),
        ("token: \\u escapes in JSON", "in memory"),
    ],
)
def test_what_a_text_shows_an_image_shows(name: str, carrier: str) -> None:
    assert cell(canary_notations.SECTION, name, carrier).outcome() == FOUND
