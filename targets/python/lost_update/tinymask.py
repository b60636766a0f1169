"""A small masking library: secrets go in, a matcher that is compiled once for each change comes out."""

import threading
from collections.abc import Iterable


class Masker:
    """Version 1: only the list of secrets is under the lock."""

    def __init__(self) -> None:
        """Start without secrets."""
        self.lock = threading.Lock()
        self.secrets: list[str] = []
        self.matcher: tuple[str, ...] = ()

    def compile(self) -> tuple[str, ...]:
        """Longest first, so that no secret hides inside another."""
        longest_first = sorted(self.secrets, key=len, reverse=True)
        return tuple(longest_first)

    def add_mask(self, secret: str) -> None:
        """From now on ``secret`` is masked."""
        with self.lock:
            self.secrets.append(secret)
        self.matcher = self.compile()

    def mask(self, text: str) -> str:
        """Return ``text`` without the registered secrets."""
        for needle in self.matcher:
            text = text.replace(needle, "***")
        return text

    def render(self, lines: Iterable[str]) -> str:
        """Return ``lines`` as one masked text."""
        return self.mask("\n".join(lines))


class LockedMasker(Masker):
    """Version 2: compiles and publishes under the same lock."""

    def add_mask(self, secret: str) -> None:
        """From now on ``secret`` is masked."""
        with self.lock:
            self.secrets.append(secret)
            self.matcher = self.compile()
