"""What differs between scenarios in Python and C or C++ programs. The campaign asks the target, never for its kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import attrs

from redactfuzz.campaign.session.advice import Advice
from redactfuzz.campaign.session.runtime import Runtime
from redactfuzz.model.conflict import Spot
from redactfuzz.model.events import CampaignEvent
from redactfuzz.model.plan import Stage
from redactfuzz.model.repro import JsonValue
from redactfuzz.model.schedule import Granularity, Schedule
from redactfuzz.model.verdict import Reason

if TYPE_CHECKING:
    from redactfuzz.campaign.session.state import Session


@attrs.frozen
class Profile:
    """Defaults for one use of the tool. Times in seconds."""

    executions: int
    seconds: float
    shrink_seconds: float


@attrs.frozen
class Count:
    """Executions: where they follow one another in a process, and where each has a process of its own."""

    together: int
    apart: int

    def of(self, *, apart: bool) -> int:
        """One of the two."""
        return self.apart if apart else self.together


@attrs.frozen
class Pace:
    """How fast executions are, and so how many are spent on what."""

    profiles: Mapping[str, Profile]
    swift: bool
    """They take microseconds. Where seconds alone are given all of them are used."""
    bypassed: Count
    """With the redactor bypassed, for each stage of that control,"""
    near: tuple[Stage, ...]
    """to which these belong: where the secret moves."""
    hopeless: Count
    """After which a campaign ends that cannot pass any more (a control failed, something was not controlled)."""
    after_leak: Count
    """That bring no other leak in memory, after which the search ends; or twice those until the last one; 0: see
    ``Facts.leaks_hide``."""
    enumerated: Count
    """Of enumerations, for each second that shrinking is given."""


@attrs.frozen
class Facts:
    """What holds of its executions."""

    leaks_hide: bool
    """The first leak ends the search; else it goes on, and each leak of an execution is a finding of its own."""
    values_change: bool
    """An execution can have other canaries than the one before it. Where memory is put back from a copy, it cannot."""
    needs_canary: bool
    """Without a canary there is nothing to look for; else other oracles remain."""
    portable: bool
    """Every interpreter replays a schedule between calls, so a finding is never sought between finer steps than it
    has."""
    starts_afresh: bool
    """A process can be kept in which it has never run."""
    reports_new: bool
    """The runtime itself reports what is new in the dumps of a batch."""
    dies: bool
    """A process can really die of a schedule: what was seen in memory is looked for in what that leaves on disk."""
    plain_build: bool
    """There is another build of it without hooks, which users ship."""
    in_pieces: bool
    """What a call of a library does is one step where points lie further apart than instructions: there the whole space
    is no proof."""


@attrs.frozen
class Terms:
    """What a pass is about."""

    assumptions: tuple[str, ...]
    """A leak that needs something else is not found, whatever the verdict."""
    levels: Mapping[Granularity, str]
    """Between what threads are stopped."""
    crashes_once: bool
    """The assumptions say so; else a proof covers a second crash where several are declared."""


class CertificateRecord(Protocol):
    """What the certificate says of one."""

    terms: Terms

    def python(self) -> str:
        """Version of the interpreter that runs it; empty for none."""

    def build(self, body: Any) -> str:
        """Compiler and flags."""

    def inputs(self, body: Any) -> tuple[str, ...]:
        """What strikes it, and what counts, where it says so itself."""

    def held(self, session: Session) -> tuple[str, ...]:
        """What it asks for that other machines answer otherwise: no execution here takes the other way."""

    def unreported(self, session: Session) -> tuple[str, ...]:
        """Functions that it calls of which nobody reports all that they touch: a reduction proves nothing of it."""

    def calls_of(self, session: Session, names: Sequence[str]) -> Mapping[str, Sequence[Spot]]:
        """Where it calls these functions, as far as that is known."""

    def uncontained(self, session: Session) -> tuple[str, ...]:
        """What it could do to files and processes that are not its own."""

    def depends(self, body: Any) -> Iterable[Path]:
        """The files that it was made from, or imported in this process, but for those of the interpreter and ours."""

    def proof(self, session: Session, ran: Set[str]) -> Mapping[str, Any]:
        """What the header of a certificate says of what was run: hashes of it all, and what strikes it.

        ``ran``: files of which code has run, where the runtime knows.
        """


class Target(Protocol):
    """One kind of what is tested. It holds no state: what is of one campaign comes with the session."""

    name: str
    """For a sentence: the scenario, the program."""
    pace: Pace
    facts: Facts
    advice: Advice
    record: CertificateRecord

    def title(self, path: str, name: str) -> str:
        """What a report calls it; ``path`` is seen from the working directory."""

    def runtime(self) -> Runtime:
        """What runs its executions."""

    def to_json(self, body: Any) -> dict[str, Any]:
        """What a repro file stores of it, beside its name and path."""

    def from_json(self, body: Any, stored: Mapping[str, JsonValue]) -> Any:
        """``body`` as it was when the repro file was written."""

    def prepare(self, session: Session) -> Iterator[CampaignEvent]:
        """Whatever takes long and is not to take the campaign's time."""

    def no_focus(self, modules: Sequence[str]) -> Reason | None:
        """Why no search can have this focus."""

    def exclusions(self, session: Session) -> tuple[str, ...]:
        """Names of what keeps memory out of dumps beside the redactor, and can be lifted."""

    def can_compare(self, session: Session) -> bool:
        """Whether schedules can be run again under other secrets."""

    def comparing(self, session: Session, schedule: Schedule, **fields: Any) -> AbstractContextManager[Any]:
        """The collaborator that does so with one schedule: see ``compare.completed.comparing``."""

    def dependence(self, session: Session, exploration: Any) -> Any:
        """The collaborator that chooses those schedules: a ``checks.dependence.Dependence``."""


_TARGETS: list[tuple[type, Target]] = []


def register(kind: type, target: Target) -> None:
    """From now on ``target`` speaks for bodies of this kind, unless one that was registered before does."""
    _TARGETS.append((kind, target))


def target_of(body: Any) -> Target:
    """Who speaks for it."""
    return next(target for kind, target in _TARGETS if isinstance(body, kind))
