"""Verdicts on dumps with one of everything, for the tests of what is made of them."""

from __future__ import annotations

import attrs

from redactfuzz.model.exposure import (
    DumpReport,
    Exposure,
    Fragment,
    Gap,
    ImageRead,
    KeyFinding,
    Severity,
    UnlistedKeys,
    Where,
)

IN_MEMORY = Where(
    "a.core", 0x1040, 32, "segment 6 rw-", 0x7F3100001040, "/usr/lib/libssl.so", 4711, "EVP_x+12", context="61 **"
)
IN_MEMBER = Where("a.core.gz!gzip", 7, 16, "line 3 $.a")
REASON = "the whole secret is there"

EXPOSURE = Exposure(
    secret="signing key",
    kind="token",
    hash_prefix="deadbeef",
    severity=Severity.TOTAL,
    reason=REASON,
    known=190.5,
    entropy=190.5,
    fragments=(
        Fragment(IN_MEMORY, "utf-8", 0, 32, 32, 190.5),
        Fragment(IN_MEMBER, "base64 (shift 1)", 3, 19, 44, 70.0),
    ),
    more=5,
    torn="bytes 0 to 8 are gone: it was wiped from the front",
)
KEY = KeyFinding("aes", "AES-128 key schedule", "0badcafe", Severity.LOW, "a key is there", (IN_MEMORY,), more=2)
CUT = Gap("a.core", "segment 9 is cut off", 0x2000, 4096)
HOLE = Gap("a.core", "a hole", 0x9000, 1 << 20, harmless=True)
UNKNOWN = Gap("a.core.gz", "the gzip data ends in the middle of a frame")

WHOLE = DumpReport(
    dump="a.core",
    images=(ImageRead("a.core", "ELF core", 12345678, 12345678, ("x86-64, 64 bit", "3 threads")),),
    seconds=0.25,
)
CLEAN = attrs.evolve(WHOLE, skipped=(HOLE,), marked=True)
UNMARKED = attrs.evolve(WHOLE, marked=False)
TRUNCATED = attrs.evolve(WHOLE, skipped=(CUT, UNKNOWN, HOLE))
NOTHING = DumpReport(dump="fifo", skipped=(Gap("fifo", "the path is a FIFO, not a file"),))
LEAKING = DumpReport(
    dump="a.core",
    images=(*WHOLE.images, ImageRead("a.core.gz!gzip", "text", 99, 99)),
    exposures=(EXPOSURE,),
    keys=(KEY,),
    skipped=(CUT, HOLE),
    marked=True,
)
HOSTILE = attrs.evolve(
    LEAKING,
    dump="x\x1b[2Jy\nz",
    images=(ImageRead("x\x1b[2Jy", "text", 1, 1, ("\x1b]0;title\x07",)),),
    exposures=(
        attrs.evolve(
            EXPOSURE, fragments=(attrs.evolve(EXPOSURE.fragments[0], where=Where("x\x1b[2Jy", 1, 2, "\u202e$.\r")),)
        ),
    ),
    skipped=(Gap("x\x1b[2Jy", "a\x1b[2Jb\n"),),
)
PASSES = "allowed until 2027-01-01: a key of the test bench"
NOTED = attrs.evolve(
    CLEAN,
    exposures=(attrs.evolve(EXPOSURE, passes="below --fail-on high"),),
    keys=(attrs.evolve(KEY, passes=PASSES),),
    unlisted_keys=(UnlistedKeys("aes", "AES-128 key schedule", Severity.LOW, 1234, "below --fail-on medium"),),
)
"""What was found does not fail."""
MANY = attrs.evolve(CLEAN, unlisted_keys=(UnlistedKeys("aes", "AES-128 key schedule", Severity.TOTAL, 1234),))
EVERY = (NOTED, MANY, WHOLE, CLEAN, UNMARKED, TRUNCATED, NOTHING, LEAKING, HOSTILE)
