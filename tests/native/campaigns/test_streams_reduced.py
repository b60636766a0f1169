"""What threads and handlers print, format and flush while partial order reduction runs: nothing that any schedule shows is lost.

``struck.c`` prints into memory, on standard streams and into files, as its arguments say: see ``test_handlers_reduced.py``. How long
each file and stream has become, and whether the secret is in it, is part of what is compared.
"""

from __future__ import annotations

import random

import pytest
from test_handlers_reduced import Drawn, compared, steps

pytestmark = pytest.mark.once

CHANGES = "NNyyssKW"
PRINTS = "EMPPPSSHCUR"
STREAMS = "YYOOZBBVG"
BESIDE = "lmuAFawxXekb"
CRASHES = ("none", "none", "SIGSEGV", "SIGSEGV", "SIGSEGV")
SEEDS = range(10)


def some(chance: random.Random, most: int) -> str:
    """Up to so many steps, of which most have to do with streams."""
    kinds = (CHANGES, CHANGES, PRINTS, PRINTS, PRINTS, STREAMS, STREAMS, BESIDE)
    text = "".join(steps(chance, chance.choice(kinds), 1) for _ in range(chance.randint(1, most)))
    return text.replace("P0", chance.choice(("P0", "P1"))).replace("S0", chance.choice(("S0", "S1")))


def drawn(seed: int) -> Drawn:
    chance = random.Random(f"streams {seed}")
    crash = chance.choice(CRASHES)
    most = 2 if crash == "none" else 1
    three = chance.random() < 0.15
    threads = [some(chance, 1 if three else most) for _ in range(3 if three else 2)]
    if crash != "none" and not three and chance.random() < 0.5:
        threads[chance.randrange(2)] += some(chance, 1)
    handler = chance.choice(("", "-", "-")) + some(chance, 1 if three else 2)
    return Drawn(handler, tuple(threads), crash=crash)


def test_what_every_schedule_prints_is_printed_by_one_execution_of_each_class() -> None:
    whole = [done for done in (compared(drawn(seed)) for seed in SEEDS) if done[0]]
    assert len(whole) > len(SEEDS) / 2
    assert sum(ways > 1 for _, _, ways in whole) > 1
    assert sum(few for few, _, _ in whole) < sum(many for _, many, _ in whole) / 5
