"""What threads and handlers print, format and flush while partial order reduction runs: nothing that any schedule shows is lost.

``struck.c`` prints into memory, on standard streams and into files, as its arguments say: see ``test_handlers_reduced.py``. How long
each file and stream has become, and whether the secret is in it, is part of what is compared.
"""

from __future__ import annotations

import random

import pytest
from test_handlers_reduced import Drawn, compared, steps

pytestmark = pytest.mark.once

CHANGES = "NNyyyssKW"
PRINTS = "EMPPPSSHCUR"
STREAMS = "YYOOZBBVG"
BESIDE = "lmuAAFFawxXekb"
DENSE = "yyyNsPPPSSE"
"""What changes a text, and what shows how long it is."""
SEEDS = range(10)


def some(chance: random.Random, *most: int) -> str:
    """So many steps, of which most have to do with streams."""
    kinds = (CHANGES, CHANGES, PRINTS, PRINTS, PRINTS, STREAMS, STREAMS, BESIDE)
    return "".join(steps(chance, chance.choice(kinds), 1) for _ in range(chance.choice(most)))


def dense(chance: random.Random, most: int) -> str:
    return "".join(steps(chance, DENSE, 1) for _ in range(most)).replace("P0", "P1").replace("S0", "S1")


def drawn(seed: int) -> Drawn:
    """Without a crash there is room for most: two threads of two or three steps."""
    chance = random.Random(f"streams {seed}")
    handler = chance.choice(("", "-", "-")) + some(chance, 1, 2)
    match chance.randrange(8):
        case 0 | 1:
            return Drawn(handler, (dense(chance, 2), dense(chance, 2) + chance.choice(("", "", "e01"))), crash="none")
        case 2 | 3:
            return Drawn(handler, (some(chance, 2), some(chance, 2, 3)), crash="none")
        case 4 | 5:
            other = chance.choice((some(chance, 1), some(chance, 1), "A01F01", "F01A01"))
            return Drawn(handler, (f"K{chance.choice('01')}1" + some(chance, 1), other), crash="kill")
        case _:
            return Drawn(handler, (some(chance, 1), some(chance, 1, 2)))


def test_what_every_schedule_prints_is_printed_by_one_execution_of_each_class() -> None:
    whole = [done for done in (compared(drawn(seed)) for seed in SEEDS) if done[0]]
    assert len(whole) > len(SEEDS) / 2
    assert sum(ways > 1 for _, _, ways in whole) > 1
    assert sum(few for few, _, _ in whole) < sum(many for _, many, _ in whole) / 5
