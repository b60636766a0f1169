"""What a runtime tells of a search, handed on to the certificate."""

from __future__ import annotations

from redactfuzz.model.events import Recorded
from redactfuzz.model.plan import Proof


def hand_on(event: Recorded, proof: Proof) -> None:
    """Where it begins anew, what was handed on before does not count."""
    proof.ran(event.files)
    if event.begins:
        proof.begin(event.canaries, event.before)
    proof.write(event.lines)
