"""Line 1, programs: a form of their own that only a race leaves, or of a key that changes as a whole."""

from __future__ import annotations

from truth import LEAK, NO_PROOF, PASS, program

from redactfuzz import rsa

KEY = {"canaries": {"key": rsa(512)}}

for _name, _expected, _flags in (("looks_and_writes", LEAK, ()), ("looks_and_writes_locked", PASS, ("-DLOCKED",))):
    program(
        "1.1",
        f"unlisted_{_name}",
        _expected,
        "A server keeps the key times an odd number, unless the door is closed; one looks before it writes.",
        file="unlisted_race.c",
        levels=("-O1", "-O0", "-O2"),
        flags=_flags,
    )
program(
    "1.2",
    "unlisted_rsa_kept",
    NO_PROOF,
    "A private key of RSA stays in memory, each byte XORed with one number: told of, for it may be a signature.",
    file="unlisted_rsa.c",
    says="changes as a whole",
    explored={"executions": 200},
    **KEY,
)
program(
    "1.2",
    "unlisted_rsa_wiped",
    PASS,
    "The same, and it is wiped.",
    file="unlisted_rsa.c",
    flags=("-DWIPED",),
    explored={"executions": 200},
    **KEY,
)
