"""Line 4.1: a short secret, or a piece of one, is found wherever it lies."""

from __future__ import annotations

from truth import LEAK, PASS, program

_LEVELS = ("-O0", "-O2")
_WHAT = {
    "eight_bytes": "A secret of 8 bytes at an odd address",
    "password": "A password of 12 bytes behind the 9 of 'password='",
    "piece_of_key": "9 bytes of a key, at an odd address in the heap",
}

for _number, (_name, _what) in enumerate(_WHAT.items()):
    for _clean, _expected, _says in ((0, LEAK, " stays"), (1, PASS, " is wiped by the handler")):
        program(
            "4.1",
            f"{_name}{'_wiped' if _clean else ''}",
            _expected,
            f"{_what}{_says}.",
            file="short_forms.c",
            flags=(f"-DWHAT={_number}", f"-DCLEAN={_clean}"),
            levels=_LEVELS,
            second_crash=False,
        )

program(
    "4.1",
    "moved_from_string",
    LEAK,
    "A std::string of 15 characters keeps 14 of them when it was moved from.",
    file="short_moved_string.cpp",
    flags=("-DCLEAN=0",),
    levels=_LEVELS,
    second_crash=False,
)
program(
    "4.1",
    "moved_from_string_wiped",
    PASS,
    "The same, and the handler wipes what is left of it.",
    file="short_moved_string.cpp",
    flags=("-DCLEAN=1",),
    levels=_LEVELS,
    second_crash=False,
)
