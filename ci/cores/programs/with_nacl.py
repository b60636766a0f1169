"""PyNaCl: libsodium's Ed25519 behind Python's bytes."""

from __future__ import annotations

from nacl.signing import SigningKey
from orders import MESSAGE, Made, run


def of_ed25519() -> Made:
    key = SigningKey.generate()
    key.sign(MESSAGE)
    return {"ed25519": bytes(key.verify_key)}, lambda: {"seed": bytes(key)}


if __name__ == "__main__":
    run({"ed25519": of_ed25519})
