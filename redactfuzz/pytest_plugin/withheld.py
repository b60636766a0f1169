"""What pytest does not show once a scenario has run in its process: what fixtures kept of it may hold canaries.

Thousands of executions had a canary each, and a fixture of a wide scope outlives the test that it was made for. So no
text is searched for them: of an exception its type and its places are told.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator

import pytest

from redactfuzz.model.texts.escaped import escaped

RAN = pytest.StashKey[bool]()
"""Of the session: a scenario has run in this process."""
_FRAMES = 50
_WHY = "Its message, values and lines are withheld: a scenario ran before, and they may hold its canaries."


def withhold(test_report: pytest.TestReport, call: pytest.CallInfo[None], *, ours: bool) -> None:
    """Takes out of a report what was captured, and what the exception of a fixture says. ``ours``: of a scenario."""
    kept = [each for each in test_report.sections if not each[0].startswith("Captured") or _is_own(each[0], ours)]
    test_report.sections[:] = kept
    error = call.excinfo.value if call.excinfo is not None else None
    if error is not None and call.when != "call" and test_report.failed and not _is_of_pytest(type(error)):
        lines = [f"{_name(error)} in the {call.when} of a fixture", *_places(error), _WHY]
        test_report.longrepr = "\n".join(map(escaped, lines))


def _is_own(title: str, ours: bool) -> bool:
    """What a test prints in its call that is no scenario is its own."""
    return not ours and title.endswith(" call")


def _is_of_pytest(kind: type) -> bool:
    """As where there is no such fixture: made before anything ran, of names alone."""
    return kind.__name__ == "FixtureLookupError" and kind.__module__.startswith("_pytest.")


def _places(error: BaseException) -> Iterator[str]:
    """Of it, and of what is in a group."""
    for frame in traceback.extract_tb(error.__traceback__)[-_FRAMES:]:
        if "_pytest" not in frame.filename and "pluggy" not in frame.filename:
            yield f"  {frame.filename}:{frame.lineno} in {frame.name}"
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield f"  {_name(one)}:"
            yield from _places(one)


def _name(error: BaseException) -> str:
    return type(error).__name__
