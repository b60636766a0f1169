"""The reports of a command as a JUnit file, in the form that pytest writes and that Jenkins and GitLab read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree

from redactfuzz.model.finding import Report
from redactfuzz.model.texts.escaped import escaped
from redactfuzz.model.verdict import Verdict
from redactfuzz.report.certificate import whole
from redactfuzz.report.junit import properties
from redactfuzz.report.kept import Rest
from redactfuzz.report.lines import plain
from redactfuzz.report.pytest_text import message

_NOT_XML = re.compile("[\ufffe\uffff]")
_WIDTH = 100
_FOUND = {Verdict.LEAK, Verdict.BUG}


def junit(reports: Sequence[Report], *rests: Rest) -> str:
    """A test case for each scenario: ``failure`` for what was found, ``error`` for what does not count as a test.

    What was not reached is ``skipped``.
    """
    cases = [_case(report) for report in reports]
    cases += [_unreached(title, rest.why) for rest in rests for title in rest.titles]
    numbers = {
        "tests": len(cases),
        "failures": sum(case.find("failure") is not None for case in cases),
        "errors": sum(case.find("error") is not None for case in cases),
        "skipped": sum(case.find("skipped") is not None for case in cases),
    }
    totals = {name: str(number) for name, number in numbers.items()}
    totals["time"] = f"{sum(map(_seconds, reports)):.3f}"
    suites = ElementTree.Element("testsuites", {"name": "redactfuzz", **totals})
    suite = ElementTree.SubElement(suites, "testsuite", {"name": "redactfuzz", **totals})
    suite.extend(cases)
    ElementTree.indent(suites)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(suites, encoding="unicode") + "\n"


def _named(title: str, seconds: float) -> ElementTree.Element:
    file, _, name = title.partition("::")
    return ElementTree.Element(
        "testcase",
        {
            "classname": _text(file.removesuffix(".py").replace("/", ".")),
            "name": _text(name or file),
            "file": _text(file),
            "time": f"{seconds:.3f}",
        },
    )


def _unreached(title: str, why: str) -> ElementTree.Element:
    case = _named(title, 0.0)
    ElementTree.SubElement(case, "skipped", {"type": "NOT_REACHED", "message": _text(f"Not reached: {why}.")})
    return case


def _case(report: Report) -> ElementTree.Element:
    case = _named(report.scenario, _seconds(report))
    element = ElementTree.SubElement(case, "properties")
    for key, value in properties(report):
        ElementTree.SubElement(element, "property", {"name": key, "value": _text(value)})
    text = _text(plain(whole(report, _WIDTH)), keep="\n")
    if report.verdict.passed:
        ElementTree.SubElement(case, "system-out").text = text
        return case
    kind = "skipped" if report.skipped else "failure" if report.verdict in _FOUND else "error"
    attributes = {"type": str(report.verdict), "message": _text(message(report))}
    ElementTree.SubElement(case, kind, attributes).text = text
    return case


def _seconds(report: Report) -> float:
    return report.seconds + sum(seconds for _, seconds in report.after)


def _text(text: str, keep: str = "") -> str:
    """What XML can hold: no control character, and no half of a pair."""
    return _NOT_XML.sub("?", escaped(text, keep).encode("utf-8", "backslashreplace").decode("utf-8"))
