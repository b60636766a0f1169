"""sentry-sdk 2.75.0: events that hold a live dict of the application are scrubbed in place, while it changes.

Two races. `fail_open`: another thread adds a key while `EventScrubber.scrub_dict` iterates; the RuntimeError is
swallowed by `capture_internal_exceptions` and the event goes out with the rest unscrubbed (`scrubber.py:104-166`).
`scrub_then_serialize`: the secret is stored after the scrub and before `serialize` reads the same dict.
"""

import functools
from typing import Any

import sentry_sdk
from sentry_sdk.envelope import Envelope
from sentry_sdk.scrubber import EventScrubber
from sentry_sdk.transport import Transport

from redactfuzz import Race, scenario

BUILD = "7f3a-2291"


class SnapshotScrubber(EventScrubber):
    """The fix: copy the live dicts once, then scrub and serialize the copies."""

    def scrub_event(self, event: Any) -> None:
        """Replace each breadcrumb's data by a copy (one atomic step) before scrubbing."""
        crumbs = event["breadcrumbs"]["values"]
        event["breadcrumbs"] = {"values": [crumb | {"data": dict(crumb["data"])} for crumb in crumbs]}
        super().scrub_event(event)


class DumpTransport(Transport):
    """Hands the scenario what would go over the network."""

    def __init__(self, race: Race) -> None:
        """Remember the execution whose dumps the envelopes are."""
        super().__init__()
        self._race = race

    def capture_envelope(self, envelope: Envelope) -> None:
        """Dump the serialized event."""
        self._race.dump(envelope.serialize())


class NoTransport(Transport):
    """Sends nothing."""

    def capture_envelope(self, envelope: Envelope) -> None:
        """Only serialize."""
        envelope.serialize()


def init(transport: Transport, scrubber: EventScrubber) -> Any:
    """`sentry_sdk.init` without integrations, which patch the interpreter."""
    client = sentry_sdk.Client(
        dsn="https://public@sentry.invalid/1",
        release=BUILD,
        transport=transport,
        event_scrubber=scrubber,
        default_integrations=False,
        auto_enabling_integrations=False,
        enable_backpressure_handling=False,
    )
    sentry_sdk.get_global_scope().set_client(client)
    return client


@functools.cache
def warm_up() -> None:
    """Report once in each process: caches of `isinstance` and `typing` make a first run longer than the others."""
    with init(NoTransport(), SnapshotScrubber()):
        report_slow_query({"host": "db1", "password": "none"})


def start_sentry(race: Race, scrubber: EventScrubber) -> None:
    """A client for this execution alone, whose events are dumps."""
    warm_up()
    race.enter(init(DumpTransport(race), scrubber))
    race.witness("release", BUILD)
    race.redactor("sentry_sdk.scrubber:EventScrubber.scrub_event", bypass=lambda *_: None)


def report_slow_query(connection: dict[str, Any]) -> None:
    """What the database layer does: its connection settings go into a breadcrumb as they are."""
    sentry_sdk.add_breadcrumb(category="db", message="slow query", data=connection)
    sentry_sdk.capture_message("query took 40 s")


def note_retry(connection: dict[str, Any]) -> None:
    """What the connection pool does at about the same time."""
    connection["attempt"] = 2


def log_in(connection: dict[str, Any], password: str) -> None:
    """What the connection pool does once the vault has answered."""
    connection["password"] = password


def changed_size(race: Race, scrubber: EventScrubber) -> None:
    """The dict grows during the scrub."""
    start_sentry(race, scrubber)
    connection = {"host": "db1", "user": "billing", "password": race.canary("database password").text}
    race.thread(report_slow_query, connection)
    race.thread(note_retry, connection)


def changed_value(race: Race, scrubber: EventScrubber) -> None:
    """The secret arrives in a field that exists already, so that nothing is raised."""
    start_sentry(race, scrubber)
    connection = {"host": "db1", "user": "billing", "password": "(not yet)"}
    race.thread(report_slow_query, connection)
    race.thread(log_in, connection, race.canary("database password").text)


@scenario
def fail_open(race: Race) -> None:
    """The package as it is; the dict changes its size."""
    changed_size(race, EventScrubber())


@scenario
def fail_open_fixed(race: Race) -> None:
    """The same with the scrubber that works on a snapshot."""
    changed_size(race, SnapshotScrubber())


@scenario
def scrub_then_serialize(race: Race) -> None:
    """The package as it is; the secret arrives between scrub and serialize."""
    changed_value(race, EventScrubber())


@scenario
def scrub_then_serialize_fixed(race: Race) -> None:
    """The same with the scrubber that works on a snapshot."""
    changed_value(race, SnapshotScrubber())
