"""Names of secrets that a person may have chosen: a rule of the user's own may find a password.

A name must be the same in each run and on each machine, since files for ``--allow`` hold it, so that no key of ours can
be in it; and who has a report can try passwords until one has that name. Each attempt is made to cost what scrypt costs
(RFC 7914), a hundred thousand times as much as a plain hash. A PIN is guessed even so.
"""

from __future__ import annotations

import hashlib
import os
import threading

_SALT = b"redactfuzz: secrets that rules of a user find"
"""Public, and the same everywhere; what is in reports depends on it."""
_COST, _BLOCK, _MEMORY = 1 << 14, 8, 64 << 20
"""scrypt's N and r (16 MB, some 30 ms: what its author recommends where somebody waits), and what it may use."""
_MOST = 512
"""Secrets of a process that are named so, which takes a quarter of a minute; of one rule half as many are listed."""
_BYTES = 8


class ChosenNames:
    """Gives them, and knows those that it gave, by a hash with a key of this process: never a secret."""

    def __init__(self) -> None:
        self._key = os.urandom(32)
        self._known: dict[bytes, str] = {}
        self._lock = threading.Lock()

    def __call__(self, secret: bytes) -> str:
        """Its name. Beyond ``_MOST``, and where there is no scrypt, one that holds in this process alone."""
        here = self.of_here(secret)
        with self._lock:
            if here in self._known:
                return self._known[here]
            if len(self._known) >= _MOST:
                return here.hex()
            try:
                name = hashlib.scrypt(secret, salt=_SALT, n=_COST, r=_BLOCK, p=1, maxmem=_MEMORY, dklen=_BYTES).hex()
            except (AttributeError, ValueError):  # a library without it, or of which it is no approved function
                name = here.hex()
            self._known[here] = name
            return name

    def of_here(self, secret: bytes) -> bytes:
        """One that holds in this process, and in those that are forked from it."""
        return hashlib.blake2b(secret, digest_size=_BYTES, key=self._key).digest()


NAMES = ChosenNames()
"""Those of this process."""
