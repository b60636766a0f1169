"""Issue 41.7: a dump may hold what JSON cannot: it is read as its own text, with the attributes that it shows."""

from __future__ import annotations

import datetime
import io
import logging
from collections.abc import Callable
from typing import Any

from truth import LEAK, PASS, case

from redactfuzz import Race


class Session:
    """An object of the program, which ``json.dumps(default=vars)`` would write."""

    def __init__(self, text: str) -> None:
        self.text = text


class Holder:
    """One whose own text shows nothing of what it holds below."""

    def __init__(self, text: str) -> None:
        self.session = Session(text)

    def __repr__(self) -> str:
        return "<Holder>"


def _record(text: str) -> logging.LogRecord:
    return logging.LogRecord("service", logging.ERROR, "service.py", 1, "died: %s", (text,), None)


VALUES: dict[str, Callable[[str], Any]] = {
    "an_object": Session,
    "an_object_below": Holder,
    "an_exception": ValueError,
    "a_log_record": _record,
    "a_text_in_memory": io.StringIO,
}


def _holding(make: Callable[[str], Any], *, masked: bool) -> Callable[[Race], None]:
    def body(race: Race) -> None:
        key = race.canary("key")
        mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
        race.thread(lambda: None)
        race.crash(
            lambda: {
                "when": datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC),
                "masked": mask(key.text),
                "value": make(mask(key.text) if masked else key.text),
            }
        )

    return body


for name, make in VALUES.items():
    bad, good = _holding(make, masked=False), _holding(make, masked=True)
    bad.__name__, good.__name__ = f"a_dump_with_the_secret_in_{name}", f"a_dump_with_{name}_that_is_masked"
    bad.__doc__ = f"The dump holds a date, and the secret in {name.replace('_', ' ')}."
    good.__doc__ = f"The dump holds a date, and the masked text in {name.replace('_', ' ')}."
    case("41.7", LEAK, executions=20)(bad)
    case("41.7", PASS, executions=20)(good)
