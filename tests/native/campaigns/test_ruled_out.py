"""What is known of a program before its first execution is said then, with its place and a remedy of its own."""

from __future__ import annotations

import attrs
import pytest
import sources
from campaigning import (
    folder,  # noqa: F401  (a fixture)
    found,
)

from redactfuzz.campaign.face.scenario import ambient, surrounded
from redactfuzz.model.events import CampaignEvent, CampaignProgress, PassRuledOut
from redactfuzz.model.finding import Report
from redactfuzz.model.verdict import Verdict

ASKS = "#include <netdb.h>\n"
CALL, DEFINED = "    sethostent(0);\n", "void sethostent(int open) { (void)open; }\n"
MAIN = "int main(void)\n{\n"


def campaign(text: str) -> tuple[Report, list[CampaignEvent]]:
    """Its report and its events."""
    events: list[CampaignEvent] = []
    with surrounded(attrs.evolve(ambient(), observer=events.append)):
        return found(ASKS + text, executions=400, second_crash=False), events


@pytest.mark.parametrize(
    ("text", "verdict"), [(sources.FIXED, Verdict.INCONCLUSIVE), (sources.LEAKY, Verdict.LEAK)], ids=["right", "leaks"]
)
def test_a_call_that_rules_out_a_pass_is_said_before_the_first_execution(text: str, verdict: Verdict) -> None:
    program = text.replace(MAIN, MAIN + CALL)
    report, events = campaign(program)
    (said,) = [event for event in events if isinstance(event, PassRuledOut)]
    before = [event for event in events[: events.index(said)] if isinstance(event, CampaignProgress)]
    assert not any(event.counters.executions for event in before)
    line = (ASKS + program).split(CALL)[0].count("\n") + 1
    assert "sethostent is a function of the C library" in said.reason.what
    assert f"(at rotate.c:{line})" in said.reason.what
    assert said.reason.remedy.startswith("Define sethostent in a file")
    assert report.verdict is verdict, report.reason
    assert verdict is Verdict.LEAK or report.reason == said.reason
    assert report.executions <= 400


def test_what_the_program_defines_itself_rules_out_nothing() -> None:
    report, events = campaign(DEFINED + sources.FIXED.replace(MAIN, MAIN + CALL))
    assert not [event for event in events if isinstance(event, PassRuledOut)]
    assert report.verdict.passed, report.reason
