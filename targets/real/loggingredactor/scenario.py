"""loggingredactor 0.0.7: a record whose arguments change while they are being copied is logged unredacted.

`RedactingFilter.redact` deep-copies what it is about to mask. When another thread adds a key to a live dict during the
copy, `deepcopy` raises and the filter returns the original (`redacting_filter.py:59-63`).
"""

import contextlib
import copy
import functools
import io
import logging
from typing import Any

from loggingredactor import RedactingFilter

from redactfuzz import Race, scenario

BUILD = "7f3a-2291"


class FailClosedFilter(RedactingFilter):
    """The fix: redact a private copy, and log a placeholder when none can be made."""

    def redact(self, content: Any, key: str | None = None) -> Any:
        """Mask a copy of `content` that no other thread can reach."""
        try:
            private = copy.deepcopy(content)
        except Exception:
            return "[not logged: it could not be redacted]"
        return super().redact(private, key)


class DumpHandler(logging.Handler):
    """Hands every formatted line to the scenario, as a file handler would write it to the log."""

    def __init__(self, race: Race) -> None:
        """Remember the execution whose dumps the lines are."""
        super().__init__()
        self._race = race

    def emit(self, record: logging.LogRecord) -> None:
        """Format the record, after the filters, and dump it."""
        self._race.dump(self.format(record))


def log_request(logger: logging.Logger, request: dict[str, str]) -> None:
    """What the web framework does at the end of a request."""
    logger.info("build " + BUILD + " handled %s", request)


def add_trace_id(request: dict[str, str]) -> None:
    """What a tracing middleware does at about the same time."""
    request["trace_id"] = "00-4bf92f35"


def logger_with(handler: logging.Handler, redacting_filter: RedactingFilter) -> logging.Logger:
    """A logger that is registered nowhere, so that nothing is carried from one execution to the next."""
    handler.addFilter(redacting_filter)
    logger = logging.Logger("service")
    logger.addHandler(handler)
    return logger


@functools.cache
def warm_up() -> None:
    """Log once in each process: caches of `isinstance` make a first run longer than the others."""
    with contextlib.closing(logging.StreamHandler(io.StringIO())) as handler:
        log_request(logger_with(handler, FailClosedFilter(mask_keys={"token"})), {"method": "GET", "token": "none"})


def service(race: Race, redacting_filter: RedactingFilter) -> None:
    """One request dict, logged by one thread and extended by another."""
    warm_up()
    race.witness("build id", BUILD)
    request = {"method": "GET", "path": "/v1/keys", "token": race.canary("bearer token").text}

    logger = logger_with(race.enter(contextlib.closing(DumpHandler(race))), redacting_filter)
    race.redactor("loggingredactor.redacting_filter:RedactingFilter.filter", bypass=lambda *_: True)

    race.thread(log_request, logger, request)
    race.thread(add_trace_id, request)


@scenario
def live_dict(race: Race) -> None:
    """The package as it is."""
    service(race, RedactingFilter(mask_keys={"token"}))


@scenario
def live_dict_fixed(race: Race) -> None:
    """The same service with the filter that fails closed."""
    service(race, FailClosedFilter(mask_keys={"token"}))
