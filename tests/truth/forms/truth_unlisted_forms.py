"""Section 1 of the issue, of programs: what is made of a key and stays is found in any form; a digest is no leak."""

from __future__ import annotations

from truth import LEAK, PASS, UNACCUSED, WITHHELD, program

_EACH = ("-O0", "-O1", "-O2")
_AT_EACH = ("pads", "bitsliced", "expanded", "decimal", "digest", "signature", "wiped", "one_hot")
_FEW = {"executions": 300}

_LEAKS = {
    "affine": "Each byte of a key times an odd number, and a mask, stays.",
    "shuffled": "The bytes of a key in other places, their nibbles exchanged, stay.",
    "bitsliced": "A key stays as eight words, one for each bit of its bytes.",
    "scattered": "Two bytes of a key stay in each of sixteen records.",
    "pads": "The pads of an HMAC (key ^ 0x36, key ^ 0x5c) stay.",
    "decimal": "A key stays as words of 64 bits in decimal.",
    "expanded": "The key schedule of a cipher stays without the words that it begins with.",
    "chained": "Running sums of a key's bytes stay.",
    "interleaved": "The bits of each two bytes of a key stay in turn.",
    "doubles": "A key stays as floating-point numbers.",
    "heap_list": "A list of blocks on the heap keeps one byte of a key in each.",
    "reflected": "A key stays in two places, backwards and its bits reflected.",
    "one_hot": "Of each byte of a key, a table counts the value, in memory that no other key touches.",
    "half_wiped": "Every second byte of what was made of a key is wiped.",
}
_RIGHT = {
    "digest": "A digest of a key stays: it is noted, and no leak.",
    "signature": "A signature of 64 bytes stays: it is noted, and no leak.",
    "excluded": "What was made of a key stays in memory that cores leave out.",
    "wiped": "What was made of a key is wiped as the key is.",
    "checksum": "Four bytes of a checksum stay.",
}

for _name, _what in _LEAKS.items():
    program(
        "1",
        _name,
        LEAK,
        _what,
        file="unlisted_forms.c",
        flags=(f"-DFORM={_name.upper()}",),
        levels=_EACH if _name in _AT_EACH else ("-O2",),
        says="unknown encoding",
        explored=_FEW,
    )
for _name, _what in _RIGHT.items():
    program(
        "1",
        _name,
        PASS,
        _what,
        file="unlisted_forms.c",
        flags=(f"-DFORM={_name.upper()}",),
        levels=_EACH if _name in _AT_EACH else ("-O2",),
        says="something like a digest" if _name in ("digest", "signature") else "",
        explored=_FEW,
    )
program(
    "1",
    "midstate",
    LEAK,
    "The midstate of an HMAC stays, which is as good as the key.",
    file="unlisted_forms.c",
    flags=("-DFORM=MIDSTATE",),
    levels=("-O1", "-O2"),
    says="HMAC-SHA-256 inner state",
    explored=_FEW,
)
program(
    "1",
    "sealed",
    UNACCUSED,
    "A key stays encrypted under another one, of which nothing is left.",
    file="unlisted_forms.c",
    flags=("-DFORM=SEALED",),
    levels=("-O1", "-O2"),
    explored=_FEW,
)
program(
    "1",
    "seed_kept",
    WITHHELD,
    "A key stays under the stream of a generator, and so does its seed of four bytes, which was drawn.",
    file="unlisted_forms.c",
    flags=("-DFORM=SEED_KEPT",),
    levels=_EACH,
    explored=_FEW,
)
program(
    "1",
    "seed_wiped",
    UNACCUSED,
    "A key stays under the stream of a generator whose seed was drawn and wiped.",
    file="unlisted_forms.c",
    flags=("-DFORM=SEED_WIPED",),
    levels=_EACH,
    explored=_FEW,
)
