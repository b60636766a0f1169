"""What a certificate of a program says is what happens when its executions, and their like, are run again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest
from certifying import TARGETS, Certified, Line, certified, program
from trees import why_rejected

from redactfuzz.model.plan import Isolation
from redactfuzz.model.schedule import Granularity

pytestmark = pytest.mark.wide
"""Long: the whole of it is for `make wide`; CI has no room for it in its 30 minutes."""


def made(name: str, folder: Path) -> Certified:
    spec = program(TARGETS / "native" / name / "fixed.c")
    body = attrs.evolve(spec.body, second_crash=False)
    return certified(attrs.evolve(spec, body=body), folder / "p.gz", Granularity.INSTRUCTIONS, Isolation.AUTO)


@pytest.fixture(scope="module")
def aba(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Certified]:
    found = made("aba", tmp_path_factory.mktemp("aba"))
    yield found
    found.runner.session.runtime.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "name",
    ["split_write", "realloc_copy", pytest.param("flag_before_kind", marks=pytest.mark.wide)],
)
def test_leaves_and_linearisations_of_right_programs_are_alike(name: str, tmp_path: Path) -> None:
    done = made(name, tmp_path).again(12)
    assert (done.leaves, done.orders, done.parted) == (12, 12, 0), done.first
    assert done.moved > 3


def test_whose_stack_is_shared_does_not_follow_from_who_ran_before_the_crash(aba: Certified) -> None:
    """The frame of the handler was once taken for an address that whoever ran before the crash had told."""
    done = aba.again(60, seed=3)
    assert (done.leaves, done.orders, done.parted) == (60, 60, 0), done.first
    assert done.moved > 10


def test_a_renaming_that_is_consistent_is_rejected(aba: Certified) -> None:
    def renamed(lines: list[Line]) -> list[Line]:
        for line in lines:
            for words, at in [*((each, 0) for each in line.get("touched", [])), *((each, 4) for each in line["told"])]:
                if len(words) > at and 0 < words[at] < 2**31 and not (at and words[2] == 3):
                    words[at] += 1
        return lines

    file = aba.altered(renamed)
    assert why_rejected(file.read_bytes()) == ""
    said = aba.why(1, file)
    assert "executed again, is another one: " in said
    assert "step " in said


def test_the_tree_of_another_program_is_rejected(aba: Certified, tmp_path: Path) -> None:
    other = made("split_write", tmp_path).lines
    file = aba.altered(lambda _: other)
    assert why_rejected(file.read_bytes()) == ""
    assert "executed again, is another one: " in aba.why(1, file)
