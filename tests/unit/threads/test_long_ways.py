"""An execution that meets the step limit goes round in a loop, or gets on."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from redactfuzz.threads.loops import gets_on, long_way


def trace(sites: Any) -> Any:
    return [SimpleNamespace(thread=1, site=site) for site in sites]


def test_who_comes_to_new_places_gets_on() -> None:
    assert gets_on(trace(range(20_000)))


def test_who_comes_to_the_old_places_goes_round() -> None:
    assert not gets_on(trace(list(range(1_000)) * 20))


def test_a_loop_after_a_long_way_goes_round() -> None:
    assert not gets_on(trace([*range(10_000), *list(range(50)) * 200]))


def test_a_long_way_is_no_pass() -> None:
    assert long_way(200_000).fatal
