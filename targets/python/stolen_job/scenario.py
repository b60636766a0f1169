"""Secrets are registered in a context variable; a job that another thread steals does not take it along.

There is no crash: each line that a job logs is a dump.
"""

import collections
import contextvars
import functools
from collections.abc import Callable

import attrs

from redactfuzz import Race, scenario

BUILD = "7f3a-2291"
SECRETS: contextvars.ContextVar[tuple[str, ...]] = contextvars.ContextVar("SECRETS", default=())


def scrub(text: str) -> str:
    """Return ``text`` without the secrets of the current context."""
    for secret in SECRETS.get():
        text = text.replace(secret, "[masked]")
    return text


@attrs.define(eq=False)
class Pool:
    """Jobs that are run by whoever comes first: the caller, or a helper that has nothing to do."""

    jobs: collections.deque[Callable[[], None]] = attrs.field(factory=collections.deque)

    def submit(self, job: Callable[[], None]) -> None:
        """Leave ``job`` to be run."""
        raise NotImplementedError

    def run_one(self) -> None:
        """Run a job, if there is one."""
        try:
            job = self.jobs.popleft()
        except IndexError:
            return
        job()


class Vulnerable(Pool):
    """Hands over the bare function."""

    def submit(self, job: Callable[[], None]) -> None:
        """Leave ``job`` to be run in the context of whoever runs it."""
        self.jobs.append(job)


class Fixed(Pool):
    """Hands over the context as well."""

    def submit(self, job: Callable[[], None]) -> None:
        """Leave ``job`` to be run in the context of the caller."""
        self.jobs.append(functools.partial(contextvars.copy_context().run, job))


def stage(race: Race, kind: type[Pool]) -> None:
    """A request submits a job that logs its token; a helper looks for work."""
    race.witness("build id", BUILD)
    mask = race.redactor(scrub)
    pool = kind()

    def request(token: str) -> None:
        SECRETS.set((*SECRETS.get(), token))
        pool.submit(lambda: race.dump(mask(f"build {BUILD} refreshed {token}")))
        pool.run_one()

    race.thread(request, race.canary("token").text, name="request")
    race.thread(pool.run_one, name="helper")


@scenario
def vulnerable(race: Race) -> None:
    """Leaks when the helper steals the job."""
    stage(race, Vulnerable)


@scenario
def fixed(race: Race) -> None:
    """Never leaks."""
    stage(race, Fixed)
