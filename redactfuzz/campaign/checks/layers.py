"""Defence in depth: what keeps a secret out of every dump beside the redactor, found by taking it away.

Where the redactor is bypassed and a secret still shows in no dump, its memory may be kept out of cores (MADV_DONTDUMP,
memfd_secret, a process that leaves none). Each of these is taken for nothing in turn; then the redactor is asked alone.
"""

from __future__ import annotations

from collections.abc import Generator

import attrs

from redactfuzz.campaign.session.state import Session
from redactfuzz.model.events import CampaignEvent
from redactfuzz.model.outcome import Outcome
from redactfuzz.model.plan import Budget, Policy, Stage
from redactfuzz.model.schedule import Granularity

_EACH = 300
"""Executions of each kind, for each thing that is taken away."""
_SECONDS = 5.0
_STAGES = (
    (Stage(Policy.SEQUENTIAL),),
    (Stage(Policy.BOUNDED, Granularity.CALLS, bound=1, limit=_EACH),),
    (Stage(Policy.RANDOM, Granularity.INSTRUCTIONS, limit=_EACH),),
)


@attrs.frozen
class Protected:
    """A canary that shows with the redactor bypassed, but only where something else is lifted as well."""

    canary: str
    by: tuple[str, ...]
    """Each holds alone; or one text, where several must be lifted together."""
    redacted: bool
    """The redactor alone keeps it out of the dumps, too."""

    @property
    def layers(self) -> int:
        """How many hold, each by itself."""
        return len(self.by) + self.redacted

    def __str__(self) -> str:
        names = [*(["the redactor"] if self.redacted else []), *self.by]
        held = f"{' and '.join(names)}{'' if self.redacted else '; the redactor alone does not'}"
        return f"'{self.canary}': {self.layers} {'layer holds' if self.layers == 1 else 'layers hold'} ({held})"


def protected(session: Session, canaries: frozenset[str]) -> Generator[CampaignEvent, None, tuple[Protected, ...]]:
    """What of ``canaries``, which never showed, shows when exclusions from dumps are lifted."""
    used = session.target.exclusions(session)
    alone: dict[str, tuple[str, ...]] = {}
    for name in used:
        for canary in (yield from _shown(session, (name,), canaries, bypass=True)):
            alone[canary] = (*alone.get(canary, ()), name)
    rest = canaries - set(alone)
    if rest and len(used) > 1:
        for canary in (yield from _shown(session, used, rest, bypass=True)):
            alone[canary] = used
    if not alone:
        return ()
    bare = yield from _shown(session, used, frozenset(alone), bypass=False)
    return tuple(Protected(canary, by, canary not in bare) for canary, by in sorted(alone.items()))


def _shown(
    session: Session, lift: tuple[str, ...], wanted: frozenset[str], *, bypass: bool
) -> Generator[CampaignEvent, None, frozenset[str]]:
    seen: set[str] = set()
    for stages in _STAGES:
        budget = Budget(_EACH, _SECONDS, stop_at_first=False)
        batch = session.batch(stages, budget, "controls", bypass=bypass, every=True, lift=lift)
        for item in batch:
            if not isinstance(item, Outcome):
                yield item
                continue
            seen.update(leak.canary for leak in item.leaks)
            if bypass:
                seen.update(item.inspection.shown)
            if wanted <= seen:
                batch.stop()
        if wanted <= seen or session.interrupted:
            break
    return wanted & seen
