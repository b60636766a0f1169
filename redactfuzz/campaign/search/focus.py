"""The focus of a campaign: the search chooses one where none was given, and the certificate says what it left out."""

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
"""Least number of scheduling points (between calls) of an execution whose modules are surveyed. With fewer points the
smallest profile completes one preemption anyway."""
ORDERS, POINTS = 12, 20_000
"""At most `ORDERS` sequential orders are surveyed; fewer where `ORDERS` of them have more than `POINTS` scheduling
points together."""
COLD_ORDERS = 2
"""So many of these orders are surveyed in cold executions as well."""
SHARE = 0.25
"""Share of the remaining seconds that the survey of schedules with one preemption may take."""
_ONE_STEP = (
    "each call is one step but for what blocks in it, since no secret and nothing that threads share and change was"
    " seen there"
)


def absent(session: Session) -> Reason | None:
    """Why no search can have this focus."""
    names = session.limits.focus
    return session.target.no_focus(names) if names else None


@attrs.define(eq=False)
class Survey:
    """What the surveyed executions have shown of the modules of libraries."""

    session: Session
    points: Counter[str] = attrs.field(factory=Counter)
    """Scheduling points of each module, in the execution that has most of them there."""
    in_focus: set[str] = attrs.field(factory=lambda: {""})
    """Modules that stay in focus, as they touch a secret or what threads share; code without a name always does."""
    incomplete: bool = False
    """Some execution was too long to be surveyed, or the time ended before all of them were."""

    @property
    def aside(self) -> tuple[str, ...]:
        """The modules to take out of focus: all that need not stay in it, if most scheduling points lie in them."""
        if self.incomplete:
            return ()
        names = sorted(self.points.keys() - self.in_focus, key=lambda name: (-self.points[name], name))[:MODULES]
        return tuple(names) if 2 * sum(self.points[name] for name in names) > self.points.total() else ()

    def survey_stage(
        self, stage: Stage, executions: int, seconds: float, aside: tuple[str, ...] = ()
    ) -> Generator[CampaignProgress, None, Batch]:
        """Survey executions of a stage until one shows that a module of `aside` must stay in focus."""
        fields = {"every": True, "surveys": True, "aside": aside}
        batch = self.session.counted((stage,), executions, seconds, "", **fields)
        for item in batch:
            if not isinstance(item, Outcome):
                yield item
                continue
            if item.surveyed is None or item.state == "step limit":
                self.incomplete = True
            for name, (long, stays) in (item.surveyed or {}).items():
                self.points[name] = max(self.points[name], long)
                self.in_focus |= {name} if stays else set()
            if self.incomplete or self.in_focus & {*aside}:
                batch.stop()
        return batch


def choose_aside(session: Session, found: Exploration) -> Iterator[CampaignProgress]:
    """Choose the modules of libraries that the search takes out of focus: a call of one is a single step.

    It chooses some where most scheduling points lie in libraries. A module stays in focus if it touches a secret, or
    memory that several threads touch and one of them changes. Sequential orders show that first, and then the schedules
    with one preemption between the remaining steps. If one of these shows it of a chosen module, that module stays in
    focus and the schedules begin anew. Nothing is chosen where a crash can strike between any two instructions.
    """
    has_focus = session.target.no_focus(()) is None
    if not (has_focus and session.limits.chooses_focus) or found.length < LONG or found.anywhere:
        return
    survey = Survey(session)
    orders = min(found.executions, ORDERS, max(POINTS // found.length, 2))
    cold_orders = COLD_ORDERS if session.shares and session.fresh is not None else 0
    (opening,) = portfolio.opening()
    for cold, count in ((False, orders), (True, min(orders, cold_orders))):
        batch = yield from survey.survey_stage(attrs.evolve(opening, cold=cold), count, session.deadline.left)
        survey.incomplete |= not batch.exhausted and batch.executions < count
    until, known = session.deadline.left * (1 - SHARE), None
    while (aside := survey.aside) and aside != known:
        seconds = max(session.deadline.left - until, 0.0)
        batch = yield from survey.survey_stage(Stage(Policy.BOUNDED, bound=1), UNBOUNDED, seconds, aside)
        session.aside, session.surveyed, known = aside, (batch.executions, batch.exhausted), aside
    session.aside = aside
    if aside:  # a thread that was preemptible before the choice may have no scheduling point left after it
        found.preemptible_before, found.preemptible = found.preemptible, set()


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
        schedules, every = session.surveyed
        seen = f"looked through: {'all ' * every}{schedules:,} schedules with one preemption between calls"
        idle = len(found.preemptible_before - found.preemptible)
        threads = f"; threads that have no scheduling point left: {idle}" if idle else ""
        remedy = "--focus all stops threads there as well"
        return (f"one step: {', '.join(session.aside)}", f"{_ONE_STEP}{rest}{threads} ({seen}; {remedy})")
    if not names:
        return ()
    return (
        f"inside {', '.join(names)} and the scenario's own file",
        f"each call of other code is one step, but for what blocks in it{rest}",
    )
