"""A search of a whole space of which others have their parts: what is the same for all of them."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from redactfuzz.campaign.session.covered import Covered
from redactfuzz.model.plan import Stage
from redactfuzz.schedule import portfolio

if TYPE_CHECKING:
    from redactfuzz.campaign.search.exploration import Exploration
    from redactfuzz.campaign.session.state import Session

_SEED = 0x70617274_00000000
"""And more: unlike any that is likely to be given, so that no other batch has its canaries."""


def of_portfolio(session: Session, stages: Sequence[Stage]) -> Sequence[Stage]:
    """The portfolio of a campaign that goes through a part.

    Of the default one the search of the whole space has a small share: what comes to its end in that need not be
    shared. What a strategy has beside such a search would be the same in each part.
    """
    if session.limits.part is None or session.limits.strategy == "default":
        return stages
    return own(session, [stage for stage in stages if not stage.beside])


def own(session: Session, stages: Sequence[Stage]) -> Sequence[Stage]:
    """Of those that go through a whole space, the campaign's part."""
    return portfolio.shared(stages, session.limits.part, swift=session.target.pace.swift)


def seed_of(session: Session, stages: Sequence[Stage], fields: dict[str, Any]) -> int:
    """The seed of a batch of which others have parts, and in ``fields`` its canaries: the same for all of them.

    Which way the program goes, and what it touches, may follow from a secret or from chance.
    """
    fields["first_number"] = 1
    if session.pinned is not None:
        fields["canary_number"] = 1
    named = repr([sorted(stage.otherwise.items()) for stage in stages if stage.parts])
    return _SEED + zlib.crc32(named.encode())


def expected(exploration: Exploration, begun: Covered) -> float:
    """Executions of what is gone through here, by the estimate of a search that was begun."""
    part = exploration.session.limits.part
    return begun.report.estimate / (1 if part is None or begun.stage.parts else part.of)
