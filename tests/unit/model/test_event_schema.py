"""The schema of rfevents/1 in docs/reference: it is of these classes, events fit it, and both refuse the same."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import sample_nights as nights
import sample_reports as sample

from redactfuzz.model import written
from redactfuzz.model.counted import Species
from redactfuzz.model.dependencies import Dependencies
from redactfuzz.model.events import (
    CampaignEnded,
    CampaignProgress,
    CampaignStarted,
    Depended,
    FindingSeen,
    Listed,
    Measured,
    PassRuledOut,
    Replayed,
    ReplayResult,
    Source,
    Used,
)
from redactfuzz.model.finding import Report
from redactfuzz.model.night import FindingMeasured, Resumed
from redactfuzz.model.plan import Counters
from redactfuzz.model.verdict import Reason

ROOT = Path(__file__).parents[3]
SCHEMA = json.loads((ROOT / "docs" / "reference" / "rfevents.schema.json").read_text("utf-8"))
FIT = jsonschema.Draft202012Validator(SCHEMA)
EVENTS = (
    *nights.FIRST,
    *nights.ALARMED,
    Resumed(0.5, 1),
    Listed("a.py", ("a.py::b",)),
    CampaignStarted("a", 1, "dev", 5, float("inf")),
    CampaignProgress("a", "exploring", Counters(entered=frozenset({"m"}))),
    PassRuledOut("a", Reason("a call reaches out.", "Define it.")),
    FindingSeen(nights.CROWDED),
    Depended("a", (Source("a.py", "00"),)),
    Used("a", Dependencies({"a.py": "00"}, frozenset({"data"}), frozenset({"b", "a"}), {"c": "1"}, {".": "11"})),
    Replayed("a", 1, 3, ReplayResult.DIVERGED, "there"),
    Measured("a", sample.MEASURED),
    FindingMeasured("k", "a", sample.MEASURED),
    CampaignEnded(Report("a", nights.finding().verdict, species=Species(1, 1, 1))),
)


def test_it_is_made_of_the_classes_as_they_are() -> None:
    done = subprocess.run([sys.executable, "ci/event_schema.py", "--check"], cwd=ROOT, check=False)
    assert done.returncode == 0, "run ci/event_schema.py"


def test_it_is_a_schema_and_names_every_event() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    named = {each["$ref"].rpartition("/")[2] for each in SCHEMA["oneOf"]}
    assert named == {kind.__name__ for kind in written.KINDS} == {type(event).__name__ for event in EVENTS}


def test_what_is_written_fits_it_and_is_read_again() -> None:
    for event in EVENTS:
        line = written.dumps(event)
        assert [error.message for error in FIT.iter_errors(json.loads(line))] == []
        assert written.loads(line) == event


@pytest.mark.parametrize(
    "changed",
    [
        {"v": 2},
        {"v": "1"},
        {"event": "Other"},
        {"event": "NightEnded"},
        {"extra": 1},
        {"seed": "42"},
        {"seed": None},
        {"at": "now"},
        {"paths": "a"},
        {"paths": [1]},
        {"jobs": 1.5},
    ],
    ids=str,
)
def test_both_refuse_what_is_none(changed: dict[str, Any]) -> None:
    body = json.loads(written.dumps(nights.started()))
    assert FIT.is_valid(body)
    assert not FIT.is_valid({**body, **changed})
    with pytest.raises(written.EventError):
        written.loads(json.dumps({**body, **changed}))


def test_both_refuse_a_field_that_is_missing_deep_inside() -> None:
    body = json.loads(written.dumps(nights.met(1, nights.Life.NEW, nights.CROWDED, "k")))
    del body["finding"]["leaks"][0]["offset"]
    assert not FIT.is_valid(body)
    with pytest.raises(written.EventError):
        written.loads(json.dumps(body))
