"""What a fixture puts around scenarios stays around those that a plain test calls, under our own plugin."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from redactfuzz.campaign.face.scenario import Ambient, ambient, surrounded
from redactfuzz.campaign.session.spec import Options


@pytest.fixture(autouse=True)
def nine() -> Iterator[None]:
    with surrounded(Ambient(Options(executions=9))):
        yield


def test_the_plugin_adds_the_name_of_the_test_and_takes_nothing_away() -> None:
    assert ambient().options.executions == 9
    assert ambient().item.endswith("::test_the_plugin_adds_the_name_of_the_test_and_takes_nothing_away")
