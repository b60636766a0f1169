"""The steps of a replay, one a line."""

from __future__ import annotations

from redactfuzz.model.schedule import Site, Step
from redactfuzz.report.trace import trace


def test_a_step_that_is_at_no_line_of_the_program_shows_none() -> None:
    nowhere = Step(0, "main", "", 0, "", "", Site("", "", ""))
    somewhere = Step(1, "main", "app.c", 7, "main", "return 0;", Site("app.c", "main", "+3:1"))
    first, second = trace([nowhere, somewhere])
    assert first == "1  main"
    assert second.split() == ["2", "main", "app.c:7", "return", "0;", "app.c:main+3:1"]
