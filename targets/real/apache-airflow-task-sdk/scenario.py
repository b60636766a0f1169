"""apache-airflow-task-sdk 1.3.2: two tasks register secrets with one `SecretsMasker` at the same time.

`add_mask` adds to the set of patterns, compiles one regex from the set and assigns it, without a lock
(`_shared/secrets_masker/secrets_masker.py:596-633`). `lost_update`: a regex compiled from the smaller set is assigned
last; the other secret is never masked again, and registering it anew does nothing because the set has it.
`dirty_publish`: a second registrant of the same secret finds it in the set and goes on, before the regex covers it.
"""

import re
import string
import threading

from airflow.sdk._shared.secrets_masker import SecretsMasker

from redactfuzz import Race, scenario, token

BUILD = "7f3a-2291"


class LockedMasker(SecretsMasker):
    """The fix: set and regex change together, and the second registrant waits for the first."""

    def __init__(self) -> None:
        """One lock for all registrations (re-entrant: dicts and lists recurse)."""
        super().__init__()
        self._lock = threading.RLock()

    def add_mask(self, secret: object, name: str | None = None) -> None:
        """Register `secret`; on return the regex covers it."""
        with self._lock:
            super().add_mask(secret, name)


def run_task(masker: SecretsMasker, log: list[str], secret: str) -> None:
    """A task as Airflow runs it: the secret is registered first, then used in a line of the log."""
    masker.add_mask(secret)
    log.append("connecting with " + secret)


def worker(race: Race, masker: SecretsMasker, first: str, second: str) -> None:
    """Two tasks in one worker process; when it crashes, its log is masked and uploaded."""
    re.purge()  # The cache of `re` outlives an execution; without this, paths change when it is full.
    race.witness("build id", BUILD)
    log = ["build " + BUILD]
    redact = race.redactor(masker.redact)
    race.thread(run_task, masker, log, first, name="first task")
    race.thread(run_task, masker, log, second, name="second task")
    race.crash(lambda: redact("\n".join(log)))


def secret(race: Race, name: str, first: str) -> str:
    """A canary behind a letter that occurs once, so that `re` takes the same path whatever the canary is."""
    return first + race.canary(name, token(32, alphabet=string.ascii_lowercase)).text


def two_secrets(race: Race, masker: SecretsMasker) -> None:
    """Each task has a secret of its own."""
    worker(race, masker, secret(race, "database password", "D"), secret(race, "api key", "A"))


def one_secret(race: Race, masker: SecretsMasker) -> None:
    """Both tasks use the same connection."""
    password = secret(race, "database password", "D")
    worker(race, masker, password, password)


@scenario
def lost_update(race: Race) -> None:
    """The package as it is."""
    two_secrets(race, SecretsMasker())


@scenario
def lost_update_fixed(race: Race) -> None:
    """The same tasks with the locked masker."""
    two_secrets(race, LockedMasker())


@scenario
def dirty_publish(race: Race) -> None:
    """The package as it is."""
    one_secret(race, SecretsMasker())


@scenario
def dirty_publish_fixed(race: Race) -> None:
    """The same tasks with the locked masker."""
    one_secret(race, LockedMasker())
