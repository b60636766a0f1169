"""Names of strategies that can be asked for."""

from __future__ import annotations

import pytest

from redactfuzz.campaign.session.spec import OptionError, Options, Settings, resolve
from redactfuzz.schedule.portfolio import STRATEGIES, main


def test_a_replay_is_no_strategy_to_search_with() -> None:
    assert "replay" not in STRATEGIES
    with pytest.raises(ValueError, match="choose one of"):
        main("replay")
    for options, settings in (
        (Options(strategy="replay"), Settings()),
        (Options(), Settings(strategy="replay")),
    ):
        with pytest.raises(OptionError, match="no strategy is called 'replay'"):
            resolve(options, settings)
