"""The hashes of which HMAC's states are known (FIPS 180-4; RFC 2104)."""

from __future__ import annotations

import attrs

from redactfuzz._core._engine import lib


@attrs.frozen
class Hash:
    """A hash. ``number`` is that of ``rf_hash``, ``algorithm`` its name for ``hashlib``, ``jwt`` that of RFC 7518
    section 3.2, ``word`` the bytes of a word of its state."""

    name: str
    number: int
    algorithm: str
    word: int
    jwt: str = ""

    @property
    def block(self) -> int:
        """Bytes."""
        return int(lib.rf_hash_block(self.number))

    @property
    def state(self) -> int:
        """Bytes of what is kept from block to block."""
        return int(lib.rf_hash_state(self.number))

    @property
    def digest(self) -> int:
        """Bytes of what comes out."""
        return int(lib.rf_hash_digest(self.number))


HASHES = (
    Hash("SHA-1", lib.RF_SHA1, "sha1", 4),
    Hash("SHA-224", lib.RF_SHA224, "sha224", 4),
    Hash("SHA-256", lib.RF_SHA256, "sha256", 4, "HS256"),
    Hash("SHA-384", lib.RF_SHA384, "sha384", 8, "HS384"),
    Hash("SHA-512", lib.RF_SHA512, "sha512", 8, "HS512"),
)
