"""SARIF 2.1.0 (OASIS Standard, 27 March 2020): what its sections require, and that it says what the verdict says."""

from __future__ import annotations

import json
import re
from typing import Any

import attrs
import dump_reports as sample
import pytest

from redactfuzz.model.exposure import DumpReport, Severity, Where
from redactfuzz.report.dump_lines import verdict
from redactfuzz.report.sarif import sarif

LEVELS = {"none", "note", "warning", "error"}
"""Sections 3.27.10 and 3.58.6."""
REFERENCE = re.compile(r"(?:[A-Za-z0-9\-._~/!$&'()*+,;=@?]|%[0-9A-F]{2})*")
"""RFC 3986, section 4.1: no letter that must be written otherwise; a colon would begin a scheme."""


def log(*reports: DumpReport) -> dict[str, Any]:
    return dict(json.loads(sarif(reports)))


def run(*reports: DumpReport) -> dict[str, Any]:
    (only,) = log(*reports)["runs"]
    return dict(only)


def check_message(message: dict[str, Any]) -> None:
    """Section 3.11: text or id; text is plain and not empty."""
    assert isinstance(message["text"], str)
    assert message["text"].strip()
    assert not re.search(r"[\x00-\x1f\x7f-\x9f]", message["text"])


def check_location(location: dict[str, Any]) -> None:
    """Sections 3.28 to 3.32."""
    check_message(location["message"])
    physical = location["physicalLocation"]
    assert physical.keys() & {"artifactLocation", "address"}
    assert REFERENCE.fullmatch(physical["artifactLocation"]["uri"])
    region = physical["region"]
    assert region["byteOffset"] >= 0
    assert region["byteLength"] >= 0
    if "address" in physical:
        assert physical["address"]["absoluteAddress"] >= 0


@pytest.mark.parametrize("report", sample.EVERY, ids=lambda report: verdict(report))
def test_every_property_that_the_specification_requires_is_there(report: DumpReport) -> None:
    whole = log(report)
    assert whole["version"] == "2.1.0"  # 3.13.2
    assert whole["$schema"].endswith("sarif-2.1.0.json")  # 3.13.3
    assert isinstance(whole["runs"], list)  # 3.13.4
    (one,) = whole["runs"]
    driver = one["tool"]["driver"]  # 3.14.6, 3.18.2
    assert driver["name"] == "redactfuzz"  # 3.19.8
    rules = [rule["id"] for rule in driver["rules"]]  # 3.49.3
    assert len(rules) == len(set(rules))
    for rule in driver["rules"]:
        check_message(rule["shortDescription"])
    assert isinstance(one["results"], list)  # 3.14.23: empty when nothing was found, not absent
    for result in one["results"]:
        check_message(result["message"])  # 3.27.11
        assert result["ruleId"] in rules  # 3.27.5
        assert result["level"] in LEVELS
        assert result["locations"]
        for location in result["locations"]:
            check_location(location)
        assert all(isinstance(value, str) and value for value in result["partialFingerprints"].values())  # 3.27.17
    (invocation,) = one["invocations"]
    assert isinstance(invocation["executionSuccessful"], bool)  # 3.20.14
    for notification in invocation["toolExecutionNotifications"]:
        check_message(notification["message"])  # 3.58.5
        assert notification["level"] in LEVELS


@pytest.mark.parametrize("report", sample.EVERY)
def test_it_says_what_the_verdict_says(report: DumpReport) -> None:
    one = run(report)
    (invocation,) = one["invocations"]
    told = verdict(report)
    assert bool(one["results"]) == (told == "LEAK")
    assert told != "INCOMPLETE" or not invocation["executionSuccessful"]
    assert told != "CLEAN" or invocation["executionSuccessful"]
    warned = [note for note in invocation["toolExecutionNotifications"] if note["level"] == "warning"]
    assert bool(warned) != invocation["executionSuccessful"]


def test_a_secret_is_one_result_with_all_its_places() -> None:
    secret, key = run(sample.LEAKING)["results"]
    assert secret["ruleId"] == "canary/token"
    assert secret["level"] == "error"
    assert secret["partialFingerprints"] == {"secret/v1": "deadbeef"}
    assert sample.REASON in secret["message"]["text"]
    first, second = (place["physicalLocation"] for place in secret["locations"])
    assert first == {
        "artifactLocation": {"uri": "a.core"},
        "region": {"byteOffset": 0x1040, "byteLength": 32},
        "address": {"absoluteAddress": 0x7F3100001040},
    }
    assert second["artifactLocation"] == {"uri": "a.core.gz"}, "the file that exists, not the member"
    assert "address" not in second
    assert (key["ruleId"], key["level"]) == ("key/aes", "note")


@pytest.mark.parametrize(("severity", "level"), list(zip(Severity, ["error", "error", "warning", "note"], strict=True)))
def test_each_severity_has_its_level(severity: Severity, level: str) -> None:
    exposure = attrs.evolve(sample.EXPOSURE, severity=severity)
    (result,) = run(attrs.evolve(sample.WHOLE, exposures=(exposure,)))["results"]
    assert result["level"] == level


def test_what_was_not_read_is_a_warning_and_a_hole_is_a_note() -> None:
    (invocation,) = run(sample.TRUNCATED)["invocations"]
    assert [(note["level"], note["message"]["text"]) for note in invocation["toolExecutionNotifications"]] == [
        ("warning", "a.core at byte 8192: segment 9 is cut off"),
        ("warning", "a.core.gz: the gzip data ends in the middle of a frame"),
        ("note", "a.core at byte 36864: a hole"),
    ]


def test_a_dump_without_the_marker_is_told() -> None:
    (invocation,) = run(sample.UNMARKED)["invocations"]
    (note,) = invocation["toolExecutionNotifications"]
    assert note["level"] == "warning"
    assert "marker" in note["message"]["text"]


def test_several_dumps_are_one_run() -> None:
    one = run(sample.CLEAN, sample.LEAKING, sample.TRUNCATED)
    assert len(one["results"]) == 2
    assert one["invocations"][0]["executionSuccessful"] is False


@pytest.mark.parametrize("name", ["a b.core", "ä/x%41.log", "C:\\x", "http://x", "a#b?c", "x\x1b\n", "caf\udce9"])
def test_any_name_of_a_file_becomes_a_relative_reference(name: str) -> None:
    fragment = attrs.evolve(sample.EXPOSURE.fragments[0], where=Where(name, 1, 2))
    exposure = attrs.evolve(sample.EXPOSURE, fragments=(fragment,))
    (result,) = run(attrs.evolve(sample.WHOLE, dump=name, exposures=(exposure,)))["results"]
    check_location(result["locations"][0])


def test_the_text_is_ascii_whatever_is_in_it() -> None:
    assert all(sarif([report]).isascii() for report in sample.EVERY)
