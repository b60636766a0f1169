"""An execution that meets the step limit, and in which no loop spins, is long."""

from __future__ import annotations

from redactfuzz.threads.explain.loops import long_way


def test_a_long_way_is_no_pass() -> None:
    assert long_way(200_000).fatal
