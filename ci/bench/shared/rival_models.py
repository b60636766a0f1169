"""The races of targets/real as models for the rivals: state, workers, and whether the secret came out.

The rivals know no crash, so where a scenario has one it is a worker that makes the report. Packages are unmodified.
"""

from __future__ import annotations

import io
import logging
import logging.handlers
import queue
import sys
from collections.abc import Callable
from typing import Any

import sentry_sdk
from airflow.sdk._shared.secrets_masker import SecretsMasker
from loggingredactor import RedactingFilter
from sentry_sdk.scrubber import EventScrubber
from sentry_sdk.transport import Transport

SECRET = "q7Zk2Xw9Lr4Tn8Vb3Mc6Hd1Fy5Gp0Js"
OTHER = "a1sD2fG3hJ4kL5zX6cV7bN8mQ9wE0rTy"


class Model:
    """One execution: what the workers share, and what came out. Without ``redact``, what a positive control shows."""

    redact = True

    def __init__(self) -> None:
        """Nothing has come out yet."""
        self.out: list[str] = []

    def workers(self) -> list[Callable[[], None]]:
        """What runs at the same time."""
        raise NotImplementedError

    def leaked(self) -> bool:
        """Asked when all workers have ended."""
        return any(SECRET in text or OTHER in text for text in self.out)


class Collect(logging.Handler):
    """Keeps the formatted lines."""

    def __init__(self, out: list[str]) -> None:
        """``out`` receives the lines."""
        super().__init__()
        self.out = out

    def emit(self, record: logging.LogRecord) -> None:
        """Format; errors are handled as in the standard library."""
        try:
            self.out.append(self.format(record))
        except Exception:
            self.handleError(record)


class LiveDict(Model):
    """loggingredactor: a record whose argument changes while it is copied."""

    packages = ("loggingredactor", "loggingredactor.*", "copy", "logging", "logging.*")

    def __init__(self) -> None:
        """A logger with the package's filter."""
        super().__init__()
        self.request = {"method": "GET", "path": "/v1/keys", "token": SECRET}
        handler = Collect(self.out)
        if self.redact:
            handler.addFilter(RedactingFilter(mask_keys={"token"}))
        self.logger = logging.Logger("service")
        self.logger.addHandler(handler)

    def log(self) -> None:
        self.logger.info("handled %s", self.request)

    def trace(self) -> None:
        self.request["trace_id"] = "00-4bf92f35"

    def workers(self) -> list[Callable[[], None]]:
        return [self.log, self.trace]


class LostUpdate(Model):
    """airflow: two tasks register a secret each; the log is masked when both are done."""

    packages = ("airflow.*",)
    secrets = (SECRET, OTHER)

    def __init__(self) -> None:
        """A masker and an empty log."""
        super().__init__()
        self.masker = SecretsMasker()
        self.log: list[str] = []

    def masked(self) -> str:
        text = "\n".join(self.log)
        return str(self.masker.redact(text)) if self.redact else text

    def task(self, secret: str) -> Callable[[], None]:
        def run() -> None:
            self.masker.add_mask(secret)
            self.log.append("connecting with " + secret)

        return run

    def workers(self) -> list[Callable[[], None]]:
        return [self.task(secret) for secret in self.secrets]

    def leaked(self) -> bool:
        self.out.append(self.masked())
        return super().leaked()


class DirtyPublish(LostUpdate):
    """airflow: both tasks register the same secret, and a third worker masks and uploads the log."""

    secrets = (SECRET, SECRET)

    def upload(self) -> None:
        self.out.append(self.masked())

    def workers(self) -> list[Callable[[], None]]:
        return [*super().workers(), self.upload]


class Sent(Transport):
    """Keeps what would go over the network."""

    def __init__(self, out: list[str]) -> None:
        """``out`` receives the events."""
        super().__init__()
        self.out = out

    def capture_envelope(self, envelope: Any) -> None:
        """Serialize as the real transport does."""
        self.out.append(envelope.serialize().decode("utf-8", "replace"))


class NoScrubber(EventScrubber):
    """For the positive control."""

    def scrub_event(self, event: Any) -> None:
        """Leave everything in."""


