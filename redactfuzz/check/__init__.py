"""Checks a certificate ``rfproof/1``: a second program, which shares no code with what made it.

It imports nothing else of redactfuzz, and is written from the definitions: Mazurkiewicz traces, and source-DPOR with
sleep sets (Abdulla, Aronis, Jonsson, Sagonas: POPL 2014; J. ACM 64, 2017). docs/reference/rfproof.md has the format.
"""

from redactfuzz.check.reading import Rejected
from redactfuzz.check.whole import check

__all__ = ["Rejected", "check"]
