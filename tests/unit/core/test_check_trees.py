"""``redactfuzz check`` accepts what the reduction has explored, and rejects it when anything of it is missing.

The trees are those of random programs (``soundness.c``). With rules of the reduction taken away: ``test_dpor.py``.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from damages import DAMAGES, Damage
from reduced import AIMING, linked, objects
from trees import Tree, certificate, rejected, trees, why_rejected

pytestmark = pytest.mark.once

PROGRAMS = 300


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return linked(objects().values(), tmp_path_factory.mktemp("program"))


@pytest.fixture(scope="module")
def all_trees(program: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Tree]:
    found = trees(program, 0, PROGRAMS, tmp_path_factory.mktemp("trees"))
    return [tree for tree in found if len(tree.lines) > 1]


@pytest.fixture(scope="module")
def small(all_trees: list[Tree]) -> list[Tree]:
    """Searches that came to their end, of some executions."""
    return [tree for tree in all_trees if tree.whole and 3 <= tree.executions <= 150]


def test_every_search_that_came_to_its_end_is_accepted_and_no_other(all_trees: list[Tree]) -> None:
    whole = [tree for tree in all_trees if tree.whole]
    assert len(whole) > 8 * PROGRAMS // 10
    assert all(tree.right for tree in whole)
    assert [(tree.number, rejected(tree)) for tree in whole if rejected(tree)] == []
    parts = [tree for tree in all_trees if not tree.whole]
    assert len(parts) > 10
    assert all(rejected(tree) for tree in parts)  # though they say that they are whole


def test_trees_that_go_on_behind_the_end_of_the_process_are_accepted(program: Path, tmp_path: Path) -> None:
    whole = [tree for tree in trees(program, AIMING, 60, tmp_path) if len(tree.lines) > 1 and tree.whole]
    assert len(whole) > 40
    assert all(tree.right for tree in whole)
    assert [(tree.number, rejected(tree)) for tree in whole if rejected(tree)] == []


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_tree_is_rejected_though_its_trailer_fits(damage: Damage, small: list[Tree]) -> None:
    chance = random.Random(7)
    damaged = [(tree, lines) for tree in small for _ in range(2) for lines in damage(tree, chance)]
    assert len(damaged) > 80
    accepted = [tree.number for tree, lines in damaged if not why_rejected(certificate(lines))]
    assert accepted == []


def test_a_trailer_that_does_not_fit_is_rejected(small: list[Tree]) -> None:
    ends = {"sha256": "0" * 64, "lines": 1, "executions": 1, "repeated": 1_000, "exhausted": False, "cut": True}
    said = [why_rejected(certificate(tree.lines, **{name: ends[name]})) for name in ends for tree in small[:10]]
    assert len(said) == 60
    assert all(said)
