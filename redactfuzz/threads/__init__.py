"""Runtime for Python threads: real threads, one at a time, under a scheduler that decides at every point."""

from redactfuzz.threads.face.race import Race
from redactfuzz.threads.run.runtime import ThreadRuntime

__all__ = ["Race", "ThreadRuntime"]
