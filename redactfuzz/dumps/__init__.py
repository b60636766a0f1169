"""What comes out of a crash: producers that scenarios call (`frames`, `faulthandler`), readers that the search uses."""

from redactfuzz.dumps.producers import faulthandler, frames

__all__ = ["faulthandler", "frames"]
