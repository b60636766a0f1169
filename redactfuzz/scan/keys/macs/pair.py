"""A message and its MAC, which are public, and whether a key, or two states, give the MAC."""

from __future__ import annotations

import functools
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from typing import Any

import attrs

from redactfuzz._core._engine import ffi, lib
from redactfuzz._core.owning import owning
from redactfuzz.scan.keys.macs.hashes import Hash

LEAST = 16
"""Bytes of a MAC by which its key is known: what else gives as many, by chance, is one in 2^128."""


@attrs.frozen
class MacPair:
    """HMAC (RFC 2104) of a message. The MAC may be cut off behind ``LEAST`` bytes (section 5)."""

    hash: Hash
    message: bytes = attrs.field(repr=False)
    mac: bytes = attrs.field(repr=False)
    file: str = "macs"
    line: int = 1

    @property
    def public(self) -> tuple[Hash, bytes, bytes]:
        """What it says, wherever it was read."""
        return self.hash, self.message, self.mac

    @property
    def identity(self) -> str:
        """A hash prefix of that."""
        parts = (self.hash.name.encode(), self.message, self.mac)
        return hashlib.sha256(b"".join(len(part).to_bytes(8, "big") + part for part in parts)).hexdigest()[:8]

    @functools.cached_property
    def core(self) -> Any:
        """``rf_mac`` in memory of C."""
        message = ffi.new("uint8_t[]", self.message or b"\0")
        core = ffi.new(
            "rf_mac *",
            {
                "message": message,
                "message_bytes": len(self.message),
                "hash": self.hash.number,
                "mac_bytes": len(self.mac),
                "mac": self.mac.ljust(lib.RF_HASH_STATE, b"\0"),
            },
        )
        return owning(core, message)

    def of_key(self, key: bytes) -> bool:
        """Whether the MAC is made with this key."""
        return hmac.digest(key, self.message, self.hash.algorithm)[: len(self.mac)] == self.mac

    def of_states(self, order: int, inner: bytes, outer: bytes) -> bool:
        """Whether it is made with these states, which lie in an order of ``rf_state_order``."""
        return bool(lib.rf_mac_of_states(self.core, order, inner, outer))


def lines(pairs: Iterable[MacPair]) -> str:
    """Which pairs they are, as a user looks for them."""
    files: dict[str, list[int]] = {}
    for pair in pairs:
        files.setdefault(pair.file, []).append(pair.line)
    return "; ".join(
        f"{file}: {'line' if len(its) == 1 else 'lines'} {', '.join(map(str, its))}" for file, its in files.items()
    )


def hashes(pairs: Sequence[MacPair]) -> str:
    """Their hashes, once each."""
    return ", ".join(dict.fromkeys(pair.hash.name for pair in pairs))
