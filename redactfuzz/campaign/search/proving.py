"""The certificate of a batch whose stage has one."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

import attrs

from redactfuzz.campaign.files.proof import ProofFile
from redactfuzz.campaign.session.covered import Covered
from redactfuzz.campaign.session.state import Session
from redactfuzz.model.plan import Isolation, Policy, Stage
from redactfuzz.model.texts.shell import quoted


def proof_of(session: Session, stages: Sequence[Stage], before: ProofFile | None) -> ProofFile | None:
    """Where it is written; None where none is asked for. ``stages``: the one that has it is the first.

    ``before``: that of an earlier batch, which does not count any more.
    """
    target, stage = session.limits.proof, stages[0]
    if target is None or not stage.proof:
        return None
    if before is not None:
        before.discard()
    return ProofFile(
        target,
        lambda ran: {
            "redactfuzz": metadata.version("redactfuzz"),
            "interpreter": f"{platform.python_implementation()} {platform.python_version()}",
            "machine": platform.machine(),
            "scenario": session.spec.title,
            "granularity": str(stage.granularity),
            "seed": session.limits.seed,
            **_followed(session, stage),
            **session.target.record.proof(session, ran),
        },
    )


def _followed(session: Session, stage: Stage) -> dict[str, str]:
    """How executions follow one another, of which a proof may take both."""
    if not session.target.facts.starts_afresh:
        return {}
    if stage.cold or session.isolation is Isolation.PROCESS:
        return {"executions": "each the first of a process"}
    warm = ", after one that does not count" if session.isolation is Isolation.WARM else ""
    return {"executions": f"one after the other{warm}"}


def recorded(session: Session, stages: Sequence[Stage], *, cold: bool) -> Sequence[Stage]:
    """The same, where the reduction of the usual machine is recorded if a certificate is asked for.

    ``cold``: that whose executions are each the first of a process, since others count for nothing.
    """
    if session.limits.proof is None:
        return stages
    return tuple(
        attrs.evolve(stage, proof=True)
        if stage.policy is Policy.DPOR and stage.cold is cold and attrs.evolve(stage, cold=False).usual
        else stage
        for stage in stages
    )


def finer(session: Session, covered: Sequence[Covered]) -> str:
    """What the report says where a reduction was made at a finer granularity than was asked for; else nothing."""
    asked = session.limits.granularity
    taken = next((each.stage.granularity for each in covered if each.stage.policy is Policy.DPOR), asked)
    if asked is None or taken is asked:
        return ""
    return f"one schedule of each class at granularity {taken}, not {asked}: nothing coarser proves anything here"


def note_of(proof: ProofFile) -> str:
    """What the report says of it."""
    place = proof.target if isinstance(proof.target, Path) else None
    if proof.failed:
        older = f"; {place} is of another search" if place is not None and place.exists() else ""
        return f"certificate: {proof.failed}: give --proof another place{older}"
    if proof.left:
        older = f"; {place} is of another one" if place is not None and place.exists() else ""
        return f"certificate: none of this search, {proof.left}{older}"
    check = f": redactfuzz check {quoted(str(place))}" if place is not None else ""
    counted = "1 execution" if proof.executions == 1 else f"{proof.executions:,} executions"
    whole = "" if proof.whole else ", which did not come to its end: it proves nothing"
    return f"certificate of {counted}{whole}{check}"
