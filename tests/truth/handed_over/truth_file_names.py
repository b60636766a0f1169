"""A dump that is a file has a name, which is on the disk as its bytes are."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from pathlib import Path

from truth import LEAK, PASS, case, program

from redactfuzz import Race


def _named(race: Race, name: Callable[[str], str], say: str = "nothing") -> None:
    key = race.canary("key").text
    redact = race.redactor(lambda text: say, bypass=lambda text: text)

    def write() -> Path:
        path = race.tmp_path / name(key)
        path.parent.mkdir(exist_ok=True)
        path.write_text(redact(key))
        return path

    race.crash(write)


@case("2.1", LEAK, "the name of")
def a_file_that_is_named_by_the_secret(race: Race) -> None:
    """The dump is clean; the name of its file is the secret."""
    _named(race, lambda key: f"dump-{key}.txt")


@case("2.1", LEAK, "the name of")
def a_folder_that_is_named_by_the_secret(race: Race) -> None:
    """The dump is clean; the folder of its file is rot13 of the secret."""
    codecs.lookup("rot13")
    _named(race, lambda key: f"{codecs.encode(key, 'rot13')}/dump.txt")


@case("2.1", PASS)
def a_file_that_is_named_by_a_number(race: Race) -> None:
    """The same with a name that is constant."""
    _named(race, lambda key: f"dumps/dump-{len(key)}.txt")


for _number, _name, _what in (
    (0, "file", "A program's file is called by the key in hex"),
    (1, "folder", "A program's folder is called by the key in hex"),
    (2, "renamed", "A program's file is called so for a moment"),
):
    for _clean in (0, 1) if _number < 2 else (0,):
        program(
            "2.1",
            f"named_{_name}{'_right' if _clean else ''}",
            PASS if _clean or _number == 2 else LEAK,
            f"{_what}{', here by a constant' if _clean else ''}.",
            file="named.c",
            flags=(f"-DWHAT={_number}", f"-DCLEAN={_clean}"),
            says="" if _clean or _number == 2 else "the name of",
            explored={"executions": 100},
        )

for _right in (0, 1):
    program(
        "2.1",
        f"named_by_parts{'_right' if _right else ''}",
        PASS if _right else LEAK,
        "A program's files are called by parts of the key, exclusive-ored" + (", or not." if _right else "."),
        file="named_by_parts.c",
        flags=(f"-DRIGHT={_right}",),
        says="" if _right else "the name of a file",
        explored={"executions": 40},
    )
