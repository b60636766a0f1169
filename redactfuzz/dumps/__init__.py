"""What comes out of a crash: producers that scenarios call, and readers that the search uses."""

from redactfuzz.dumps.producers.core_producer import core, core_note
from redactfuzz.dumps.producers.reports import faulthandler, frames

__all__ = ["core", "core_note", "faulthandler", "frames"]
