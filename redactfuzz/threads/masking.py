"""Keeps canaries out of what we say: exceptions of the code under test often quote them."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from redactfuzz.model.canary import Canary
from redactfuzz.model.outcome import Bug, BugKind
from redactfuzz.threads.memory import memory_of

_HOME = str(Path(__file__).resolve().parent.parent)


class Masking:
    """Replaces the canaries of one execution in texts."""

    def __init__(self, canaries: Mapping[str, Canary]) -> None:
        self._canaries = canaries

    def text(self, text: str) -> str:
        """``text`` with every canary, in its plain forms, replaced by its name."""
        for name, canary in self._canaries.items():
            plain = canary.text
            for form in {plain, repr(plain)[1:-1], repr(canary.bytes)[2:-1], canary.bytes.hex()}:
                if len(form) >= 4:
                    text = text.replace(form, f"<canary {name}>")
            text = self._fragments(text, plain, name)
        return text

    def _fragments(self, text: str, plain: str, name: str) -> str:
        """Pieces of 8 characters and more are secret too."""
        size = 8
        at = 0
        while at + size <= len(plain):
            piece = plain[at : at + size]
            if piece in text:
                text = text.replace(piece, f"<part of canary {name}>")
            at += 1
        return text

    def holds_canary(self, value: Any) -> bool:
        """Whether a text, a buffer or what a pointer points to holds a forbidden canary in its plain form."""
        if isinstance(value, str):
            return any(not c.allowed and c.text in value for c in self._canaries.values())
        data = memory_of(value)
        return any(not c.allowed and c.bytes in data for c in self._canaries.values())

    def bug(self, kind: BugKind, thread: str, error: BaseException) -> Bug:
        """A Bug for an exception, with the frames of the code under test only."""
        frames = [f for f in traceback.extract_tb(error.__traceback__) if not f.filename.startswith(_HOME)]
        lines = traceback.format_list(frames)
        try:
            message = str(error)
        except Exception:
            message = "(its message cannot be shown: __str__ raised)"
        summary = self.text(f"{type(error).__name__}: {message}" if message else type(error).__name__)
        return Bug(kind, summary, thread, "".join(lines) + summary)
