"""The standard library's logging: two ways around a redactor that sits in a formatter.

`raising_formatter`: the formatter raises because the set of secrets grows while it iterates, and `Handler.handleError`
prints the raw arguments to stderr. `queued_record`: `QueueHandler` merges the secret into the message and queues it;
the redactor runs later, in the listener, and a crash report that flushes the queue shows what is still in it.
"""

import contextlib
import io
import logging
import logging.handlers
import queue
from collections.abc import Callable
from typing import Any

from redactfuzz import Race, scenario

BUILD = "7f3a-2291"
Redact = Callable[[str], str]


class RedactingFormatter(logging.Formatter):
    """Formats first, then removes what the redactor knows."""

    def __init__(self, redact: Redact) -> None:
        """`redact` takes and returns one line."""
        super().__init__()
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        """One redacted line."""
        return self._redact(super().format(record))


class DumpHandler(logging.Handler):
    """Hands every formatted line to the scenario, as a file handler would write it to the log."""

    def __init__(self, race: Race) -> None:
        """Remember the execution whose dumps the lines are."""
        super().__init__()
        self._race = race

    def emit(self, record: logging.LogRecord) -> None:
        """Format and dump; what goes wrong is handled as in the handlers of the standard library."""
        try:
            self._race.dump(self.format(record))
        except Exception:
            self.handleError(record)


class QuietHandler(DumpHandler):
    """The fix for `raising_formatter`: a record that cannot be formatted is counted, and not shown."""

    lost = 0

    def handleError(self, record: logging.LogRecord) -> None:
        """Drop the record."""
        self.lost += 1


class Stderr(io.TextIOBase):
    """The process's stderr: text that goes into the sink of the execution."""

    def __init__(self, race: Race) -> None:
        """Remember the execution whose sink it is."""
        super().__init__()
        self._race = race

    def write(self, text: str) -> int:
        """Write at once, unbuffered."""
        self._race.sink.write(text.encode())
        return len(text)


class Service:
    """Logs in, refreshes its token, and knows which strings must not be logged."""

    def __init__(self, handler: logging.Handler, secrets: set[str]) -> None:
        """A logger of its own, so that nothing is carried from one execution to the next."""
        self.secrets = secrets
        self.logger = logging.Logger("service")
        self.logger.addHandler(handler)

    def log_in(self, session: str) -> None:
        """Logs with a token that has been registered since the start."""
        self.logger.info("build " + BUILD + " logged in with %s", session)

    def refresh(self, session: str) -> None:
        """Registers a new token before its first use."""
        self.secrets.add(session)
        self.logger.info("build " + BUILD + " refreshed to %s", session)


def warm_up() -> None:
    """Log once, before anything is explored: caches of `isinstance` make a first run longer than the others."""
    backlog: queue.Queue[logging.LogRecord] = queue.Queue()
    Service(logging.handlers.QueueHandler(backlog), set()).log_in("none")
    logging.StreamHandler(io.StringIO()).handle(backlog.get())


warm_up()


def formatted(race: Race, handler_type: type[DumpHandler]) -> None:
    """Two threads that log through one handler whose formatter redacts."""
    race.witness("build id", BUILD)
    first, second = race.canary("session token").text, race.canary("refreshed token").text
    secrets = {first}

    def redact(line: str) -> str:
        for secret in secrets:
            line = line.replace(secret, "***")
        return line

    handler = race.enter(contextlib.closing(handler_type(race)))
    handler.setFormatter(RedactingFormatter(race.redactor(redact)))
    race.enter(contextlib.redirect_stderr(Stderr(race)))
    service = Service(handler, secrets)
    race.thread(service.log_in, first)
    race.thread(service.refresh, second)


class RedactingQueueHandler(logging.handlers.QueueHandler):
    """The fix for `queued_record`: redact before the record enters the queue."""

    redact: Redact

    def prepare(self, record: logging.LogRecord) -> Any:
        """The record as it is queued."""
        prepared = super().prepare(record)
        prepared.msg = prepared.message = self.redact(prepared.msg)
        return prepared


def queued(race: Race, handler_type: type[logging.handlers.QueueHandler]) -> None:
    """A thread that logs through a queue, the listener that writes, and a crash report that shows the backlog."""
    race.witness("build id", BUILD)
    session = race.canary("session token").text
    redact = race.redactor(lambda line: line.replace(session, "***"))
    backlog: queue.Queue[logging.LogRecord] = queue.Queue()

    file_handler = race.enter(contextlib.closing(DumpHandler(race)))
    file_handler.setFormatter(RedactingFormatter(redact))
    listener = logging.handlers.QueueListener(backlog, file_handler)
    queue_handler = race.enter(contextlib.closing(handler_type(backlog)))
    if isinstance(queue_handler, RedactingQueueHandler):
        queue_handler.redact = redact
    service = Service(queue_handler, {session})

    def log_and_flush() -> None:
        service.log_in(session)
        backlog.join()

    def write_one() -> None:
        listener.handle(listener.dequeue(True))
        backlog.task_done()

    race.thread(log_and_flush)
    race.thread(write_one)
    race.crash(lambda: {"build": BUILD, "not yet written": [record.getMessage() for record in list(backlog.queue)]})


@scenario
def raising_formatter(race: Race) -> None:
    """The standard library's `handleError`."""
    formatted(race, DumpHandler)


@scenario
def raising_formatter_fixed(race: Race) -> None:
    """The same service with a handler that drops what it cannot format."""
    formatted(race, QuietHandler)


@scenario
def queued_record(race: Race) -> None:
    """The standard library's `QueueHandler`."""
    queued(race, logging.handlers.QueueHandler)


@scenario
def queued_record_fixed(race: Race) -> None:
    """The same service, redacted before the queue."""
    queued(race, RedactingQueueHandler)
