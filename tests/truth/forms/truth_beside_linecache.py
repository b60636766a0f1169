"""Issue 41.7: a module that this package fills when it quotes a line is no state that an execution leaves behind."""

from __future__ import annotations

import linecache

from truth import LEAK, case

from redactfuzz import Race


@case("41.7", LEAK, executions=100)
def beside_linecache(race: Race) -> None:
    """A key is dumped in a form that no table has, and the file imports ``linecache``."""
    assert linecache.cache is not None
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    race.crash(lambda: mask(f"died with {key.text}"))
    race.thread(lambda: race.dump(mask(str([ord(letter) + 7 for letter in key.text]))))
