"""The search for canaries in dumps."""

from redactfuzz.scan.inspector import Inspector

__all__ = ["Inspector"]
