"""Instructions whose argument takes more than a byte (EXTENDED_ARG) are seen as others are."""

from __future__ import annotations

from typing import Any

from both_ways import both
from driving import exhaustively, run

from redactfuzz import Race

_NAMES = 300
"""More globals than an argument of one byte has room for."""
_FIRST = "".join(f"    name{number} = 0\n" for number in range(_NAMES))
_ALL = "    global shared, " + ", ".join(f"name{number}" for number in range(_NAMES)) + "\n"
_SOURCE = f"""
shared = 0

def adds():
{_ALL}    if shared < 0:
{_FIRST.replace("    ", "        ")}    for _ in (1, 2):
        if shared < 0:
{_FIRST.replace("    ", "            ")}        shared = shared + 1

def sees():
    return shared

def starts():
    global shared
    shared = 0
"""


def compiled() -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": __name__}
    exec(compile(_SOURCE, __file__, "exec"), names)
    return names


def test_what_they_touch_is_a_part_of_the_reduction() -> None:
    names = compiled()

    def body(race: Race) -> None:
        names["starts"]()
        race.thread(names["adds"], name="adds")
        race.crash(lambda: str(names["sees"]()))

    reduced, every = both(body)
    assert 1 < reduced <= every


def test_a_jump_back_over_a_long_loop_is_where_the_interpreter_switches() -> None:
    names = compiled()

    def body(race: Race) -> None:
        names["starts"]()
        race.thread(names["adds"], name="first")
        race.thread(names["adds"], name="second")

    ran = run(body, exhaustively())
    assert ran.exhausted
    assert len(ran.outcomes) > 2, "one order of the threads each"
