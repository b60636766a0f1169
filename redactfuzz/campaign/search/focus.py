"""The focus of a campaign: whether its modules are there and their code ran, and what the certificate says of it."""

from __future__ import annotations

from redactfuzz.campaign.search.exploration import Exploration
from redactfuzz.campaign.session.state import Session
from redactfuzz.model.verdict import Reason
from redactfuzz.threads.run.focus import places


def absent(session: Session) -> Reason | None:
    """Why no search can have this focus."""
    names = session.limits.focus
    if not names:
        return None
    if session.spec.is_program:
        return Reason(
            "A focus is one of scenarios in Python: this is a C or C++ program.", "Leave out what follows --focus."
        )
    strange = [name for name in names if not places(name)]
    if not strange:
        return None
    told = ", ".join(repr(name) for name in strange)
    return Reason(
        f"The focus names {told}, of which no Python code can be imported here.",
        "Give modules or packages as an import statement names them.",
    )


def unmet(session: Session, found: Exploration) -> Reason | None:
    """Why a pass would mean nothing: code on which the search was to focus has never run."""
    never = [name for name in session.limits.focus if name not in found.entered]
    if not never:
        return None
    told = ", ".join(repr(name) for name in never)
    return Reason(
        f"No code of {told} ran in any execution, on which the search was to focus.",
        "Name the modules whose code the threads run, or leave the focus out.",
    )


def told(session: Session, found: Exploration) -> tuple[str, ...]:
    """What was explored, and what was one step, for the certificate."""
    names = session.limits.focus
    if not names:
        return ()
    rest = f": up to {found.left_out:,} places of an execution, of which nothing is said" if found.left_out else ""
    return (
        f"inside {', '.join(names)} and the scenario's own file",
        f"each call of other code is one step, but for what blocks in it{rest}",
    )
