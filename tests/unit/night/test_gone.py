"""A scenario that is gone takes its findings along; one of which nobody knows does not."""

from __future__ import annotations

import datetime
from pathlib import Path

import attrs
import pytest
from night_samples import STARTED, finding, listed, night

from redactfuzz.cli.night import report as reporting
from redactfuzz.cli.night.triage import _rows
from redactfuzz.model.night import FindingMet, Life, NightEnded, NightEvent, Why
from redactfuzz.night.gone import is_gone
from redactfuzz.night.journal import Journal, Night
from redactfuzz.report.night.files import sarif

MET = FindingMet("k", "tests/a.py::a", 1, Life.NEW, finding())
ENDED = NightEnded(1.0, Why.TIME, 1.0)


@pytest.mark.parametrize(
    ("paths", "titles", "gone"),
    [
        (("tests",), ("tests/a.py::other",), True),
        (("./tests/",), (), True),
        (("tests/a.py",), ("tests/a.py::b",), True),
        (("tests",), ("tests/a.py::a",), False),
        (("tests",), ("tests/a.py",), False),  # it could not be listed
        (("tests/a.py::b",), ("tests/a.py::b",), False),
        (("other",), (), False),
        (("tests/a",), (), False),
    ],
)
def test_it_is_gone_where_its_file_was_asked_for_and_listed(
    paths: tuple[str, ...], titles: tuple[str, ...], gone: bool
) -> None:
    assert is_gone("tests/a.py::a", paths, titles) == gone


def later(number: int, *titles: str, ended: bool = True) -> Night:
    return night(*listed(*titles), *([ENDED] if ended else []), number=number)


@pytest.mark.parametrize(
    ("nights", "counts"),
    [
        ([later(2, "tests/a.py::renamed")], False),
        ([later(2, "tests/a.py::renamed", ended=False)], True),
        ([later(2, "tests/a.py::renamed"), later(3, "tests/a.py::a")], True),
        ([later(2, "tests/a.py::a")], True),
        ([], True),
    ],
)
def test_triage_counts_what_is_there(nights: list[Night], counts: bool) -> None:
    first = night(*listed("tests/a.py::a"), MET, ENDED)
    (row,) = _rows([first, *nights], {}, datetime.date(2026, 11, 29))
    assert row.counts == counts
    assert (row.gone > 0) == (not counts)


def write(folder: Path, *events: NightEvent) -> None:
    journal = Journal.begin(folder)
    journal.write(*events)
    journal.close()


def test_an_open_finding_of_which_30_nights_were_not_about_is_still_an_alert(tmp_path: Path) -> None:
    elsewhere = (attrs.evolve(STARTED, paths=("other",)), *listed("other/b.py::b"), ENDED)
    write(tmp_path, STARTED, *listed("tests/a.py::a"), MET, ENDED)
    for _ in range(34):
        write(tmp_path, *elsewhere)
    folder = reporting._Folder(tmp_path, suppressions={})
    assert '"scenario": "a.py::a"' in sarif(folder.digest())
    assert [each.title for each in folder.digest().news if each.what == "open still"] == ["tests/a.py::a"]
    write(tmp_path, STARTED, *listed("tests/a.py::a"), attrs.evolve(MET, life=Life.FIXED), ENDED)
    assert '"scenario"' not in sarif(folder.digest())
