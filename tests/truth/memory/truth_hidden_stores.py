"""Line 4.2: what is stored without a hook is searched nevertheless, and nothing is proved of such a program."""

from __future__ import annotations

from truth import PASS, WITHHELD, program

_HOW = {
    1: ("non_temporal", "_mm_stream_si64 copies the key"),
    2: ("masked", "_mm256_maskstore_epi32 copies the key"),
    3: ("builtin_memcpy", "__builtin_memcpy of 32 bytes, which the compiler carries out itself, copies the key"),
    4: ("store_low", "_mm_storel_pi copies the key"),
    6: ("unhooked_function", "A function with no_sanitize_thread copies the key"),
    5: ("add_with_carry", "_addcarry_u64 copies the key, word by word"),
    7: ("wide_vector", "One store of a vector of 32 bytes, for which clang has no hook, copies the key"),
}

for _number, (_name, _what) in _HOW.items():
    program(
        "4.2",
        _name,
        WITHHELD,
        f"{_what}; the handler knows nothing of the copy.",
        file="hidden_stores.c",
        flags=(f"-DHOW={_number}",),
        levels=("-O1",),
        second_crash=False,
        explored={"executions": 100},
    )
program(
    "4.2",
    "ordinary_stores",
    PASS,
    "Ordinary stores copy the key, and the handler wipes both.",
    file="hidden_stores.c",
    flags=("-DHOW=0",),
    levels=("-O0", "-O2"),
    second_crash=False,
)