class FailOpen(Model):
    """sentry-sdk: a dict grows while the scrubber walks it."""

    packages = ("sentry_sdk.*",)

    def __init__(self) -> None:
        """A client without integrations, and a live dict."""
        super().__init__()
        client = sentry_sdk.Client(
            dsn="https://public@sentry.invalid/1",
            transport=Sent(self.out),
            event_scrubber=EventScrubber() if self.redact else NoScrubber(),
            default_integrations=False,
            auto_enabling_integrations=False,
            enable_backpressure_handling=False,
        )
        sentry_sdk.get_global_scope().set_client(client)
        self.connection = {"host": "db1", "user": "billing", "password": SECRET}

    def report(self) -> None:
        sentry_sdk.add_breadcrumb(category="db", message="slow query", data=self.connection)
        sentry_sdk.capture_message("query took 40 s")

    def retry(self) -> None:
        self.connection["attempt"] = "2"

    def workers(self) -> list[Callable[[], None]]:
        return [self.report, self.retry]


class ScrubThenSerialize(FailOpen):
    """sentry-sdk: the secret arrives after the scrub and before the serializer."""

    def __init__(self) -> None:
        """The password is not known yet."""
        super().__init__()
        self.connection["password"] = "(not yet)"

    def retry(self) -> None:
        self.connection["password"] = SECRET

    def workers(self) -> list[Callable[[], None]]:
        return [self.report, self.retry] if self.redact else [self.retry, self.report]


class RaisingFormatter(Model):
    """Standard library: the redacting formatter raises, and ``handleError`` prints raw arguments."""

    packages = ("logging", "logging.*")

    def __init__(self) -> None:
        """A logger whose formatter redacts."""
        super().__init__()
        self.secrets = {SECRET}
        model = self

        class Redacting(logging.Formatter):
            def format(self, record: logging.LogRecord) -> str:
                line = super().format(record)
                for secret in model.secrets:
                    line = line.replace(secret, "***")
                return line

        handler = Collect(self.out)
        if self.redact:
            handler.setFormatter(Redacting())
        self.logger = logging.Logger("service")
        self.logger.addHandler(handler)
        self.stderr = sys.stderr = io.StringIO()

    def log_in(self) -> None:
        self.logger.info("logged in with %s", SECRET)

    def refresh(self) -> None:
        self.secrets.add(OTHER)
        self.logger.info("refreshed to %s", OTHER)

    def workers(self) -> list[Callable[[], None]]:
        return [self.log_in, self.refresh]

    def leaked(self) -> bool:
        sys.stderr = sys.__stderr__
        self.out.append(self.stderr.getvalue())
        return super().leaked()


class QueuedRecord(Model):
    """Standard library: a report of the queue's backlog, before the redacting listener has run."""

    packages = ("logging", "logging.*", "queue")

    def __init__(self) -> None:
        """A queue handler and its listener."""
        super().__init__()
        self.backlog: queue.Queue[logging.LogRecord] = queue.Queue()
        self.logger = logging.Logger("service")
        self.logger.addHandler(logging.handlers.QueueHandler(self.backlog))

    def log(self) -> None:
        self.logger.info("logged in with %s", SECRET)

    def write(self) -> None:
        line = self.backlog.get().getMessage()
        self.out.append(line.replace(SECRET, "***") if self.redact else line)

    def report(self) -> None:
        self.out.append(repr([record.getMessage() for record in list(self.backlog.queue)]))

    def workers(self) -> list[Callable[[], None]]:
        return [self.log, self.write, self.report]


MODELS: dict[str, type[Any]] = {
    "loggingredactor/scenario.py::live_dict": LiveDict,
    "apache-airflow-task-sdk/scenario.py::lost_update": LostUpdate,
    "apache-airflow-task-sdk/scenario.py::dirty_publish": DirtyPublish,
    "sentry-sdk/scenario.py::fail_open": FailOpen,
    "sentry-sdk/scenario.py::scrub_then_serialize": ScrubThenSerialize,
    "stdlib-logging/scenario.py::raising_formatter": RaisingFormatter,
    "stdlib-logging/scenario.py::queued_record": QueuedRecord,
}


def check() -> None:
    """Each model, run in order: without its redactor it shows the secret, and with it nothing.

    The queue's report is in order when it comes last. A model that could not show the secret would make any miss
    meaningless.
    """
    for name, model in MODELS.items():
        for redact in (False, True):
            state = type(model.__name__, (model,), {"redact": redact})()
            for worker in state.workers():
                worker()
            assert state.leaked() is not redact, f"{name}: the model itself is wrong"
