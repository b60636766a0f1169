"""A leak after a call has failed that redactfuzz does not carry out: where Linux carries it out there may be none.

The plain build calls the same models, so it is asked otherwise: the same schedule runs where the call seems to succeed,
and orders and moments of the crash are tried in which it has not failed yet. A leak that is there as well does not come
of it.
"""

from __future__ import annotations

from redactfuzz.campaign.session.state import Session
from redactfuzz.model.outcome import Outcome, Problem
from redactfuzz.model.plan import Policy, Stage
from redactfuzz.model.repro import Identity
from redactfuzz.model.schedule import Granularity
from redactfuzz.model.verdict import Reason
from redactfuzz.native.drive.control_block import REFUSALS
from redactfuzz.schedule import portfolio
from redactfuzz.schedule.shrink import Failing

_BEFORE = 400
"""Executions that look for the leak where no such call has failed,"""
_SECONDS = 2.0
"""for at most so long."""
_STAGES = (*portfolio.opening(), Stage(Policy.BOUNDED, Granularity.INSTRUCTIONS, bound=1))


def refused(session: Session, identity: Identity, failing: Failing, *, seed: int, number: int) -> Reason | None:
    """Why a leak may come of a call that fails here alone; None where no call did, or it is there without as well."""
    why = _first(failing.outcome)
    if why is None:
        return None
    lifted = session.once(failing.schedule, seed=seed, number=number, lift=(REFUSALS,), writers=True)
    if _shows(lifted, identity) or _before(session, identity, number):
        return None
    return Reason(
        f"A leak of '{identity.primary}' was seen after a call had failed that need not fail elsewhere: {why.what}"
        f"{f' (at {why.where})' if why.where else ''}. It was seen nowhere where no such call had failed.",
        "Call what is modelled in its place, or leave the call out of what is explored (#ifndef), and run it again.",
    )


def _first(outcome: Outcome) -> Problem | None:
    return next((problem for problem in outcome.problems if problem.refused), None)


def _shows(outcome: Outcome | None, identity: Identity) -> bool:
    if outcome is None or _first(outcome) is not None:
        return False
    return identity.matches(outcome.leaks, None)


def _before(session: Session, identity: Identity, number: int) -> bool:
    """Whether the leak is there in an execution in which no such call has failed."""
    batch = session.counted(_STAGES, _BEFORE, _SECONDS, "confirming", canary_number=number, writers=True)
    found = False
    for item in batch:
        if isinstance(item, Outcome) and _shows(item, identity):
            found = True
            batch.stop()
    return found
