"""A proof goes through all ways in which something else than who has its turn is otherwise, several at once as well."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from redactfuzz import Race, explore
from redactfuzz.model.finding import Report
from redactfuzz.model.verdict import Verdict

TURNED, DOUBLE = "with sets of text in reverse order", "with a second crash in the handler of the first"
Leaks = Callable[[dict[str, Any]], object]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Findings are kept in a folder of the test."""
    monkeypatch.chdir(tmp_path)


def goes_through_a_set(race: Race, leaks: Leaks) -> None:
    """It may crash twice, and shows the secret in its second handler where ``leaks``."""
    key = race.canary("key").text
    record: dict[str, Any] = {"line": "", "order": "", "crashes": 0}
    mask = race.redactor(lambda text: text.replace(key, "[key]"))
    names = {"first name", "second name"}

    def work() -> None:
        for name in names:
            record["order"] = record["order"] + name[0]
        record["line"] = mask(key)

    def first() -> object:
        record["crashes"] = record["crashes"] + 1
        return record["line"]

    race.thread(work)
    race.crash(first, by="watchdog", name="first")
    race.crash(lambda: key if leaks(record) else record["line"], by="watchdog", name="second")


def report_of(leaks: Leaks) -> Report:
    return explore(lambda race: goes_through_a_set(race, leaks), strategy="dpor", seconds=60.0, seed=1)


def test_the_right_twin_is_proved_when_all_four_ways_are_through() -> None:
    report = report_of(lambda record: False)
    assert report.verdict is Verdict.PROVED, report.reason
    assert report.certificate is not None
    whole = [line for line in report.certificate.covered if line.startswith("one schedule of each class")]
    assert all(": all" in line for line in whole)
    assert {(TURNED in line, DOUBLE in line) for line in whole} == {*product((False, True), repeat=2)}


@pytest.mark.parametrize("order", ["f", "s"])
def test_a_leak_under_one_order_of_a_set_and_a_second_crash_is_found_whichever_order_it_is(order: str) -> None:
    """One of the two is the reverse order, by the hash seed of this process."""
    report = report_of(lambda record: record["crashes"] and record["order"].startswith(order))
    assert report.verdict is Verdict.LEAK, report.reason
