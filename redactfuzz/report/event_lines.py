"""Every event of a run as a line of JSON, for a program that follows it: ``rfevents/1``, see `model.written`."""

from __future__ import annotations

from typing import TextIO

from redactfuzz.model import written
from redactfuzz.model.events import CampaignEvent


class EventLines:
    """An output beside the report."""

    def __init__(self, stream: TextIO) -> None:
        """``stream``: takes a line for each event, at once."""
        self._stream = stream

    def handle(self, event: CampaignEvent) -> None:
        """Writes it. Raises OSError."""
        print(written.dumps(event), file=self._stream, flush=True)

    def close(self) -> None:
        """It is whole after each line."""
