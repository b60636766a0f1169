"""SARIF 2.1.0 (OASIS Standard, 27 March 2020): what its sections require, and that it says what the verdict says.

What GitHub asks beyond it is from its page "SARIF support for code scanning".
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import attrs
import dump_reports as sample
import pytest
from sarif_rules import check_location, check_log

from redactfuzz.model.exposure import DumpReport, Severity, Where
from redactfuzz.report.dump_lines import verdict
from redactfuzz.report.sarif import sarif
from redactfuzz.report.sarif_log import Root

ROOT = Root(Path("/somewhere"))


def log(*reports: DumpReport) -> dict[str, Any]:
    return dict(json.loads(sarif(reports)))


def run(*reports: DumpReport) -> dict[str, Any]:
    (only,) = log(*reports)["runs"]
    return dict(only)


@pytest.mark.parametrize("report", sample.EVERY, ids=lambda report: verdict(report))
def test_every_property_that_the_specification_requires_is_there(report: DumpReport) -> None:
    check_log(log(report))


@pytest.mark.parametrize("report", sample.EVERY)
def test_it_says_what_the_verdict_says(report: DumpReport) -> None:
    one = run(report)
    (invocation,) = one["invocations"]
    told = verdict(report)
    assert any("suppressions" not in result for result in one["results"]) == (told == "LEAK")
    assert bool(one["results"]) == (told in ("LEAK", "NOTED"))
    assert told != "INCOMPLETE" or not invocation["executionSuccessful"]
    assert told != "CLEAN" or invocation["executionSuccessful"]
    warned = [note for note in invocation["toolExecutionNotifications"] if note["level"] == "warning"]
    assert bool(warned) != invocation["executionSuccessful"]


@pytest.mark.parametrize("member", ["", "!inner.log"])
def test_a_name_that_holds_what_begins_a_member_is_the_artifact_whole(member: str) -> None:
    (key,) = sample.LEAKING.keys
    key = attrs.evolve(key, where=(Where(f"logs/a!b{member}", 3, 20, "line 2"),))
    (result,) = run(DumpReport("logs/a!b", keys=(key,)))["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "logs/a%21b"
    assert ("startLine" in place["region"]) == (not member)


def test_a_secret_is_one_result_with_all_its_places() -> None:
    secret, key = run(sample.LEAKING)["results"]
    assert secret["ruleId"] == "canary/token"
    assert secret["level"] == "error"
    assert secret["partialFingerprints"]["secret/v1"] == "deadbeef"
    assert sample.REASON in secret["message"]["text"]
    first, second = (place["physicalLocation"] for place in secret["locations"])
    assert first == {
        "artifactLocation": {"uri": "a.core", "uriBaseId": "SRCROOT"},
        "region": {"byteOffset": 0x1040, "byteLength": 32},
        "address": {"absoluteAddress": 0x7F3100001040},
    }
    assert second["artifactLocation"]["uri"] == "a.core.gz", "the file that exists, not the member"
    assert "address" not in second
    assert "startLine" not in second["region"], "a line of the member is none of the file"
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
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uriBaseId"] == "SRCROOT"


def test_a_line_of_a_text_is_known_and_the_severity_of_a_rule_is_that_of_its_worst_result() -> None:
    places = [attrs.evolve(sample.EXPOSURE.fragments[1], where=Where("a.log", 70, 16, "line 3 $.a"))]
    mild = attrs.evolve(sample.EXPOSURE, severity=Severity.LOW, fragments=tuple(places))
    one = run(attrs.evolve(sample.WHOLE, exposures=(mild, attrs.evolve(sample.EXPOSURE, severity=Severity.HIGH))))
    assert one["results"][0]["locations"][0]["physicalLocation"]["region"] == {
        "startLine": 3,
        "byteOffset": 70,
        "byteLength": 16,
    }
    (rule,) = one["tool"]["driver"]["rules"]
    assert rule["properties"]["security-severity"] == "7.5"


def test_a_file_elsewhere_is_absolute_and_the_same_secret_has_the_same_fingerprint() -> None:
    def of(image: str) -> dict[str, Any]:
        fragment = attrs.evolve(sample.EXPOSURE.fragments[0], where=Where(image, 1, 2))
        report = attrs.evolve(sample.WHOLE, exposures=(attrs.evolve(sample.EXPOSURE, fragments=(fragment,)),))
        (result,) = json.loads(sarif([report], ROOT))["runs"][0]["results"]
        return dict(result)

    inside, outside = of("/somewhere/a b.core"), of("/elsewhere/b.core")
    artifacts = [each["locations"][0]["physicalLocation"]["artifactLocation"] for each in (inside, outside)]
    assert artifacts == [{"uri": "a%20b.core", "uriBaseId": "SRCROOT"}, {"uri": "file:///elsewhere/b.core"}]
    assert inside["partialFingerprints"] == outside["partialFingerprints"]


def test_the_text_is_ascii_whatever_is_in_it() -> None:
    assert all(sarif([report]).isascii() for report in sample.EVERY)
