"""JUnit and SARIF of a night say what its page says."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import sample_nights as nights
from test_night_page import BIDI, EVIL, spoiled

sys.path.append(str(Path(__file__).parents[1]))
from sarif_rules import check_log

from redactfuzz.model.night import NightEvent
from redactfuzz.report.night.digest import Digest, digest
from redactfuzz.report.night.files import junit, sarif
from redactfuzz.report.night.told import Told
from redactfuzz.report.sarif_log import Root

ROOT = Root(Path("/somewhere"))


def cases(events: tuple[NightEvent, ...], *before: Told) -> dict[str, str]:
    """By name: what it is."""
    suites = ElementTree.fromstring(junit(digest(Told.of(2, events), before)))
    made = {}
    for case in suites.iter("testcase"):
        kinds = [each.tag for each in case if each.tag in ("failure", "error", "skipped")]
        made[case.get("name") or ""] = kinds[0] if kinds else "passed"
    return made


def run(events: tuple[NightEvent, ...]) -> dict[str, Any]:
    log = json.loads(sarif(digest(Told.of(2, events)), ROOT))
    check_log(log)
    (only,) = log["runs"]
    return dict(only)


def test_each_scenario_is_a_test_case() -> None:
    assert cases(nights.SECOND, Told.of(1, nights.FIRST)) == {
        "vulnerable": "failure",
        "fixed": "passed",
        "empty": "error",
        "proved": "passed",
        "stop": "failure",
    }


def test_what_was_spared_without_a_report_or_not_reached_is_skipped_and_says_why() -> None:
    events = (nights.started(), *nights.listed(nights.PROVED, nights.RIGHT, spared=[nights.PROVED]))
    assert cases(events) == {"proved": "skipped", "fixed": "skipped"}
    text = junit(digest(Told.of(2, events)))
    assert "Not reached: spared: PROVED in night 1" in text
    assert "Not reached: the night did not come to it." in text


def test_an_alarm_is_an_error_of_its_own() -> None:
    assert cases(nights.ALARMED)["a control failed (app/audit.py::empty)"] == "error"


def test_sarif_has_a_result_for_each_finding_that_is_left() -> None:
    one = run(nights.SECOND)
    assert len(one["results"]) == 3
    assert one["automationDetails"]["id"] == "redactfuzz-night/"


@pytest.mark.parametrize(
    ("events", "whole"),
    [
        (nights.CLEAN, True),
        (nights.CLEAN[:-1], False),
        (nights.ALARMED, False),
        ((nights.started(), *nights.listed("a")), False),
    ],
    ids=["ended", "killed", "alarm", "not reached"],
)
def test_alerts_are_closed_by_a_whole_night_alone(events: tuple[NightEvent, ...], whole: bool) -> None:
    assert run(events)["invocations"][0]["executionSuccessful"] == whole


def test_what_is_suppressed_is_skipped_and_says_why() -> None:
    why = {"bbbb33334444": "until 2027-03-31: known", "cccc55556666": "until 2027-03-31: known"}
    made = digest(Told.of(2, nights.SECOND), suppressed=why)
    (case,) = [each for each in ElementTree.fromstring(junit(made)).iter("testcase") if each.get("name") == "stop"]
    assert [each.tag for each in case] == ["properties", "skipped"]
    results = json.loads(sarif(made, ROOT))["runs"][0]["results"]
    said = [each["suppressions"] for each in results if "suppressions" in each]
    assert said == [[{"kind": "external", "justification": "until 2027-03-31: known"}]] * 2
    assert len(results) == 3
    assert cases(nights.SECOND)["stop"] == "failure"


@pytest.mark.parametrize("text", [EVIL, BIDI])
def test_any_text_is_valid(text: str) -> None:
    assert run(spoiled(text))["results"]
    assert "failure" in cases(spoiled(text)).values()


def after_a_night_of(*paths: str, suppressed: dict[str, str] | None = None) -> Digest:
    """Of paths that hold one scenario which is right, after a night that has left three findings open."""
    events = (nights.started(paths=paths), *nights.CLEAN[1:])
    return digest(Told.of(3, events), [Told.of(2, nights.SECOND)], suppressed=suppressed or {})


@pytest.mark.parametrize(
    ("paths", "left"),
    [
        (("other",), {nights.LOST: 1, nights.FLAKY: 2}),
        (("app",), {nights.LOST: 1}),  # the file was looked into, and the scenario is not there any more
        (("./app/", "targets/python/lost_update/scenario.py"), {}),
        ((f"{nights.LOST}s", "app/pool.py::another"), {nights.LOST: 1, nights.FLAKY: 2}),
        ((".",), {}),
    ],
)
def test_a_finding_of_a_scenario_that_the_night_was_not_about_stays_an_alert(
    paths: tuple[str, ...], left: dict[str, int]
) -> None:
    made = after_a_night_of(*paths)
    results = json.loads(sarif(made, ROOT))["runs"][0]["results"]
    assert Counter(each["properties"]["scenario"] for each in results) == left
    assert Counter(each.title for each in made.news if each.what == "open still") == left
    assert not made.findings


def test_a_suppressed_one_stays_suppressed() -> None:
    made = after_a_night_of("app", suppressed={"aaaa11112222": "until 2027-03-31: known"})
    (only,) = json.loads(sarif(made, ROOT))["runs"][0]["results"]
    assert only["suppressions"] == [{"kind": "external", "justification": "until 2027-03-31: known"}]
    assert not [each for each in made.news if each.what == "open still"]
