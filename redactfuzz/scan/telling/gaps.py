"""What was not read, of which an image may say hundreds of thousands of times the same: so many are listed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

import attrs

from redactfuzz.model.exposure import Gap

LISTED = 256
"""Gaps of one kind in one image that are listed."""
MOST = 1 << 12
"""Gaps of a dump that are listed, of whatever kind, in whatever image."""
_OF_ONE = re.compile(r"'.*'|\".*\"|[\d,]+", re.DOTALL)
"""What in a reason is of one place alone: a name, a number."""


@attrs.define
class _Rest:
    count: int = 0
    length: int = 0


class Gaps:
    """Gathers gaps in their order; those beyond what is listed are counted."""

    def __init__(self, gaps: Iterable[Gap] = ()) -> None:
        self._listed: list[Gap] = []
        self._kinds: Counter[tuple[str, str]] = Counter()
        self._rest: dict[tuple[str, bool], _Rest] = {}
        self.extend(gaps)

    def append(self, gap: Gap) -> None:
        """One more."""
        kind = (gap.image, _OF_ONE.sub("", gap.reason))
        if not gap.more and len(self._listed) >= MOST:
            self._count("", gap)
        elif not gap.more and self._kinds[kind] >= LISTED:
            self._count(gap.image, gap)
        else:
            self._kinds[kind] += 1
            self._listed.append(gap)

    def extend(self, gaps: Iterable[Gap]) -> None:
        """All of these."""
        for gap in gaps:
            self.append(gap)

    def told(self, dump: str) -> tuple[Gap, ...]:
        """Those that are listed, and behind them how many more there are: in which image, as long as that is listed."""
        more = (
            Gap(
                image or dump,
                f"and {rest.count:,} more, which are not listed",
                length=rest.length or None,
                harmless=harmless,
                more=rest.count,
            )
            for (image, harmless), rest in self._rest.items()
        )
        return (*self._listed, *more)

    def _count(self, image: str, gap: Gap) -> None:
        rest = self._rest.setdefault((image, gap.harmless), _Rest())
        rest.count += 1
        rest.length += gap.length or 0
