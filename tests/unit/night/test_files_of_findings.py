"""The repro file of a finding is its own: no other finding writes over it, and nobody takes it away."""

from __future__ import annotations

from pathlib import Path

import pytest
from night_samples import STARTED, finding, listed, touched

from redactfuzz.campaign.explain import causes
from redactfuzz.model.finding import Finding
from redactfuzz.model.night import FindingMet, Life, SliceBegan
from redactfuzz.model.repro import SUFFIX
from redactfuzz.night.journal import FINDINGS, Journal, names_of_files
from redactfuzz.night.kept import Kept
from redactfuzz.night.known import Known
from redactfuzz.night.told import Told


def met(kept: Kept, found: Finding) -> FindingMet:
    told = Told(SliceBegan(1, "a.py::a", (), 1.0))
    told.seen = [found]
    (only,) = kept.take(told)
    return only


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / FINDINGS).mkdir()
    return tmp_path / FINDINGS


def known_in(folder: Path, found: Finding) -> Kept:
    key = causes.key("a.py::a", found)
    return Kept(folder, {key: Known(key, "a.py::a", found, Life.KNOWN)})


def test_two_causes_that_searches_wrote_to_one_file_have_a_file_each(folder: Path) -> None:
    kept = Kept(folder)
    told = []
    for function in ("redact", "flush"):
        file = Path(touched(folder))
        file.write_text(function)
        told.append(met(kept, finding(function, repro=str(file))))
    assert [Path(each.finding.repro).read_text() for each in told] == ["redact", "flush"]
    assert [each.key in each.finding.repro for each in told] == [True, True]


def test_another_file_that_shows_a_known_finding_is_taken_away_and_its_own_stays(folder: Path) -> None:
    kept = Kept(folder)
    first = met(kept, finding(repro=touched(folder)))
    again = met(kept, finding(repro=touched(folder, "a-0002.rfz.json")))
    assert again.finding.repro == first.finding.repro
    assert [each.name for each in folder.iterdir()] == [Path(first.finding.repro).name]


@pytest.mark.parametrize("spelled", ["./{}", "{}/.", "{}/../findings", "absolute", "link"])
def test_another_spelling_of_the_folder_takes_no_file_away(
    folder: Path, monkeypatch: pytest.MonkeyPatch, spelled: str
) -> None:
    monkeypatch.chdir(folder.parent)
    (folder.parent / "link").symlink_to(FINDINGS)
    file = Path(touched(folder))
    kept = known_in(Path(FINDINGS), finding(repro=f"{FINDINGS}/{file.name}"))
    there = {"absolute": str(folder), "link": "link"}.get(spelled) or spelled.format(FINDINGS)
    told = met(kept, finding(repro=f"{there}/{file.name}"))
    assert Path(told.finding.repro).is_file()
    assert len(list(folder.iterdir())) == 1


def test_a_file_that_another_known_finding_names_is_neither_taken_away_nor_given_another_name(folder: Path) -> None:
    """As a night of an earlier version left it: two findings, and one file."""
    file = touched(folder)
    own = touched(folder, "a-0002.rfz.json")
    kept = known_in(folder, finding(repro=own))
    kept.known |= known_in(folder, finding("flush", repro=file)).known
    met(kept, finding(repro=file))
    met(kept, finding("write", repro=file))
    assert Path(file).is_file()
    assert Path(own).is_file()


def test_a_file_of_the_same_name_elsewhere_is_no_reason_to_take_ours_away(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    kept = known_in(folder, finding(repro=touched(folder)))
    other = touched(tmp_path / "other")
    met(kept, finding(repro=other))
    assert len(list(folder.iterdir())) == 1
    assert Path(other).is_file()


def test_a_file_that_a_finding_had_before_is_none_that_nobody_knows(folder: Path) -> None:
    """It is mended and forgotten, or its later file shows more."""
    journal = Journal.begin(folder.parent)
    first, later, stranger = (touched(folder, f"{name}{SUFFIX}") for name in ("first", "later", "stranger"))
    for life, file in ((Life.NEW, first), (Life.FIXED, later)):
        journal.write(FindingMet("k", "a.py::a", 1, life, finding(repro=file)))
    journal.close()
    assert names_of_files(folder.parent) == {f"first{SUFFIX}", f"later{SUFFIX}"}
    assert stranger not in names_of_files(folder.parent)


def test_a_journal_that_is_removed_while_it_is_written_has_failed(folder: Path) -> None:
    journal = Journal.begin(folder.parent)
    journal.write(STARTED)
    assert not journal.failed
    journal.path.unlink()
    journal.write(*listed("a.py::a"))
    assert "removed" in journal.failed
    journal.close()
