"""What follows from a canary and programs keep beside it, as sources for the matcher: whoever has it has the canary."""

from __future__ import annotations

from redactfuzz.model.canary import Canary
from redactfuzz.model.canary.rsa_key import RsaNumbers
from redactfuzz.model.canary.secret import Shape, Source, mask_bytes
from redactfuzz.scan.keys.derived import derived, rsa_parts


def derived_sources(canary: Canary) -> tuple[Source, ...]:
    """HMAC states and AES key schedules of ``raw``, Montgomery's constants of ``rsa``; nothing for other kinds."""
    if canary.kind.label == "raw":
        return tuple(
            # Each byte is as good as random: eight of them are no chance, however little is new in the others.
            Source(shape, mask_bytes(data), 8.0 * len(data), label)
            for label, data, shape in derived(canary.bytes)
        )
    if canary.kind.label == "rsa":
        return _of_rsa(canary.value)
    return ()


def _of_rsa(key: RsaNumbers) -> tuple[Source, ...]:
    sources = []
    for part in rsa_parts(key.n, key.e, key.p):
        if part.label.startswith("n0"):  # eight bytes, which lie in memory as one word
            sources.append(Source(Shape.BYTES, mask_bytes(part.number.to_bytes(8, "little")), 64.0, part.label))
        elif part.label.startswith(("R^2", "d modulo")):
            data = part.number.to_bytes((part.number.bit_length() + 7) // 8, "big")
            sources.append(Source(Shape.NUMBER, mask_bytes(data), 8.0 * len(data), part.label))
    return tuple(sources)
