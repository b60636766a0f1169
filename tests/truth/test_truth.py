"""Each case of ``truth_*.py`` gets a verdict that is true."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from truth import Case, all_cases, told

LISTED = list(all_cases())
MARKS = [(pytest.mark.once, lambda case: case.is_program), (pytest.mark.wide, lambda case: case.wide)]
PARAMETERS = [
    pytest.param(case, id=case.title, marks=[mark for mark, holds in MARKS if holds(case)]) for case in LISTED
]


def test_titles_are_unique_and_each_case_says_what_it_does() -> None:
    titles = [case.title for case in LISTED]
    assert titles
    assert len(set(titles)) == len(titles)
    assert all(case.what for case in LISTED)
    assert all(bool(case.clang) is bool(case.because) for case in LISTED)


@pytest.mark.parametrize("case", PARAMETERS)
def test_the_verdict_is_true(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None]
) -> None:
    monkeypatch.chdir(tmp_path)
    report = case.report()
    record_property("verdict", str(report.verdict))  # what ci/bench/verdicts.py --junit reads
    assert case.right(report), f"{report.verdict} is not one of {sorted(case.accepted)}: {told(report)}"
