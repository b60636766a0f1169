"""The gate between a hostile writer and a reader, killed again and again, as ``ci/chain/gate_page.py`` does it."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT / "ci" / "bench"))
from shared.gate_trial import Trial  # noqa: E402
from shared.hostile_dumps import Account, account  # noqa: E402

pytestmark = pytest.mark.once


def test_nothing_is_released_unscanned_lost_or_released_twice(tmp_path: Path) -> None:
    trial = Trial.in_folder(tmp_path / "trial", 3)
    told = trial.run(dumps=40, kills=4, seconds=6.0)
    assert told.good, told
    assert told.written >= 40
    assert told.released >= 5
    assert told.quarantined >= 5
    assert sum(trial.stages.values()) == 4


@pytest.mark.parametrize(
    ("released", "quarantined", "taken", "wrong"),
    [
        ({"a": True}, ["b"], ["a"], (0, 0, 0)),
        ({"a": True, "b": True}, [], ["a", "b"], (1, 0, 0)),
        ({"a": False}, ["b"], ["a"], (1, 0, 0)),
        ({"a": True, "x": True}, ["b"], ["a", "x"], (1, 0, 0)),
        ({"a": True}, [], ["a"], (0, 1, 0)),
        ({"a": True}, ["b"], ["a", "a"], (0, 0, 1)),
        ({"a": True}, ["b", "a"], ["a"], (0, 0, 1)),
    ],
)
def test_the_account_sees_what_is_wrong(
    tmp_path: Path, released: dict[str, bool], quarantined: list[str], taken: list[str], wrong: tuple[int, int, int]
) -> None:
    (tmp_path / "ledger").write_text('["a", false, true]\n["b", true, true]\n["c", false, false]\n')
    told: Account = account(tmp_path / "ledger", released, Counter(quarantined), Counter(taken))
    assert (told.unscanned, told.lost, told.twice) == wrong
