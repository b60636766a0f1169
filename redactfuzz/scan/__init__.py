"""The search for canaries: in dumps, and in what we say ourselves."""

from redactfuzz.scan.inspector import Inspector
from redactfuzz.scan.masker import Masker
from redactfuzz.scan.recorder import Recorder

__all__ = ["Inspector", "Masker", "Recorder"]
