"""Several threads search one dump: each matcher is planted once, by one of them."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import pytest

from redactfuzz.dumps.readers import parallel
from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.canary import Canary, mint, rsa, token
from redactfuzz.scan import matcher_set as module
from redactfuzz.scan import survey
from redactfuzz.scan.matcher import Hit, Matcher, Planted
from redactfuzz.scan.matcher_set import MatcherSet

SIZE = 3 << 20


def planted(*canaries: Canary) -> MatcherSet:
    matcher_set = MatcherSet(thorough=True)
    matcher_set.plant(canaries, [])
    return matcher_set


def image(key: Canary) -> Image:
    """In which there is something for each search: slots of eight bytes, text that spells more, and the key in all."""
    slots = b"".join(bytes([letter]) + bytes(7) for letter in key.bytes)
    text = b"key = " + key.bytes.hex().encode() + b"\n"
    return Image("core", b"\x7fELF" + bytes(SIZE // 2) + slots + bytes(64) + text + bytes(SIZE // 2))


def test_matchers_are_planted_once_and_before_several_threads_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else one thread searches an index that another one takes to pieces, and finds nothing, or never ends."""
    planting, searching, plant, scan = list[int](), set[int](), Matcher.plant, Matcher.scan

    def slowly(matcher: Matcher, sources: Sequence[Planted]) -> None:
        assert not searching
        planting.append(threading.get_ident())
        threading.Event().wait(0.2)  # so long others have a chance to come in between
        plant(matcher, sources)

    def noted(matcher: Matcher, *what: Any) -> list[Hit]:
        searching.add(threading.get_ident())
        return scan(matcher, *what)

    monkeypatch.setattr(Matcher, "plant", slowly)
    monkeypatch.setattr(Matcher, "scan", noted)
    monkeypatch.setattr(survey, "LARGE", SIZE - 1)
    monkeypatch.setattr(survey, "_RANGE", SIZE // 4)
    monkeypatch.setattr(parallel.os, "sched_getaffinity", lambda _: {0, 1})
    key = mint(11, "key", token(), 1)
    found = survey.survey(image(key), planted(key)).found
    assert {one.sighting.encoding for one in found} > {"hex"}
    assert planting == [threading.get_ident()] * 2
    assert len(searching) > 1


def test_a_small_image_is_searched_by_one_thread_that_plants_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    searching, scan = set[int](), Matcher.scan

    def noted(matcher: Matcher, *what: Any) -> list[Hit]:
        searching.add(threading.get_ident())
        return scan(matcher, *what)

    monkeypatch.setattr(Matcher, "scan", noted)
    key = mint(11, "key", token(), 1)
    assert survey.survey(image(key), planted(key)).found
    assert searching == {threading.get_ident()}


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
