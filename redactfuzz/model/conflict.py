"""What makes the space of a reduction large: places whose order matters, and what nobody knows the effects of."""

from __future__ import annotations

import attrs


@attrs.frozen
class Spot:
    """A place of the code under test. Without a file: what is known of it in words."""

    file: str
    line: int
    function: str = ""


@attrs.frozen
class UnknownCall:
    """What is taken to touch everything, since nobody knows what it touches: a call, or an instruction, by name."""

    name: str
    spot: Spot


@attrs.frozen
class Conflict:
    """Two places of which a reduction had to run the other order as well, and how often it had to."""

    first: Spot
    then: Spot
    times: int
    over: str = ""
    """What both touch, where that has a name."""
    unknown: tuple[UnknownCall, ...] = ()
    """What they have in common is only that these are taken to touch everything."""
    is_data_race: bool = False
    """Both are accesses of threads to memory, neither is atomic, and nothing orders them (ISO C 2024, 5.1.2.5)."""
