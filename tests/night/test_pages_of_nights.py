"""The page that is there in the morning."""

from __future__ import annotations

from pathlib import Path

from nights_of import LEAKS, by_proof, fuzz, write

from redactfuzz.model.night import FindingMeasured, FindingMet
from redactfuzz.night.journal import of_kind


def test_at_its_end_a_night_has_its_page_and_another_one_says_what_is_new(tmp_path: Path) -> None:
    file = write(tmp_path, by_proof(LEAKS))
    first = fuzz(tmp_path, file, likelihood=True)
    (page,) = tmp_path.rglob("report.html")
    assert f"{page.relative_to(tmp_path)} shows what came out" in first.said
    assert "<h1>LEAK: 1 finding in 1 scenario, 1 of them new or changed</h1>" in page.read_text("utf-8")
    (measured,) = of_kind(first.nights[-1].events, FindingMeasured)
    (met,) = {each.key for each in of_kind(first.nights[-1].events, FindingMet)}
    assert measured.key == met
    assert measured.measured is not None, measured.how
    assert measured.measured.no_return is not None
    assert "<dt>Point of no return</dt><dd>step " in page.read_text("utf-8")
    second = fuzz(tmp_path, file, likelihood=True)
    assert "<h1>LEAK: 1 finding in 1 scenario, none of them new</h1>" in page.read_text("utf-8")
    assert of_kind(second.nights[-1].events, FindingMeasured) == []  # it was measured once
    assert "<dt>Point of no return</dt><dd>step " in page.read_text("utf-8")


def test_a_page_that_cannot_be_written_changes_nothing_else(tmp_path: Path) -> None:
    file = write(tmp_path, by_proof(LEAKS))
    fuzz(tmp_path, file)
    (page,) = tmp_path.rglob("report.html")
    page.write_text("somebody's own", "utf-8")
    second = fuzz(tmp_path, file)
    assert second.code == 1
    assert "no page was written: --html" in second.said
    assert page.read_text("utf-8") == "somebody's own"
