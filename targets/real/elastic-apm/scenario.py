"""elastic-apm 6.26.2, a known-good control: the same live dicts as in the other folders, and nothing leaks.

`headers_copied`: the package's own processors copy a dict in one step before they walk it, so that what is sanitized is
what is sent. `event_dropped_on_error`: a processor of the project walks a live dict in place and may raise; the
transport then drops the event instead of sending it (`transport/base.py`, `_process_event`).
"""

import functools
import logging
from collections.abc import Callable
from typing import Any

import elasticapm
from elasticapm.conf.constants import ERROR, MASK
from elasticapm.transport.base import Transport
from elasticapm.utils import json_encoder

from redactfuzz import Race, scenario

BUILD = "7f3a-2291"
Processor = Callable[[elasticapm.Client, dict[str, Any]], dict[str, Any]]

logging.getLogger("elasticapm").addHandler(logging.NullHandler())  # The notice about a dropped event.


@functools.cache
def client() -> elasticapm.Client:
    """The agent's settings. Disabled: it starts no threads of its own and opens no connection."""
    return elasticapm.Client(
        service_name="billing",
        enabled=False,
        disable_log_record_factory=True,
        central_config=False,
        cloud_provider="none",
        metrics_interval="0s",
    )


def mask_custom_context(_: elasticapm.Client, event: dict[str, Any]) -> dict[str, Any]:
    """A processor such as projects write: masks the application's own dict in place."""
    custom = event["context"]["custom"]
    for name in custom:
        if name.endswith("token"):
            custom[name] = MASK
    return event


def send(race: Race, transport: Transport, event: dict[str, Any]) -> None:
    """What the transport's thread does with each event: process it, serialize what is left."""
    processed = transport._process_event(ERROR, event)
    if processed is not None:
        race.dump(json_encoder.dumps(processed))


def add_header(headers: dict[str, str]) -> None:
    """A middleware that extends the dict that the event refers to."""
    headers["x-trace-id"] = "00-4bf92f35"


def agent(race: Race, live: dict[str, str], context: dict[str, Any], *more: Processor) -> None:
    """An error event that holds a live dict, and a thread that extends it."""
    race.witness("build id", BUILD)
    transport = Transport(client(), processors=[*client().load_processors(), *more])
    race.redactor("elasticapm.transport.base:Transport._process_event", bypass=lambda _self, _type, event: event)
    race.thread(send, race, transport, {"culprit": BUILD, "context": context})
    race.thread(add_header, live)


@scenario
def headers_copied(race: Race) -> None:
    """Live request headers, sanitized by the package's own processors."""
    headers = {"host": "billing", "authorization": race.canary("bearer token").text}
    agent(race, headers, {"request": {"headers": headers}})


@scenario
def event_dropped_on_error(race: Race) -> None:
    """Live custom context, masked in place by a processor that raises when the dict grows."""
    custom = {"tenant": "acme", "plan": "basic", "session_token": race.canary("session token").text}
    agent(race, custom, {"custom": custom}, mask_custom_context)
