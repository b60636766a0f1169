"""What makes the space of a reduction large, in Python: names for what the exploration core has counted by number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import attrs

from redactfuzz.model.canary import Canary
from redactfuzz.model.conflict import Conflict, Spot, UnknownCall
from redactfuzz.model.plan import Policy, StageReport
from redactfuzz.schedule.conflicts import OBJECTS, RawConflict, conflicts_of, cuts_of, names_of, sites_of
from redactfuzz.schedule.engine import Engine
from redactfuzz.threads import _hooks
from redactfuzz.threads.explain.masking import Masking
from redactfuzz.threads.explain.sites import number_of, place_of, start_of

_ELSEWHERE = Spot("", 0, "code that is gone")


@attrs.frozen
class Names:
    """What numbers stand for, without secrets."""

    spots: Mapping[int, Spot] = attrs.field(factory=dict)
    texts: Mapping[int, str] = attrs.field(factory=dict)
    """Names of attributes, globals and keys."""
    unknown: Mapping[int, str] = attrs.field(factory=dict)
    """What touched everything, by its site."""


@attrs.define(eq=False)
class Naming:
    """Of one batch. An execution in a child of its own may meet code that the process which explores never does."""

    _engine: Engine
    _masking: Masking
    _known: Names = attrs.field(factory=Names)
    _canaries: Mapping[str, Canary] = attrs.field(factory=dict, repr=False)

    @property
    def reduces(self) -> bool:
        """Whether the execution in progress is one of a reduction, or the last one."""
        return self._engine.stages[self._engine.status.stage].policy is Policy.DPOR

    def had(self, canaries: Mapping[str, Canary]) -> None:
        """An execution of a reduction had these: what is named here may hold them."""
        if self.reduces:
            self._canaries = canaries

    def met(self) -> Names:
        """What is not named yet, in the process of the execution that has ended."""
        if not self._canaries:
            return Names()
        sites = {*sites_of(self._engine)} - self._known.spots.keys()
        codes, texts = _hooks.found(sites, {*names_of(self._engine)} - self._known.texts.keys())
        places = {site: place_of(code, index) for site, (code, index) in codes.items()}
        spots = {site: Spot(place.file, place.line, place.function) for site, place in places.items()}
        for name in _hooks.thread_names():
            if (start := number_of(start_of(name).site)) in sites:
                spots[start] = Spot("", 0, f"the start of {name!r}")
        return self._masking.shown(Names(spots, texts, _by_site(_hooks.unknown_touched())), self._canaries)

    def learn(self, met: Names) -> None:
        """The same in the process that explores."""
        known = self._known
        self._known = Names(
            {**known.spots, **met.spots}, {**known.texts, **met.texts}, {**known.unknown, **met.unknown}
        )

    def told(self, reports: Sequence[StageReport]) -> Iterator[StageReport]:
        """With what made the space of each large."""
        self.learn(self.met())
        for index, report in enumerate(reports):
            conflicts = tuple(self._conflict(one) for one in conflicts_of(self._engine, index))
            cuts = tuple(dict.fromkeys(map(self._spot, cuts_of(self._engine, index))))
            yield attrs.evolve(report, conflicts=conflicts, cuts=cuts) if conflicts or cuts else report

    def _spot(self, site: int) -> Spot:
        return self._known.spots.get(site, _ELSEWHERE)

    def _conflict(self, raw: RawConflict) -> Conflict:
        named = self._known.unknown
        return Conflict(
            self._spot(raw.first),
            self._spot(raw.then),
            raw.times,
            OBJECTS.get(raw.object) or self._known.texts.get(raw.offset, ""),
            tuple(UnknownCall(named[site], self._spot(site)) for site in raw.unknown if site in named),
        )


def _by_site(unknown: Mapping[tuple[int, str], int]) -> dict[int, str]:
    """The name that was met there most."""
    return {site: name for (site, name), _ in sorted(unknown.items(), key=lambda item: item[1])}
