"""The focus of a campaign: what it is where none was given, whether its code ran, and what a certificate says of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator

import attrs

from redactfuzz.campaign.search.exploration import Exploration
from redactfuzz.campaign.session.spec import UNBOUNDED
from redactfuzz.campaign.session.state import Batch, Session
from redactfuzz.model.events import CampaignProgress
from redactfuzz.model.limits import MODULES
from redactfuzz.model.outcome import Outcome
from redactfuzz.model.plan import Policy, Stage
from redactfuzz.model.verdict import Reason
from redactfuzz.schedule import portfolio

LONG = 300
"""Scheduling points between calls of an execution, from which on it is asked where they lie: where there are fewer, the
smallest profile completes one preemption."""
ORDERS, POINTS = 12, 20_000
"""Sequential orders that are looked through, at most; fewer where these have so many scheduling points together."""
FIRST = 2
"""Of these, each the first of a process."""
SHARE = 0.25
"""Of the seconds that are left, in which schedules of one preemption are looked through."""
_WHY = "a call of these, in which nobody saw a secret or what threads share and change, but for what blocks in it"


def absent(session: Session) -> Reason | None:
    """Why no search can have this focus."""
    names = session.limits.focus
    return session.target.no_focus(names) if names else None


@attrs.define(eq=False)
class Survey:
    """What executions that are looked through have shown of the modules of libraries."""

    session: Session
    points: Counter[str] = attrs.field(factory=Counter)
    stay: set[str] = attrs.field(factory=lambda: {""})
    """Modules that touch what threads share, or a secret; what has no name does."""
    unknown: bool = False
    """An execution was too long for that, or there was no time."""

    @property
    def aside(self) -> tuple[str, ...]:
        """The other modules, where most scheduling points lie in them."""
        if self.unknown:
            return ()
        names = sorted(self.points.keys() - self.stay, key=lambda name: (-self.points[name], name))[:MODULES]
        return tuple(names) if 2 * sum(self.points[name] for name in names) > self.points.total() else ()

    def look(
        self, stage: Stage, executions: int, seconds: float, aside: tuple[str, ...] = ()
    ) -> Generator[CampaignProgress, None, Batch]:
        """Looks through executions of a stage, until one shows that a module must not be aside."""
        fields = {"every": True, "surveys": True, "aside": aside}
        batch = self.session.counted((stage,), executions, seconds, "", **fields)
        for item in batch:
            if not isinstance(item, Outcome):
                yield item
                continue
            if item.surveyed is None or item.state == "step limit":
                self.unknown = True
            for name, (long, stays) in (item.surveyed or {}).items():
                self.points[name] = max(self.points[name], long)
                self.stay |= {name} if stays else set()
            if self.unknown or self.stay & {*aside}:
                batch.stop()
        return batch


def choose(session: Session, found: Exploration) -> Iterator[CampaignProgress]:
    """Where most scheduling points lie in libraries: from now on a call of one of their modules is one step, unless the
    module touches a secret, or what threads share.

    That is seen in sequential orders, and then in the schedules of one preemption between the steps that are left: a
    place of memory that several threads touch, and one of them changes. Where a module shows there that it does, it is
    in focus, and these begin anew. What strikes between any two instructions leaves nothing to choose.
    """
    can = session.target.no_focus(()) is None
    if not (can and session.limits.chooses_focus) or found.length < LONG or found.anywhere:
        return
    survey = Survey(session)
    orders = min(found.executions, ORDERS, max(POINTS // found.length, 2))
    first = FIRST if session.shares and session.fresh is not None else 0
    (opening,) = portfolio.opening()
    for cold, count in ((False, orders), (True, min(orders, first))):
        batch = yield from survey.look(attrs.evolve(opening, cold=cold), count, session.deadline.left)
        survey.unknown |= not batch.exhausted and batch.executions < count
    until, known = session.deadline.left * (1 - SHARE), None
    while (aside := survey.aside) and aside != known:
        seconds = max(session.deadline.left - until, 0.0)
        batch = yield from survey.look(Stage(Policy.BOUNDED, bound=1), UNBOUNDED, seconds, aside)
        session.aside, session.looked, known = aside, (batch.executions, batch.exhausted), aside
    session.aside = aside
    if aside:  # who could be displaced without it need not be displaced with it
        found.stopped, found.preemptible = found.preemptible, set()


def unmet(session: Session, found: Exploration) -> Reason | None:
    """Why a pass would mean nothing: code on which the search was to focus has never run."""
    never = [name for name in session.limits.focus if name not in found.entered]
    if not never:
        return None
    listed = ", ".join(repr(name) for name in never)
    return Reason(
        f"No code of {listed} ran in any execution, on which the search was to focus.",
        "Name the modules whose code the threads run, or leave the focus out.",
    )


def checked(session: Session, found: Exploration) -> tuple[str, ...]:
    """What was explored, and what was one step, for the certificate."""
    names = session.limits.focus
    rest = f": up to {found.left_out:,} places of an execution, of which nothing is said" if found.left_out else ""
    if session.aside:
        schedules, every = session.looked
        seen = f"looked through: {schedules:,} with one preemption between calls{', which are all' * every}"
        alone = len(found.stopped - found.preemptible)
        whole = f"; threads that have no scheduling point left: {alone}" if alone else ""
        remedy = "--focus all stops threads there as well"
        return (f"one step: {', '.join(session.aside)}", f"{_WHY}{rest}{whole} ({seen}; {remedy})")
    if not names:
        return ()
    return (
        f"inside {', '.join(names)} and the scenario's own file",
        f"each call of other code is one step, but for what blocks in it{rest}",
    )
