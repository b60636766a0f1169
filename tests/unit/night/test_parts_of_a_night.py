"""A proof in parts: when one is begun, who goes through which part, and when they are a whole."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from night_samples import ended, report

from redactfuzz.model.counted import Explored
from redactfuzz.model.dependencies import Dependencies
from redactfuzz.model.events import Source
from redactfuzz.model.finding import Report
from redactfuzz.model.night import SliceEnded
from redactfuzz.model.part import MOST, Part
from redactfuzz.model.schedule import Granularity
from redactfuzz.model.verdict import Certificate, Verdict
from redactfuzz.night.parts import Parts
from redactfuzz.night.rotation import Standing

SLICE = 40.0
FILES = (Source("a.py", "11"), Source("b.py", "22"))


def certificate() -> Certificate:
    fixed: dict[str, Any] = {"seconds": 1.0, "seed": 0, "controls": (), "python": "3.11", "gil": True, "hash_seed": "0"}
    return Certificate(("one line",), 100, isolation="none", granularity="switches", preemptions=None, **fixed)


def whole(estimate: float, *, executions: int = 100, exhausted: bool = False, parts: int = 0) -> Explored:
    return Explored("dpor", Granularity.SWITCHES, executions, exhausted, estimate, parts=parts)


def begun(seconds: float, verdict: Verdict = Verdict.NO_LEAK_FOUND) -> SliceEnded:
    """A slice of the portfolio, after which the whole space would take so long: 100 executions a second."""
    return ended(of=report(verdict, stages=(whole(100 * seconds),)))


def gone(number: int, of: int, known: str = "k", **fields: Any) -> SliceEnded:
    """A slice that went through a part."""
    space = whole(70, executions=70, exhausted=True, parts=of)
    made = report(stages=(space,), part=Part(number, of, known), certificate=certificate())
    return ended(of=made, **({"sources": FILES, "dependencies": Dependencies({"a.py": "11"})} | fields))


def parts(seconds: float = 100.0, **fields: Any) -> Parts:
    made = Parts(SLICE, **fields)
    made.take(begun(seconds))
    return made


def given(made: Parts) -> list[str]:
    """All parts that are given to slices that run side by side."""
    found = []
    while (part := made.next()) is not None:
        made.running[len(found)] = part
        found.append(str(part))
    return found


@pytest.mark.parametrize(("seconds", "of"), [(10, 2), (39, 2), (41, 4), (100, 8), (1_000, 64), (20_000, 64)])
def test_a_part_is_to_take_half_of_a_slice(seconds: float, of: int) -> None:
    assert given(parts(seconds)) == [f"{number}/{of}" for number in range(1, of + 1)]


def test_of_what_would_take_days_no_proof_is_begun() -> None:
    assert not given(parts(30_000))


def test_of_what_has_not_passed_none_is_begun() -> None:
    for verdict in Verdict:
        made = Parts(SLICE)
        made.take(begun(100, verdict))
        assert bool(given(made)) == verdict.passed


def test_once_all_were_gone_through_the_last_one_says_that_it_is_proved() -> None:
    made = parts()
    for number in range(1, 9):
        assert not made.whole
        last = gone(number, 8)
        made.take(last)
    assert made.whole
    assert made.over
    proved = made.joined(last).report
    assert proved is not None
    assert proved.verdict is Verdict.PROVED
    assert proved.part is None
    assert proved.certificate is not None
    assert proved.certificate.covered[-1] == "all parts of the whole space, by 8 slices: 560 executions"
    assert [stage.part for stage in proved.stages] == [None, 1.0]


def test_a_part_that_took_too_long_is_divided_and_what_was_gone_through_counts() -> None:
    made = parts(41)
    made.take(gone(1, 4))
    made.take(ended(of=report(stages=(whole(300, parts=4),))))
    assert given(made) == [f"{number}/16" for number in range(1, 17) if number % 4 != 1]


def test_one_that_runs_while_another_is_divided_is_given_to_nobody() -> None:
    made = parts(41)
    made.running = {99: Part(2, 4)}
    made.take(ended(of=report(stages=(whole(300, parts=4),))))
    assert given(made) == [f"{number}/16" for number in range(1, 17) if number % 4 != 2]


def test_where_the_smallest_part_takes_too_long_there_is_no_proof() -> None:
    made = parts(5_000)
    made.take(ended(of=report(stages=(whole(300, parts=MOST),))))
    assert made.given_up == "a 64th part of the space takes longer than a slice"
    assert not given(made)


def test_where_something_else_rules_a_proof_out_none_is_tried() -> None:
    made = parts()
    made.take(ended(of=report(stages=(whole(70, exhausted=True, parts=8),))))
    assert made.given_up
    assert not given(made)


@pytest.mark.parametrize(
    "other",
    [
        {"known": "another"},
        {"sources": (Source("a.py", "12"),)},
        {"dependencies": Dependencies({"a.py": "12"})},
        {"dependencies": Dependencies({"b.py": "", "c.py": "1"}, places={"a": "1"}, installed={"x": "2"})},
    ],
    ids=["it went by another thing", "a file differs", "what it depends on differs", "a package differs"],
)
def test_parts_that_do_not_belong_together_are_no_proof(other: dict[str, Any]) -> None:
    made = parts(41)
    before = Dependencies({"a.py": "11"}, installed={"x": "1"})
    for number in (1, 2, 3):
        made.take(gone(number, 4, dependencies=before))
    made.take(gone(4, 4, **other))
    assert made.given_up
    assert not made.whole


@pytest.mark.parametrize("same", [True, False])
def test_files_outside_of_the_working_directory_are_compared_by_their_names(same: bool) -> None:
    """As those of two checkouts, or of two environments, are."""
    alike = (Source("/alice/lib/app.py", "1"), Source("/alice/lib/__init__.py", "2"), Source("a.py", "3"))
    other = "1" if same else "4"
    others = (Source("/bob/lib/app.py", other), Source("/bob/lib/__init__.py", "2"))
    slices = [gone(1, 2, sources=alike), gone(2, 2, sources=others)]
    made = Parts.of_nights(slices)
    assert made.whole is same


def test_what_only_one_of_them_depends_on_keeps_none_apart_and_is_of_the_proof() -> None:
    made = parts(41)
    for number, name in enumerate("wxyz", 1):
        last = gone(number, 4, dependencies=Dependencies({name: "1"}), sources=(Source(name, "1"),))
        made.take(last)
    joined = made.joined(last)
    assert joined.dependencies is not None
    assert set(joined.dependencies.files) == {each.path for each in joined.sources} == set("wxyz")


def test_a_part_of_which_nobody_knows_its_files_counts_for_nothing() -> None:
    """As where one was changed while it ran."""
    made = parts(10)
    made.take(gone(1, 2))
    made.take(gone(2, 2, dependencies=None))
    assert made.given_up
    assert not made.whole
    told = made.told(begun(10))
    assert told.report is not None
    assert told.report.certificate is None  # a report without one is told as it is
    said = made.told(gone(2, 2)).report
    assert said is not None
    assert said.certificate is not None
    assert said.certificate.obstacles[0].startswith("no proof in parts is made")


@pytest.mark.parametrize("how", [{"exhausted": False}, {"parts": 4}], ids=["not to its end", "another part"])
def test_a_part_of_a_journal_that_was_altered_counts_for_nothing(how: dict[str, Any]) -> None:
    altered = gone(2, 2)
    assert altered.report is not None
    (stage,) = altered.report.stages
    report = attrs.evolve(altered.report, stages=(attrs.evolve(stage, **how),))
    assert not Parts.of_nights([gone(1, 2), attrs.evolve(altered, report=report)]).whole
    stopped = attrs.evolve(altered.report, interrupted=True)
    assert not Parts.of_nights([gone(1, 2), attrs.evolve(altered, report=stopped)]).whole


@pytest.mark.parametrize("shards", [2, 3, 5, 8, 64, 100])
def test_shards_go_through_each_part_once_and_together_through_all(shards: int) -> None:
    seen: list[int] = []
    for index in range(1, shards + 1):
        made = parts(41, shard=(index, shards))
        words = given(made)
        of = {int(word.partition("/")[2]) for word in words}
        assert len(of) <= 1
        for word in words:
            number, _, count = word.partition("/")
            seen += Part(int(number), int(count)).residues
            made.take(gone(int(number), int(count)))
        assert made.over == bool(words)
        assert not made.whole
    assert sorted(seen) == list(range(MOST))


def test_nights_of_shards_together() -> None:
    joined = Parts.of_nights([gone(1, 4), gone(2, 4), gone(3, 8)])
    assert not joined.whole
    assert [str(each) for each in joined.missing] == ["4/8", "7/8", "8/8"]
    assert Parts.of_nights([gone(1, 4), gone(2, 4), gone(3, 8), gone(2, 2), gone(7, 8)]).whole


def test_a_slice_that_joins_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="all of them"):
        parts().joined(gone(1, 8))


@pytest.mark.parametrize(("number", "of"), [(1, 0), (0, 2), (3, 2), (1, 3), (1, -2), (1, 128)])
def test_what_is_no_part_in_a_journal_counts_for_nothing(number: int, of: int) -> None:
    made = Parts.of_nights([gone(1, 2), gone(number, of)])
    assert [each.part for each in made.gone] == [Part(1, 2, "k")]
    assert not made.whole


# -- whose turn it is


def standing(seconds: float = 100.0) -> Standing:
    made = Standing("a.py::a")
    told = begun(seconds)
    made.took(10, told.report, added=0, found=0)
    made.parts.take(told)
    return made


def test_every_other_slice_explores_by_chance() -> None:
    made = standing()
    kinds = []
    for number in range(4):
        part = made.part(runs=False)
        kinds.append(part is not None)
        made.took(10, report(), added=0, found=0)
        if part is not None:
            made.parts.running[number] = part
    assert kinds == [True, False, True, False]


def test_beside_one_that_runs_another_goes_through_a_part() -> None:
    made = standing()
    made.took(10, report(), added=0, found=0)
    assert made.part(runs=False) is None
    assert str(made.part(runs=True)) == "1/8"


def test_reports_of_several_scenarios_are_of_no_part() -> None:
    from redactfuzz.night.told import joined

    reports: list[Report] = [attrs.evolve(report(), part=Part(1, 2, "k")) for _ in range(2)]
    assert joined("a.py", reports).part is None
    assert joined("a.py", reports[:1]).part is not None


@pytest.mark.parametrize("longer", [1.0, 2.0, 30.0])
def test_a_night_that_is_resumed_with_longer_slices_goes_on_with_parts_of_the_size_that_it_has(longer: float) -> None:
    made = Parts(longer * SLICE)
    made.take(begun(100.0))
    made.take(gone(1, 64))
    assert made.next() == Part(2, 64)
    for number in range(2, 65):
        made.take(gone(number, 64))
    assert made.whole


def test_a_program_of_which_another_part_has_another_source_is_another_program() -> None:
    """Of Python what only one part loaded was no part of the other's executions; a program is all of its sources."""
    mask, other = Source("mask.c", "33"), Source("mask_b.c", "44")
    for python, same in (("3.11", True), ("", False)):
        made = Parts(SLICE)
        for number, source in ((1, mask), (2, other)):
            files = Dependencies({"a.py": "11", source.path: source.sha256})
            part = gone(number, 2, sources=(*FILES, source), dependencies=files)
            assert part.report is not None
            assert part.report.certificate is not None
            report = attrs.evolve(part.report, certificate=attrs.evolve(part.report.certificate, python=python))
            made.take(attrs.evolve(part, report=report))
        assert made.whole is same


def test_why_nobody_knows_of_which_files_a_part_was_is_told() -> None:
    made = Parts(SLICE)
    made.take(gone(1, 2, dependencies=None, doubt="app.log was written, came or went while it was searched"))
    assert made.given_up.endswith(": app.log was written, came or went while it was searched")
