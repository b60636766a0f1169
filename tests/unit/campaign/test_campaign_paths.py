"""Which scenario file a repro file may name: whoever replays somebody else's must not import any file."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest

from redactfuzz.campaign.files.store import Store, load
from redactfuzz.model.outcome import Leak
from redactfuzz.model.repro import Identity, Repro, ReproError, dumps
from redactfuzz.model.schedule import Granularity, Schedule

IDENTITY = Identity.of((Leak("k", "utf-8", 0, 1, "d", "00"),), None)
REPRO = Repro("toy", "x.py", IDENTITY, Schedule(Granularity.CALLS), 1, 2, "3.11.7")


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("../../etc/passwd", "no .py file"),
        ("x", "no .py file"),
        ("", "no .py file"),
    ],
)
def test_a_path_that_names_no_scenario_is_refused(tmp_path: Path, path: str, says: str) -> None:
    file = tmp_path / "finding.rfz.json"
    file.write_text(dumps(attrs.evolve(REPRO, path=path)), "utf-8")
    with pytest.raises(ReproError) as caught:
        load(file)
    assert says in str(caught.value)
    assert str(file) in str(caught.value)


def test_tests_of_different_parameters_have_files_of_their_own(tmp_path: Path) -> None:
    items = [attrs.evolve(REPRO, item=f"test_x.py::test_it[{value}]") for value in ("a", "b")]
    first, second = (Path(Store(tmp_path).save(item)) for item in items)
    assert first != second
    assert first.name.startswith("test_it_a")
    assert [load(file).item for file in (first, second)] == [item.item for item in items]


def test_a_file_without_the_name_of_a_test_is_read(tmp_path: Path) -> None:
    text = dumps(REPRO)
    assert "item" not in text
    file = tmp_path / "old.rfz.json"
    file.write_text(text, "utf-8")
    assert load(file).item == ""
