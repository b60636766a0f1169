"""Several threads search one dump: each matcher is planted once, by one of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import pytest

from redactfuzz.model.canary import Canary, mint, rsa, token
from redactfuzz.scan import matcher_set as module
from redactfuzz.scan.matcher import Matcher, Planted
from redactfuzz.scan.matcher_set import MatcherSet

THREADS = 3
WAITS = 20.0
"""Seconds, at most, for threads that are all at work."""


class Plantings:
    """How often a matcher is planted, and by several threads at once. Each is held up until others had their chance."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        self.together = 0
        self._at_work: set[Matcher] = set()
        self._plant = Matcher.plant
        monkeypatch.setattr(Matcher, "plant", lambda matcher, planted: self._slowly(matcher, planted))

    def _slowly(self, matcher: Matcher, planted: Sequence[Planted]) -> None:
        self.count += 1
        self.together += matcher in self._at_work
        self._at_work.add(matcher)
        threading.Event().wait(0.2)
        self._plant(matcher, planted)
        self._at_work.discard(matcher)


def found_by_each(search: Callable[[], int]) -> list[int]:
    found: list[int] = []
    begin = threading.Barrier(THREADS)

    def searches() -> None:
        begin.wait(WAITS)
        found.append(search())

    threads = [threading.Thread(target=searches, daemon=True) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAITS)
    assert not any(thread.is_alive() for thread in threads)
    return found


def planted(*canaries: Canary) -> MatcherSet:
    matcher_set = MatcherSet()
    matcher_set.plant(canaries, [])
    return matcher_set


def test_who_comes_while_a_matcher_of_images_is_planted_waits_and_finds_as_much(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else one of them searches an index that the other one takes to pieces, and finds nothing, or never ends."""
    key = mint(11, "key", token(), 1)
    matcher_set, data = planted(key), b"-" * 100 + key.bytes + b"-" * 100
    alone = len(planted(key).scan(data, 0, len(data)))
    assert alone
    plantings = Plantings(monkeypatch)
    assert found_by_each(lambda: len(matcher_set.scan(data, 0, len(data)))) == [alone] * THREADS
    assert (plantings.count, plantings.together) == (1, 0)


def test_who_comes_while_a_matcher_of_texts_is_planted_waits_and_finds_as_much(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key = mint(11, "key", token(), 2)
    matcher_set, text = planted(key), f"key = {key.text}"
    plantings = Plantings(monkeypatch)
    assert found_by_each(lambda: matcher_set.holds(text)) == [True] * THREADS
    assert (plantings.count, plantings.together) == (1, 0)


def test_at_which_offsets_data_is_read_goes_by_all_that_follows_from_a_canary_from_the_first_scan_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The shortest of what follows from an RSA key has eight bytes, the key itself has hundreds."""
    asked: list[int] = []
    stride = module.stride
    monkeypatch.setattr(module, "stride", lambda size, shortest: asked.append(shortest) or stride(size, shortest))
    matcher_set = planted(mint(11, "signer", rsa(1024), 1))
    for _ in range(2):
        matcher_set.scan(bytes(100), 0, 100)
    assert asked == [8, 8]
