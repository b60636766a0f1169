"""What an image holds in another form than it is written in: texts among other bytes, and what they spell."""

from redactfuzz.scan.views.apart import Apart
from redactfuzz.scan.views.derive import Allowance, Derived, derived, texts_of
from redactfuzz.scan.views.spellings import Spelling

__all__ = ["Allowance", "Apart", "Derived", "Spelling", "derived", "texts_of"]
