"""The certificate of a batch whose stage has one."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from importlib import metadata

from redactfuzz.campaign.files.proof import ProofFile
from redactfuzz.campaign.session.state import Session
from redactfuzz.model.plan import Stage


def proof_of(session: Session, stages: Sequence[Stage]) -> ProofFile | None:
    """Where it is written; None where none is asked for. ``stages``: the one that has it is the first."""
    path, stage = session.limits.proof, stages[0]
    if path is None or not stage.proof:
        return None
    return ProofFile(
        path,
        lambda: {
            "redactfuzz": metadata.version("redactfuzz"),
            "interpreter": f"{platform.python_implementation()} {platform.python_version()}",
            "machine": platform.machine(),
            "scenario": session.spec.title,
            "granularity": str(stage.granularity),
            **session.target.record.proof(session),
        },
    )


def note_of(proof: ProofFile) -> str:
    """What the report says of it."""
    if proof.failed:
        return f"certificate {proof.path}: {proof.failed}"
    whole = "" if proof.whole else ", which did not come to its end: it proves nothing"
    return f"certificate of {proof.executions:,} executions{whole}: redactfuzz check {proof.path}"
