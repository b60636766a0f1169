"""The focus of a campaign: whether its modules are there and their code ran, and what the certificate says of it."""

from __future__ import annotations

from redactfuzz.campaign.search.exploration import Exploration
from redactfuzz.campaign.session.state import Session
from redactfuzz.model.verdict import Reason


def absent(session: Session) -> Reason | None:
    """Why no search can have this focus."""
    names = session.limits.focus
    return session.target.no_focus(names) if names else None


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
    if not names:
        return ()
    rest = f": up to {found.left_out:,} places of an execution, of which nothing is said" if found.left_out else ""
    return (
        f"inside {', '.join(names)} and the scenario's own file",
        f"each call of other code is one step, but for what blocks in it{rest}",
    )
