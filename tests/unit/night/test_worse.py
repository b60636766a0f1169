"""A finding that gives away more than before is told anew, and a suppression of what it was does not hide it."""

from __future__ import annotations

from pathlib import Path

import attrs
from night_samples import finding, night, touched

from redactfuzz.campaign.explain import causes
from redactfuzz.model.events import ReplayResult
from redactfuzz.model.finding import Finding
from redactfuzz.model.night import FindingMet, Life
from redactfuzz.night.known import Known, given_away, is_worse, judged


def gives(bits: float, *, part: str = "whole", **fields: str) -> Finding:
    """A leak of so much."""
    found = finding(**fields)  # type: ignore[arg-type]
    leak = attrs.evolve(found.leaks[0], recovered=bits, entropy=256.0, part=part)
    return attrs.evolve(found, leaks=(leak,), cause=f"{bits:g} bits")


PART, WHOLE = gives(96.0, part="tail"), gives(256.0)


def test_the_whole_in_place_of_a_part_and_more_bits_are_worse_and_nothing_else() -> None:
    assert is_worse(WHOLE, given_away(PART))
    assert is_worse(gives(128.0, part="tail"), given_away(PART))
    assert not is_worse(PART, given_away(WHOLE))
    assert not is_worse(gives(96.2, part="tail"), given_away(PART))
    assert not is_worse(WHOLE, given_away(WHOLE))


def test_another_secret_in_the_same_dump_is_worse_however_it_is_called() -> None:
    """One key stands for both, and a suppression of it was made for one of them."""
    other = attrs.evolve(WHOLE.leaks[0], canary="signing key")
    both = attrs.evolve(PART, leaks=(*PART.leaks, other))
    assert causes.key("a.py::a", both) == causes.key("a.py::a", PART)
    assert is_worse(both, given_away(PART))
    assert not is_worse(PART, given_away(both))
    assert not is_worse(both, given_away(both))
    assert is_worse(attrs.evolve(WHOLE, leaks=(*WHOLE.leaks, other)), given_away(both))


def test_the_same_secret_in_another_dump_as_well_is_worse() -> None:
    beside = attrs.evolve(PART, leaks=(*PART.leaks, attrs.evolve(PART.leaks[0], dump="stdout")))
    assert causes.key("a.py::a", beside) == causes.key("a.py::a", PART)
    assert is_worse(beside, given_away(PART))
    assert not is_worse(PART, given_away(beside))


def test_of_one_secret_more_and_of_another_less_is_worse_and_two_that_take_turns_become_so_once_each() -> None:
    other = attrs.evolve(WHOLE.leaks[0], canary="signing key")
    less = attrs.evolve(other, part="tail", recovered=8.0)
    one, two = attrs.evolve(WHOLE, leaks=(*WHOLE.leaks, less)), attrs.evolve(PART, leaks=(*PART.leaks, other))
    known = Known("k", "a.py::a", one, Life.KNOWN)
    counts = []
    for found in (two, one, two, one):
        known.life_if_found(found)
        known.keep(found)
        counts.append(known.worse)
    assert counts == [1, 1, 1, 1]
    met = [FindingMet("k", "a.py::a", 1, Life.KNOWN, each, worse=1) for each in (one, two)]
    (read,) = judged([night(*met)], ())
    assert not is_worse(one, read.given)
    assert not is_worse(two, read.given)


def test_a_search_that_meets_more_of_a_known_one_makes_it_move_and_keeps_the_new_words(tmp_path: Path) -> None:
    before = gives(96.0, part="tail", repro=touched(tmp_path))
    known = Known("k", "a.py::a", before, Life.KNOWN)
    assert known.life_if_found(WHOLE) is Life.MOVED
    assert known.keep(WHOLE) == WHOLE
    assert known.worse == 1
    same = Known("k", "a.py::a", before, Life.KNOWN)
    assert same.life_if_found(PART) is Life.KNOWN
    assert same.keep(PART) == before
    assert same.worse == 0


def test_one_that_was_fixed_and_comes_back_worse_has_regressed() -> None:
    assert Known("k", "a.py::a", PART, Life.FIXED).life_if_found(WHOLE) is Life.REGRESSED


def test_a_replay_that_shows_more_says_so_and_a_pass_of_the_search_does_not_make_it_fixed(
    tmp_path: Path,
) -> None:
    known = Known("k", "a.py::a", gives(96.0, part="tail", repro=touched(tmp_path)), Life.KNOWN)
    met = known.met([ReplayResult.REPRODUCED] * 3, found=[WHOLE])
    assert (met.life, met.worse, met.again) == (Life.MOVED, 1, 3)
    assert met.finding.leaks == WHOLE.leaks
    assert "96" not in met.finding.cause
    assert not known.doubtful
    (read,) = judged([], [met])
    assert not read.doubtful
    assert read.worse == 1
    assert Known("k", "a.py::a", PART, Life.KNOWN).met([ReplayResult.REPRODUCED] * 3, found=[PART]).life is Life.KNOWN


def test_the_next_night_knows_it_as_it_was_last_and_how_often_it_became_worse(tmp_path: Path) -> None:
    before = gives(96.0, part="tail", repro=touched(tmp_path))
    raw = attrs.evolve(WHOLE, window=None, repro=touched(tmp_path, "a-0002.rfz.json"))
    first = FindingMet("k", "a.py::a", 1, Life.NEW, before)
    (known,) = judged([night(first, FindingMet("k", "a.py::a", 2, Life.MOVED, raw, worse=1))], ())
    assert known.finding == raw
    assert known.worse == 1
