"""How a campaign makes canaries, finds them again in dumps, and keeps them out of what is said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from redactfuzz.model.canary.variant import Variant, varied
from redactfuzz.model.plan import Inspect, Mask, Mint

Values = Mapping[str, Variant]
"""Which other value each canary has; one that is not named keeps its own."""


@attrs.define(eq=False)
class Oracle:
    """Makes canaries, finds them again, and keeps them out of what is said; each by the seed."""

    mint: Callable[[int, str, Any, int], Any]
    inspector: Callable[[int], Inspect]
    masker: Callable[[int], Mask]
    record: Inspect | None = None
    """Keeps dumps for a comparison in place of searching them; None: they cannot be compared."""
    _inspectors: dict[int, Inspect] = attrs.field(factory=dict, init=False)

    def inspect(self, seed: int) -> Inspect:
        """One inspector a seed, so that it knows the canaries of every earlier execution."""
        if seed not in self._inspectors:
            self._inspectors[seed] = self.inspector(seed)
        return self._inspectors[seed]


def default_oracle() -> Oracle:
    """The canaries of ``model.canary`` and the search of ``scan``."""
    from redactfuzz.model.canary import mint
    from redactfuzz.scan import Inspector, Masker, Recorder

    return Oracle(mint, Inspector, Masker, Recorder())


def other_values(oracle: Oracle, seed: int, values: Values) -> Mint:
    """The canaries with other values, which are looked up at each run of the plan."""

    def mint(name: str, kind: Any, number: int) -> Any:
        canary, variant = oracle.mint(seed, name, kind, number), values.get(name)
        return canary if variant is None else varied(canary, seed, variant)

    return mint
