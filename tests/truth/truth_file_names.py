"""A dump that is a file has a name, which is on the disk as its bytes are."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from pathlib import Path

from truth import LEAK, PASS, case

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
