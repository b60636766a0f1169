"""Each new finding is measured once, one after the other, and what becomes of that is a note."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest
from night_samples import finding

from redactfuzz.model.measured import Measurement
from redactfuzz.model.night import FindingMeasured, Life
from redactfuzz.night.journal import Night
from redactfuzz.night.known import Known
from redactfuzz.night.measures import Measures, Measuring

MEASURED = Measurement(3)


@pytest.fixture
def known(tmp_path: Path) -> Known:
    file = tmp_path / "a.rfz.json"
    file.touch()
    return Known("k", "a.py::a", attrs.evolve(finding(), repro=str(file)))


def of(*events: FindingMeasured, asked: bool = True) -> Measures:
    return Measures.of([Night(1, events)], (), asked=asked)


def test_a_finding_is_measured_once_over_all_nights(known: Known) -> None:
    measures = of()
    for _ in range(2):
        measures.add(known, Life.NEW)
    first = measures.next()
    assert isinstance(first, Measuring)
    assert first.began().command == ("redactfuzz", "replay", known.finding.repro, "--likelihood")
    measures.over()
    assert not measures.waits
    for how in (first.ended(MEASURED, ""), first.ended(None, "was killed")):
        later = of(how)
        later.add(known, Life.KNOWN)
        assert not later.waits


def test_one_is_measured_at_a_time(known: Known) -> None:
    measures = of()
    for key in ("a", "b"):
        measures.add(attrs.evolve(known, key=key), Life.NEW)
    assert measures.next() is not None
    assert measures.next() is None
    assert measures.waits
    measures.over()
    second = measures.next()
    assert second is not None
    assert second.known.key == "b"


@pytest.mark.parametrize("life", [Life.FIXED, Life.MOVED])
def test_what_is_not_there_any_more_is_not_measured(known: Known, life: Life) -> None:
    measures = of()
    measures.add(known, life)
    assert not measures.waits


def test_what_cannot_be_replayed_and_what_nobody_asked_for_is_not_measured(known: Known) -> None:
    measures = of()
    measures.add(attrs.evolve(known, finding=attrs.evolve(known.finding, repro="gone.rfz.json")), Life.NEW)
    measures.add(attrs.evolve(known, finding=attrs.evolve(known.finding, item="tests/test_a.py::test_a")), Life.NEW)
    assert not measures.waits
    quiet = of(asked=False)
    quiet.add(known, Life.NEW)
    assert not quiet.waits


def test_one_that_gave_nothing_says_why(known: Known) -> None:
    measuring = Measuring(known)
    assert measuring.ended(None, "was killed by SIGKILL").how == "was killed by SIGKILL"
    assert measuring.ended(None, "").how == "it was not shown again"
    assert measuring.ended(MEASURED, "was interrupted").how == ""
