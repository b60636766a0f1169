"""The life of a finding over the nights: new, known, fixed, regressed, flaky, moved."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence, Set
from pathlib import Path

import attrs

from redactfuzz.campaign.explain import causes
from redactfuzz.campaign.files.store import load
from redactfuzz.model.events import ReplayResult
from redactfuzz.model.finding import Finding
from redactfuzz.model.night import FindingMet, Life, NightEvent, SliceBegan
from redactfuzz.model.repro import SUFFIX, ReproError
from redactfuzz.night.journal import Night, of_kind

TIMES = 3
"""Each known finding is run again so often at the beginning of a night."""
_SECONDS = 60.0
"""That this may take."""
_MOST = 20
"""Times for one that is flaky."""
_CHANCE = 0.05
"""At most: that a flaky finding is taken for a fixed one, because its replays did not show it."""


@attrs.frozen
class Replays:
    """How often replays showed a finding, over the nights since it was fixed or its code changed."""

    shown: int = 0
    ran: int = 0
    """Up to the last one that showed it,"""
    clean: int = 0
    """and since then."""

    def after(self, met: FindingMet) -> Replays:
        """With those of another night. A search that met it says that it is there, and nothing of how often."""
        if met.life in (Life.FIXED, Life.MOVED):
            return Replays()
        if met.again:
            return Replays(self.shown + met.again, self.ran + self.clean + met.times)
        return attrs.evolve(self, clean=0 if met.slice else self.clean + met.times)

    @property
    def times(self) -> int:
        """How often it is run tonight: so often that it would be seen, if it is there and as flaky as it was."""
        if not 0 < self.shown < self.ran:
            return TIMES
        enough = math.log(_CHANCE) / math.log(1 - self.shown / self.ran)
        return min(max(math.ceil(enough) - self.clean, TIMES), _MOST)

    def are_chance(self, clean: int) -> bool:
        """Whether it may well be there, though ``clean`` further replays did not show it."""
        return 0 < self.shown < self.ran and (1 - self.shown / self.ran) ** (self.clean + clean) > _CHANCE


@attrs.define(eq=False)
class Known:
    """A finding that was met before, or tonight."""

    key: str
    title: str
    finding: Finding
    life: Life | None = None
    """What it was when it was last met; None: it never was."""
    tonight: bool = False
    """It was met tonight already."""
    replayed: bool = False
    """``life`` is what a replay of tonight made of it."""
    replays: Replays = Replays()
    """Of the nights before."""
    worse: int = 0
    """How often it was met with more of the secret than before."""
    given: Given = attrs.field()
    """The most that it ever gave away."""
    untried: bool = False
    """Tonight it could not be run again."""
    _was: Life | None = None
    """Before it was replayed tonight."""

    @given.default
    def _given(self) -> Given:
        return given_away(self.finding)

    @property
    def replayable(self) -> bool:
        """Whether its repro file is there, and no test has to run it."""
        return not self.finding.item and Path(self.finding.repro).is_file()

    def may_be(self, title: str, finding: Finding) -> bool:
        """Whether a finding of another key is taken for it: of the same cause, or of the same secret and dump where no
        explanation tells more.

        That is not enough for one that is mended, or whose code is another one: what a search finds then is another
        finding. Else an entry of suppressions would hide a bug that nobody has looked at.
        """
        told = causes.explained(finding) and causes.explained(self.finding)
        gone = self.life in (Life.FIXED, Life.MOVED) and not self.tonight
        return causes.same(title, finding, self.finding) and (told or not gone)

    def keep(self, finding: Finding) -> Finding:
        """Takes in another finding of the same cause. Gives the one to go by: explained, and with a file that is there.

        Of two that are, the one whose schedule is known to show it now; and always the one that shows more.
        """
        stale = self.life in (Life.MOVED, Life.FIXED) and (self.replayed or not self.tonight)
        if (
            not stale
            and not _shows_more(finding, self.finding)
            and (causes.explained(self.finding) or not causes.explained(finding))
            and (self.finding.cause or not finding.cause)
            and Path(self.finding.repro).is_file()
        ):
            return self.finding
        self.finding = finding
        return finding

    def again(self, *, trust: bool = False) -> SliceBegan:
        """Runs it again. ``trust``: whatever its file asks for, and whichever machine wrote it."""
        times = self.replays.times
        command = ("redactfuzz", "replay", self.finding.repro, "--times", str(times), *(["--trust"] if trust else []))
        return SliceBegan(0, self.title, command, _SECONDS * times / TIMES)

    def life_if_found(self, finding: Finding) -> Life:
        """What a search that met it makes of it: once it was met tonight, nothing else, but where it became worse."""
        if self.life is None:
            return Life.NEW
        if self._worsens(finding):
            return self.life if self.tonight and self.life in (Life.NEW, Life.REGRESSED) else _worsened(self.life)
        if self.tonight:
            return self.life
        if self.life is Life.FIXED:  # tonight: another schedule shows it, so it was not
            return Life.MOVED if self.replayed and self._was is not Life.FIXED else Life.REGRESSED
        return Life.MOVED if self.life is Life.MOVED and self.replayed else Life.KNOWN

    def _worsens(self, finding: Finding) -> bool:
        """Whether it gives away more than ever before, which counts."""
        worse = is_worse(finding, self.given)
        self.given = most(self.given, given_away(finding))
        self.worse += worse
        return worse

    def met(self, replays: Sequence[ReplayResult], *, untold: str = "", found: Sequence[Finding] = ()) -> FindingMet:
        """What replays of it make of it.

        ``untold``: why their not showing it does not say that it is gone; ``found``: what they show of it now.
        """
        again = sum(1 for each in replays if each is ReplayResult.REPRODUCED)
        self.untried = not replays and self.life is not Life.FIXED
        clean = not again and bool(replays) and all(each is ReplayResult.NOT_REPRODUCED for each in replays)
        how = untold if clean or not replays else ""
        told = () if clean and untold else replays
        life = self._after(told, again)
        self.tonight = life in (Life.KNOWN, Life.REGRESSED, Life.FLAKY) and (again > 0 or not replays)
        if again and found and self._worsens(found[0]):
            self.finding = attrs.evolve(found[0], repro=self.finding.repro, cause="")  # the words are of what it was
            life, self.tonight = _worsened(self.life), True
        self._was, self.life, self.replayed = self.life, life, True
        still = self._was is life is Life.FIXED
        return FindingMet(
            self.key, self.title, 0, life, self.finding, again, len(told), worse=self.worse, how=how, still=still
        )

    @property
    def doubtful(self) -> bool:
        """Nobody could follow its schedule tonight, and no search has met it: it was changed, or its file is gone."""
        lost = not self.replayable and self.life is not Life.FIXED
        return self.replayed and ((self.life is Life.MOVED and not self.tonight) or lost)

    def untold(self, why: str) -> FindingMet | None:
        """Replays did not show it tonight, of a scenario that tests nothing any more: nobody knows. None: not so."""
        if self.life is not Life.FIXED or self._was in (None, Life.FIXED):
            return None
        self.life = self._was if self._was is not Life.NEW else Life.KNOWN
        shown, ran = self.replays.shown, self.replays.ran + self.replays.clean  # that it was "fixed" has reset them
        times = ran if shown else 0
        return FindingMet(self.key, self.title, 0, self.life, self.finding, shown, times, worse=self.worse, how=why)

    def gone(self) -> FindingMet:
        """It is doubtful, and a search that came to a pass did not meet it either."""
        self.life = Life.FIXED
        return FindingMet(self.key, self.title, 0, Life.FIXED, self.finding, worse=self.worse)

    def _after(self, replays: Sequence[ReplayResult], again: int) -> Life:
        if again == len(replays) and again:
            return Life.REGRESSED if self.life is Life.FIXED else Life.KNOWN
        if again:
            return Life.FLAKY
        if not replays:  # it could not be run, so that nobody knows: nothing is said of it that would be better
            return self.life if self.life not in (None, Life.NEW) else Life.KNOWN
        if self.life is not Life.FIXED and any(each is not ReplayResult.NOT_REPRODUCED for each in replays):
            return Life.MOVED  # the code has changed
        return Life.FLAKY if self.replays.are_chance(len(replays)) else Life.FIXED


Given = Mapping[tuple[str, str], tuple[bool, int]]
"""By canary and dump: whether the whole of it, and how many bits."""


def given_away(finding: Finding) -> Given:
    """What it gives away."""
    found: dict[tuple[str, str], tuple[bool, int]] = {}
    for leak in finding.leaks:
        whole, bits = found.get((leak.canary, leak.dump), (False, 0))
        found[leak.canary, leak.dump] = (whole or leak.part == "whole", max(bits, round(leak.recovered)))
    return found


def most(one: Given, other: Given) -> Given:
    """The most of both."""
    return {each: max(one.get(each, (False, 0)), other.get(each, (False, 0))) for each in {**one, **other}}


def is_worse(finding: Finding, given: Given) -> bool:
    """Whether it gives away another secret, or one in another dump, or the whole in place of a part, or more bits.

    ``given``: the most that was given away before, by any schedule of the same cause.
    """
    return most(given_away(finding), given) != given


def _shows_more(finding: Finding, before: Finding) -> bool:
    """Whether it is the one to go by: of two that each give away more of another secret neither is."""
    new, old = given_away(finding), given_away(before)
    return new != old and most(new, old) == new


def _worsened(before: Life | None) -> Life:
    return Life.REGRESSED if before is Life.FIXED else Life.MOVED


def judged(before: Iterable[Night], tonight: Iterable[NightEvent]) -> list[Known]:
    """Each finding of the nights, as it was last met."""
    found: dict[str, Known] = {}
    for night in before:
        for met in of_kind(night.events, FindingMet):
            found[met.key] = _taken(met, found)
    before_tonight = {key: each.life for key, each in found.items()}
    for met in of_kind(tonight, FindingMet):
        known = found[met.key] = _taken(met, found)
        known._was = before_tonight.get(met.key)
        known.tonight = bool(met.slice or met.again) or met.life not in (Life.FIXED, Life.MOVED)
        known.replayed = not met.slice
    return list(found.values())


def unknown(folder: Path, known: Iterable[Known], told: Set[str] = frozenset()) -> list[Known]:
    """Repro files that no journal names: what a search had found, and was killed before it could say so.

    ``told``: the names that journals have, also of findings that are mended, or have another file by now.
    """
    names = told | {Path(each.finding.repro).name for each in known}
    found = []
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        if path.name in names or path.is_symlink():
            continue
        try:
            repro = load(path)
        except ReproError:
            continue
        finding = Finding(
            repro.scenario, repro.identity.verdict, repro.schedule, 0, repro.canary_number, repro.seed, repro=str(path)
        )
        title = repro.path if repro.program else f"{repro.path}::{repro.scenario}"
        found.append(Known(path.name, title, finding))
    return found


def _taken(met: FindingMet, found: Mapping[str, Known]) -> Known:
    known, given = found.get(met.key), given_away(met.finding)
    return Known(
        met.key,
        met.title,
        _better(met, found),
        met.life,
        replays=(known.replays if known is not None else Replays()).after(met),
        worse=met.worse,
        given=most(known.given, given) if known is not None else given,
    )


def _better(met: FindingMet, found: Mapping[str, Known]) -> Finding:
    """The one that is explained, and of two that are the later one: code moves."""
    known = found.get(met.key)
    if (
        known is None
        or not Path(known.finding.repro).is_file()
        or causes.explained(met.finding)
        or _shows_more(met.finding, known.finding)
    ):
        return met.finding
    return known.finding if causes.explained(known.finding) else met.finding
