"""Which scenario file a repro file may name: whoever replays somebody else's must not import any file."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest

from redactfuzz.campaign.store import FOLDER, Store, load
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
        ("../x.py", '".."'),
        ("a/../../x.py", '".."'),
        ("/elsewhere/x.py", "absolute"),
    ],
)
def test_a_path_that_leads_elsewhere_is_refused(tmp_path: Path, path: str, says: str) -> None:
    file = tmp_path / "finding.rfz.json"
    file.write_text(dumps(attrs.evolve(REPRO, path=path)), "utf-8")
    with pytest.raises(ReproError) as caught:
        load(file)
    assert says in str(caught.value)
    assert str(file) in str(caught.value)


def test_what_a_campaign_wrote_here_about_a_file_elsewhere_is_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    repro = attrs.evolve(REPRO, path="/elsewhere/x.py")
    file = Path(Store(Path(FOLDER)).save(repro))
    assert load(file) == repro


def test_tests_of_different_parameters_have_files_of_their_own(tmp_path: Path) -> None:
    items = [attrs.evolve(REPRO, item=f"test_x.py::test_it[{value}]") for value in ("a", "b")]
    first, second = (Path(Store(tmp_path).save(item)) for item in items)
    assert first != second
    assert first.name.startswith("test_it_a")
    assert [load(file) for file in (first, second)] == items


def test_a_file_without_the_name_of_a_test_is_read(tmp_path: Path) -> None:
    text = dumps(REPRO)
    assert "item" not in text
    file = tmp_path / "old.rfz.json"
    file.write_text(text, "utf-8")
    assert load(file).item == ""
