"""What ``run --sarif`` and ``run --junit`` write: valid, whole after each scenario, saying what the verdict says."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import attrs
import pytest
from sarif_rules import check_log

sys.path.append(str(Path(__file__).parents[2] / "snapshots"))
import sample_reports as sample

from redactfuzz.model.events import CampaignEnded, Listed
from redactfuzz.model.finding import Report
from redactfuzz.model.schedule import Passed
from redactfuzz.model.verdict import Reason, Verdict
from redactfuzz.report.junit_file import junit
from redactfuzz.report.kept import File, Kept, Rest, Stream
from redactfuzz.report.outputs import FILES
from redactfuzz.report.sarif_findings import sarif
from redactfuzz.report.sarif_log import Root

EVERY = [sample.LEAKED, sample.LONG, sample.DEADLOCK, sample.RAISED, sample.CERTIFIED, sample.VACUOUS, sample.BROKEN]
STRANGE = Report("a b.py::it\x1b[1m\n", Verdict.ERROR, Reason("\x00 <&> \udc80 \ufffe ]]>"))


def run(*reports: Report) -> dict[str, Any]:
    (only,) = json.loads(sarif(reports))["runs"]
    return dict(only)


@pytest.mark.parametrize("report", [*EVERY, STRANGE], ids=lambda report: str(report.verdict))
def test_sarif_has_what_the_standard_and_code_hosts_require(report: Report) -> None:
    check_log(json.loads(sarif([report])))
    assert sarif([report]).isascii()


def test_a_finding_is_a_result_at_the_line_where_the_thread_was_displaced() -> None:
    (result,) = run(sample.LEAKED)["results"]
    finding = sample.LEAKED.finding
    assert finding is not None
    moved = max(number for number, step in enumerate(finding.steps) if step.deviation)
    before = [step for step in finding.steps[:moved] if step.file][-1]
    place = result["locations"][0]["physicalLocation"]
    assert place["region"]["startLine"] == before.line
    assert place["artifactLocation"]["uri"].endswith(before.file)
    assert {flow["id"] for flow in result["codeFlows"][0]["threadFlows"]} == {step.thread for step in finding.steps}
    assert result["properties"]["replay"] == finding.replay_command


def test_a_finding_keeps_its_fingerprint_when_its_line_moves() -> None:
    assert sample.LEAKED.finding is not None
    steps = tuple(attrs.evolve(step, line=step.line + 7) for step in sample.LEAKED.finding.steps)
    moved = attrs.evolve(sample.LEAKED, finding=attrs.evolve(sample.LEAKED.finding, steps=steps))
    (one,), (other,) = run(sample.LEAKED)["results"], run(moved)["results"]
    assert one["partialFingerprints"] == other["partialFingerprints"]
    assert one["locations"] != other["locations"]
    (third,) = run(sample.DEADLOCK)["results"]
    assert third["partialFingerprints"] != one["partialFingerprints"]


@pytest.mark.parametrize("report", EVERY, ids=lambda report: str(report.verdict))
def test_sarif_says_what_the_verdict_says(report: Report) -> None:
    (invocation,) = run(report)["invocations"]
    assert bool(run(report)["results"]) == (report.finding is not None)
    assert invocation["executionSuccessful"] == (report.verdict.passed or report.finding is not None)
    assert bool(invocation["toolExecutionNotifications"]) != invocation["executionSuccessful"]


def test_a_search_that_was_interrupted_did_not_succeed() -> None:
    (invocation,) = run(attrs.evolve(sample.LEAKED, interrupted=True))["invocations"]
    assert not invocation["executionSuccessful"]


def test_junit_has_a_case_for_each_scenario_with_its_verdict() -> None:
    suites = ElementTree.fromstring(junit([*EVERY, STRANGE]))
    assert suites.tag == "testsuites"
    (suite,) = suites
    assert {name: int(suite.attrib[name]) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": 8,
        "failures": 4,
        "errors": 3,
        "skipped": 0,
    }
    kinds = [[child.tag for child in case if child.tag != "properties"] for case in suite]
    assert kinds == [["failure"]] * 4 + [["system-out"]] + [["error"]] * 3
    leaked = suite[0]
    assert leaked.attrib["file"] == "targets/python/lost_update/scenario.py"
    assert leaked.attrib["classname"] == "targets.python.lost_update.scenario"
    assert leaked.attrib["name"] == "vulnerable"
    failure = leaked.find("failure")
    assert failure is not None
    assert failure.attrib["type"] == "LEAK"
    assert "redactfuzz replay" in (failure.text or "")
    assert {each.attrib["name"] for each in leaked.iter("property")} >= {"redactfuzz.verdict", "redactfuzz.repro"}


def test_a_scenario_that_skips_itself_is_skipped_in_junit() -> None:
    skipped = Report("a.py::it", Verdict.ERROR, Reason("It skips itself (no).", "Take it away."), skipped="no")
    (suite,) = ElementTree.fromstring(junit([skipped]))
    assert suite.attrib["skipped"] == "1"
    assert suite[0].find("skipped") is not None


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_whole_before_the_first_scenario_and_after_each(name: str, tmp_path: Path) -> None:
    path = tmp_path / "out"
    kept = Kept(File(path), FILES[name])
    sizes = [path.stat().st_size]
    for report in EVERY:
        kept.handle(CampaignEnded(report))
        assert path.read_text("utf-8") == FILES[name](EVERY[: len(sizes)], Rest(why="more"))
        sizes.append(path.stat().st_size)
    assert sizes == sorted(sizes)
    assert [each.name for each in tmp_path.iterdir()] == ["out"]


def test_what_was_not_reached_is_skipped_in_junit_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "j.xml"
    kept = Kept(File(path), FILES["junit"])

    def skipped() -> dict[str, str]:
        cases = ElementTree.parse(path).iter("testcase")
        found = {case.attrib["name"]: case.find("skipped") for case in cases}
        return {name: one.attrib["message"] for name, one in found.items() if one is not None}

    file = sample.CERTIFIED.scenario.partition("::")[0]
    kept.handle(Listed(file, (file,)))
    kept.handle(Listed("other.py", ("other.py",)))
    kept.handle(Listed(file, (sample.CERTIFIED.scenario, f"{file}::second")))
    kept.handle(CampaignEnded(sample.CERTIFIED))
    assert list(skipped()) == ["second", "other.py"]
    assert all("had not come to it" in each for each in skipped().values()), "as after kill -9"
    kept.ended("interrupted by SIGTERM")
    assert skipped() == dict.fromkeys(["second", "other.py"], "Not reached: interrupted by SIGTERM.")
    (suite,) = ElementTree.parse(path).getroot()
    assert (suite.attrib["tests"], suite.attrib["skipped"]) == ("3", "2")


@pytest.mark.parametrize("name", FILES)
def test_who_reads_a_pipe_gets_one_text_at_the_end(name: str) -> None:
    reader, writer = os.pipe()
    kept = Kept(Stream(writer), FILES[name])
    kept.handle(CampaignEnded(sample.VACUOUS))
    kept.ended()
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as pipe:
        assert pipe.read() == FILES[name]([sample.VACUOUS], Rest())


def test_sarif_is_no_success_until_every_scenario_was_reached(tmp_path: Path) -> None:
    path = tmp_path / "s.sarif"
    kept = Kept(File(path), FILES["sarif"])

    def success() -> bool:
        return bool(json.loads(path.read_text("utf-8"))["runs"][0]["invocations"][0]["executionSuccessful"])

    assert not success()
    kept.handle(CampaignEnded(sample.CERTIFIED))
    assert not success(), "a code host would close the alerts of those that were not reached"
    kept.ended()
    assert success()


def test_the_users_line_is_told_where_the_thread_stood_in_a_library_and_each_thread_has_a_flow() -> None:
    finding = sample.LEAKED.finding
    assert finding is not None
    moved = max(number for number, step in enumerate(finding.steps) if step.deviation)
    library = "/venv/lib/python3.11/site-packages/package/x.py"
    stood = attrs.evolve(finding.steps[moved - 1], file=library, passed=(Passed("/srv/app/ring.py", 99, "x = 1", "f"),))
    steps = (*finding.steps[: moved - 1], stood, *finding.steps[moved:])
    (result,) = run(attrs.evolve(sample.LEAKED, finding=attrs.evolve(finding, steps=steps)))["results"]
    place = result["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"].rpartition("/")[2], place["region"]["startLine"]) == ("ring.py", 99)
    assert "site-packages" not in json.dumps(result["codeFlows"])
    assert {flow["id"] for flow in result["codeFlows"][0]["threadFlows"]} == {step.thread for step in finding.steps}


def test_a_fingerprint_is_the_same_from_whichever_folder_the_file_was_run() -> None:
    finding = sample.LEAKED.finding
    assert finding is not None
    below = attrs.evolve(sample.LEAKED, finding=attrs.evolve(finding, scenario="/repo/tests/test_x.py::it"))
    kindless = attrs.evolve(below, finding=attrs.evolve(below.finding, kind=None))
    prints = [
        json.loads(sarif([each], Root(Path("/repo"))))["runs"][0]["results"][0]["partialFingerprints"]
        for each in (below, kindless)
    ]
    assert prints[0] == prints[1], "a finding of which the kind is not known yet is the same one"
