"""Questions about stretches that overlap have the answers that asking each of them gives."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from redactfuzz.scan.overlaps import MaxTree, Stretches

places = st.integers(0, 30)
stretch = st.builds(lambda start, size, value: (start, start + size, float(value)), places, st.integers(1, 12), places)
stretches = st.lists(stretch, max_size=20)


@settings(max_examples=200, deadline=None)
@given(st.lists(places, max_size=20), st.integers(-1, 19), places)
def test_the_last_large_enough_value_is_found(values: list[int], index: int, least: int) -> None:
    index = min(index, len(values) - 1)
    right = max((at for at in range(index + 1) if values[at] >= least), default=-1)
    assert MaxTree(values).last(index, least) == right


@settings(max_examples=200, deadline=None)
@given(stretches, places)
def test_all_stretches_around_a_place_are_found_the_innermost_first(
    given_: list[tuple[int, int, float]], at: int
) -> None:
    ordered = sorted(given_, key=lambda one: (one[0], -one[1]))
    found = [ordered[number] for number in Stretches(given_).around(at)]
    assert found == [one for one in reversed(ordered) if one[0] <= at < one[1]]


@settings(max_examples=300, deadline=None)
@given(stretches, places, st.integers(1, 12), st.integers(1, 12))
def test_an_overlap_of_so_many_bytes_is_found(
    given_: list[tuple[int, int, float]], start: int, size: int, least: int
) -> None:
    end = start + size
    right = any(min(other, end) - max(at, start) >= least for at, other, _ in given_)
    assert Stretches(given_).covers(start, end, least) == right


@settings(max_examples=300, deadline=None)
@given(stretches, places, st.integers(1, 12), places)
def test_one_that_is_as_good_is_found(given_: list[tuple[int, int, float]], start: int, size: int, value: int) -> None:
    end = start + size
    right = any(at < end and other > start and worth >= value for at, other, worth in given_)
    assert Stretches(given_).as_good(start, end, value, len(given_)) == right
