"""What SARIF 2.1.0 requires (by its sections), and what GitHub asks beyond it ("SARIF support for code scanning")."""

from __future__ import annotations

import json
import re
from typing import Any

LEVELS = {"none", "note", "warning", "error"}
"""Sections 3.27.10 and 3.58.6."""
REFERENCE = re.compile(r"(?:file:///)?(?:[A-Za-z0-9\-._~/!$&'()*+,;=@?]|%[0-9A-F]{2})*")
"""RFC 3986, section 4.1: no letter that must be written otherwise; a colon would begin a scheme."""


def check_message(message: dict[str, Any]) -> None:
    """Section 3.11: text or id; text is plain and not empty."""
    assert isinstance(message["text"], str)
    assert message["text"].strip()
    assert not re.search(r"[\x00-\x1f\x7f-\x9f]", message["text"])


def check_location(location: dict[str, Any]) -> None:
    """Sections 3.28 to 3.32."""
    if "message" in location:
        check_message(location["message"])
    physical = location["physicalLocation"]
    assert physical.keys() & {"artifactLocation", "address"}
    artifact = physical["artifactLocation"]
    assert REFERENCE.fullmatch(artifact["uri"])
    assert ("uriBaseId" in artifact) != artifact["uri"].startswith("file:"), "3.4.4: no base of an absolute one"
    assert not artifact["uri"].startswith(("/", "../"))
    region = physical["region"]
    assert region.get("startLine", 1) >= 1  # 3.30.5
    assert region.get("byteOffset", 0) >= 0
    assert region.get("byteLength", 0) >= 0
    assert region.keys() & {"startLine", "byteOffset"}
    if "address" in physical:
        assert physical["address"]["absoluteAddress"] >= 0


def check_rule(rule: dict[str, Any]) -> None:
    """Section 3.49, and GitHub's table of reportingDescriptor."""
    assert rule["id"]
    assert len(rule["name"]) <= 255
    for name in ("shortDescription", "fullDescription", "help"):
        check_message(rule[name])
    assert len(rule["shortDescription"]["text"]) <= 1024
    assert len(rule["fullDescription"]["text"]) <= 1024
    assert rule["help"]["markdown"].strip()
    assert rule["defaultConfiguration"]["level"] in LEVELS
    told = rule["properties"]
    assert "security" in told["tags"], "else its severity is not shown"
    assert len(told["tags"]) <= 10
    assert told["precision"] in {"very-high", "high", "medium", "low"}
    assert isinstance(told["security-severity"], str)
    assert 0.0 < float(told["security-severity"]) <= 10.0


def check_result(result: dict[str, Any], rules: list[str], bases: set[str]) -> None:
    """Section 3.27, and GitHub's table of result."""
    check_message(result["message"])  # 3.27.11
    assert rules[result["ruleIndex"]] == result["ruleId"]  # 3.27.5, 3.27.6
    assert result["level"] in LEVELS
    assert 1 <= len(result["locations"]) <= 100
    flows = [flow for code in result.get("codeFlows", ()) for flow in code["threadFlows"]]  # 3.36.3
    assert all(flow["locations"] for flow in flows)  # 3.37.6
    steps = [step for flow in flows for step in flow["locations"]]
    orders = [step["executionOrder"] for step in steps]
    assert len(orders) == len(set(orders))
    for location in [*result["locations"], *(step["location"] for step in steps)]:
        check_location(location)
        assert {location["physicalLocation"]["artifactLocation"].get("uriBaseId")} - {None} <= bases
    prints = result["partialFingerprints"]  # 3.27.17
    assert all(isinstance(value, str) and value for value in prints.values())
    assert re.fullmatch(r"[0-9a-f]{16}:[0-9]+", prints["primaryLocationLineHash"])


def check_log(whole: dict[str, Any]) -> None:
    """All of it."""
    assert whole["version"] == "2.1.0"  # 3.13.2
    assert whole["$schema"].endswith("sarif-2.1.0.json")  # 3.13.3
    (run,) = whole["runs"]  # 3.13.4
    driver = run["tool"]["driver"]  # 3.14.6, 3.18.2
    assert driver["name"] == "redactfuzz"  # 3.19.8
    assert re.fullmatch(r"\d+\.\d+\.\d+.*", driver["semanticVersion"])
    rules = [rule["id"] for rule in driver["rules"]]  # 3.49.3
    assert len(rules) == len(set(rules))
    assert run["automationDetails"]["id"].endswith("/")
    bases = run["originalUriBaseIds"]  # 3.14.14
    for base in bases.values():
        assert re.fullmatch(r"file:///(?:.*/)?", base["uri"])
    for rule in driver["rules"]:
        check_rule(rule)
    assert isinstance(run["results"], list)  # 3.14.23: empty when nothing was found, not absent
    assert len(run["results"]) <= 5_000
    for result in run["results"]:
        check_result(result, rules, set(bases))
    (invocation,) = run["invocations"]
    assert isinstance(invocation["executionSuccessful"], bool)  # 3.20.14
    for notification in invocation["toolExecutionNotifications"]:
        check_message(notification["message"])  # 3.58.5
        assert notification["level"] in LEVELS
    assert len(json.dumps(whole)) < 10 << 20
