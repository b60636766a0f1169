"""Which rows of an interleaving are shown."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from redactfuzz.model.schedule import Action, Passed, Site, Step, Window
from redactfuzz.report.rows import Mark, Row, rows, shown_source


def step(index: int, thread: str, line: int, action: Action | None = None, *, preempts: bool = False) -> Step:
    return Step(index, thread, "app.py", line, "f", f"line_{line}()", Site("app", "f", f"+{line}:0"), action, preempts)


def shown(found: list[Row]) -> list[tuple[Mark, int, int]]:
    return [(row.mark, row.first, row.last) for row in found]


def test_steps_of_one_thread_on_one_line_are_one_row() -> None:
    found = rows([step(0, "a", 1), step(1, "a", 1), step(2, "a", 2)], None)
    assert shown(found) == [(Mark.STEP, 0, 1), (Mark.STEP, 2, 2)]


def test_the_same_line_on_another_thread_is_another_row_after_a_switch() -> None:
    found = rows([step(0, "a", 1), step(1, "b", 1)], None)
    assert shown(found) == [(Mark.STEP, 0, 0), (Mark.SWITCH, 1, 1), (Mark.STEP, 1, 1)]


def test_a_preemption_names_the_thread_that_was_displaced() -> None:
    found = rows([step(0, "a", 1), step(1, "b", 1, Action.SWITCH, preempts=True)], None)
    assert [(row.mark, row.thread, row.other) for row in found if row.mark is not Mark.STEP] == [
        (Mark.PREEMPTION, "b", "a")
    ]


@pytest.mark.parametrize(("action", "mark"), [(Action.CRASH, Mark.CRASH), (Action.EXPIRE, Mark.EXPIRY)])
def test_crash_and_expiry_are_rows_of_their_own(action: Action, mark: Mark) -> None:
    found = rows([step(0, "a", 1), step(1, "b", 2, action)], None)
    assert shown(found) == [(Mark.STEP, 0, 0), (mark, 1, 1), (Mark.STEP, 1, 1)]


def test_the_window_opens_before_its_first_step_and_closes_after_its_last() -> None:
    found = rows([step(index, "a", index + 1) for index in range(5)], Window(1, 3, 3, 5))
    marks = [row.mark.name if row.mark is not Mark.STEP else row.first for row in found]
    assert marks == [0, "WINDOW_OPENS", 1, 2, 3, "WINDOW_CLOSES", 4]
    assert [row.first for row in found if row.inside] == [1, 2, 3]


def test_long_stretches_are_left_out_but_not_what_lies_near_the_crash() -> None:
    steps = [step(index, "a", index) for index in range(500)]
    steps.append(step(500, "crash", 900, Action.CRASH))
    steps += [step(501 + index, "crash", 901 + index) for index in range(500)]
    found = rows(steps, None, limit=30)
    assert len(found) <= 30
    assert {499, 500, 501} <= {row.first for row in found if row.mark is Mark.STEP}
    assert any(row.mark is Mark.GAP for row in found)


def test_a_stretch_in_the_standard_library_is_one_row_and_its_ends_at_the_crash_are_shown() -> None:
    def inside(index: int, action: Action | None = None) -> Step:
        return attrs.evolve(step(index, "a", index, action), file="/usr/lib/python3.11/threading.py")

    found = rows([step(0, "a", 1), *(inside(n) for n in range(1, 7)), inside(7, Action.CRASH), step(8, "a", 9)], None)
    assert shown(found) == [
        (Mark.STEP, 0, 0),
        (Mark.GAP, 1, 5),
        (Mark.STEP, 6, 6),
        (Mark.CRASH, 7, 7),
        (Mark.STEP, 7, 7),
        (Mark.STEP, 8, 8),
    ]
    assert found[1].location == "threading.py"


def test_a_line_without_a_point_is_a_row_of_its_step_and_the_step_has_the_number() -> None:
    lines = tuple(Passed("app.py", number, f"line_{number}()") for number in (2, 3))
    start = attrs.evolve(step(0, "a", 1), source="", file="", line=0, function="", passed=lines)
    found = rows([start, step(1, "a", 3), attrs.evolve(step(2, "a", 4), passed=lines[:1])], None)
    assert [(row.first, row.location, row.passed) for row in found] == [
        (0, "app.py:2", True),
        (1, "app.py:3", False),
        (2, "app.py:4", False),
        (2, "app.py:2", True),
    ]


def test_the_users_steps_win_over_those_of_packages_when_rows_are_left_out() -> None:
    def other(index: int) -> Step:
        return attrs.evolve(step(index, "a", index), file="/venv/lib/python3.11/site-packages/package/scrub.py")

    steps = [step(0, "a", 0), *map(other, range(1, 40)), step(40, "a", 40), *map(other, range(41, 80))]
    found = rows([*steps, step(80, "crash", 80, Action.CRASH)], None, limit=12)
    assert {0, 40} <= {row.first for row in found if row.mark is Mark.STEP}
    assert [row.location for row in found if row.mark is Mark.GAP] == ["scrub.py", "scrub.py"]


@pytest.mark.parametrize("limit", [16, 48])
def test_a_thread_that_did_something_has_a_row_however_much_is_left_out(limit: int) -> None:
    crowd = [step(100, "b", 1), *(attrs.evolve(step(101 + n, "c", n), file="/lib/python3.11/re.py") for n in range(9))]
    steps = [*(step(n, "a", n) for n in range(100)), *crowd, *(step(120 + n, "a", 200 + n) for n in range(100))]
    found = rows([*steps, step(220, "crash", 900, Action.CRASH)], None, limit)
    assert {row.thread for row in found if row.mark is Mark.STEP} >= {"a", "b", "c"}


def test_packages_that_are_under_test_are_shown() -> None:
    path = "/usr/lib/python3.11/site-packages/package/scrub.py"
    found = rows([attrs.evolve(step(n, "a", n), file=path) for n in range(9)], None)
    assert len(found) == 9


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 9), st.sampled_from([None, *Action])), max_size=80),
    st.integers(8, 30),
)
def test_every_step_is_shown_or_counted_in_a_gap(parts: list[tuple[str, int, Action | None]], limit: int) -> None:
    steps = [step(index, *part) for index, part in enumerate(parts)]
    found = rows(steps, None, limit)
    told = [n for row in found if row.mark in (Mark.STEP, Mark.GAP) for n in range(row.first, row.last + 1)]
    assert set(told) == set(range(len(steps)))


@pytest.mark.parametrize(
    "source",
    [
        'key = race.canary("password", literal("hunter2 and more of it"))',
        'literal("hunter2 and more of it"),',
        '"hunter2 and more of it",',
        "'hunter2 and more of it')",
        'b"hunter2 and more of it"',
    ],
)
def test_the_value_of_a_literal_canary_is_never_shown_with_its_source(source: str) -> None:
    assert "hunter2" not in shown_source(source)


def test_other_source_text_is_shown_as_it_is() -> None:
    assert shown_source('  log.info("rotated %s", name)\n') == 'log.info("rotated %s", name)'
