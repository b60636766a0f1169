"""How many executions more a campaign asks what they cover."""

from __future__ import annotations

import itertools
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from redactfuzz.campaign.corpus.seeds import EACH, Seeds


def kept(folder: Path, *, counted: bool, second: float) -> Seeds:
    """Those of a campaign of ten seconds and 400 executions, in which each look at the clock takes so long."""
    now = itertools.count()
    candidates = [SimpleNamespace(stage=SimpleNamespace(cold=False), schedule=None, seed=0, number=0)] * 100
    session: Any = SimpleNamespace(
        limits=SimpleNamespace(corpus=folder, counted=counted),
        interrupted=False,
        seconds=10.0,
        clock=lambda: second * next(now),
        once=lambda *_, **__: None,
    )
    found: Any = SimpleNamespace(
        leaks=[], bug=None, executions=10 * EACH, unlike=SimpleNamespace(candidates=candidates)
    )
    seeds = Seeds(session, found)
    seeds.keep()
    return seeds


@pytest.mark.parametrize("second", [0.001, 3.0])
def test_where_executions_were_asked_for_the_speed_of_the_machine_does_not_count(tmp_path: Path, second: float) -> None:
    assert kept(tmp_path, counted=True, second=second).asked == 10


def test_where_they_were_not_it_takes_a_twentieth_of_the_time(tmp_path: Path) -> None:
    assert kept(tmp_path, counted=False, second=0.001).asked == 10
    assert kept(tmp_path, counted=False, second=0.1).asked == 5
    assert kept(tmp_path, counted=False, second=3.0).asked == 0
