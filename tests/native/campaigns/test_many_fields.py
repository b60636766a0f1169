"""Redactors of many fields in C are PROVED. Where the kernel dumps, executions do not grow with the number of fields;
where a handler writes, they do by as many for each.

Two redactors, and private stores beside one: test_exposure.py.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from redactfuzz import Report, Verdict, explore, native

pytestmark = pytest.mark.once

PROGRAM = Path(__file__).parents[1] / "programs" / "whole" / "late_flag.c"


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def searched(*flags: str, **settings: Any) -> Report:
    scenario = native.scenario(PROGRAM, flags=flags, **settings)
    return explore(scenario, strategy="dpor", seconds=120.0, executions=30_000, seed=1)


def classes(*flags: str, nested: bool = False, **settings: Any) -> int:
    """Executions of the reduction, which has gone through all classes: it is a proof.

    ``nested``: those in which a second crash strikes in the handler of the first.
    """
    report = searched(*flags, **settings)
    assert report.verdict is Verdict.PROVED, report
    assert report.certificate is not None
    said = [line for line in report.certificate.covered if line.startswith("one schedule of each class")]
    found = re.search(r": all, ([\d,]+) executions$", said[1 if nested else 0])
    assert found, said
    return int(found[1].replace(",", ""))


def test_a_late_flag_is_proved_by_as_many_executions_for_60_fields_as_for_10_where_the_kernel_dumps() -> None:
    few, many = (classes(f"-DFIELDS={size}") for size in (10, 60))
    assert few == many
    assert many < 10


@pytest.mark.parametrize(
    ("settings", "for_each", "beside"), [({"second_crash": False}, 36, 20), ({"nested": True}, 139, 108)]
)
def test_with_a_handler_executions_are_linear_in_the_fields(
    settings: dict[str, bool], for_each: int, beside: int
) -> None:
    """Of another order where the redactor stands when main is struck, or when the process ends, or both: F^2, F^3."""
    sizes = (2, 8, 20)
    assert [classes(f"-DFIELDS={size}", "-DHANDLER", **settings) for size in sizes] == [
        for_each * size + beside for size in sizes
    ]


@pytest.mark.parametrize("flags", [("-DFIELDS=60",), ("-DFIELDS=4", "-DHANDLER")])
def test_a_flag_that_is_set_one_field_early_is_a_leak(flags: tuple[str, ...]) -> None:
    assert searched(*flags, "-DEARLY=1").verdict is Verdict.LEAK
