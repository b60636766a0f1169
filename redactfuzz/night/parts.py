"""A proof that takes longer than a slice: its space is gone through in parts, each of which is a slice of its own.

They may run side by side, on other workers, and in the nights of other shards. Together they are a proof where all went
by the same (``Part.known``), and the files that they were of are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import or_
from pathlib import Path

import attrs

from redactfuzz.campaign.checks import certificate
from redactfuzz.model.counted import Explored
from redactfuzz.model.dependencies import Dependencies
from redactfuzz.model.finding import Report
from redactfuzz.model.night import SliceEnded
from redactfuzz.model.part import MOST, Part, is_allowed
from redactfuzz.model.plan import Policy
from redactfuzz.model.verdict import Verdict
from redactfuzz.night.asked import SLICE

_FILL = 0.5
"""Of the seconds of a slice, that a part is to take: the estimate of a tree of which little was seen is poor."""
_DIVIDED = 4
"""Into so many, where one was too large: parts are unlike, and each try costs a slice."""
_TRIED = 16
"""Times the longest of proofs: where the estimate is above that, none is begun."""
OTHER = "its parts went by different things, or its files changed"
_WHOLE = {policy.name.lower() for policy in Policy if policy.whole}


@attrs.frozen
class Gone:
    """Parts that were gone through without a leak."""

    part: Part
    executions: int
    ended: SliceEnded

    def fits(self, other: Gone) -> bool:
        """Whether both went by the same, and were of the same files."""
        return self.part.known == other.part.known and of_same_files(self.ended, other.ended)


def of_same_files(one: SliceEnded, other: SliceEnded) -> bool:
    """Whether two slices, perhaps of two machines, were of the same code, as far as both say of what they were.

    What lies outside of the working directory has another path in another checkout: there one of its name has to be
    equal. What only one of them loaded of the project was no part of the other's executions; of a program it was.
    """
    known, others = one.dependencies or Dependencies(), other.dependencies or Dependencies()
    mine, theirs = ({each.path: each.sha256 for each in ended.sources} for ended in (one, other))
    pairs = ((known.files, others.files), (known.installed, others.installed), (known.places, others.places))
    same = all(a[key] == b[key] for a, b in (*pairs, (mine, theirs)) for key in a.keys() & b.keys())
    if _is_program(one) and (known.files.keys() != others.files.keys() or len(mine) != len(theirs)):
        return False
    return same and _elsewhere(mine, theirs) and _elsewhere(theirs, mine)


def _is_program(ended: SliceEnded) -> bool:
    """Its certificate names no Python."""
    made = ended.report.certificate if ended.report is not None else None
    return made is not None and not made.python


def _elsewhere(mine: Mapping[str, str], theirs: Mapping[str, str]) -> bool:
    """Whether each file with a path of its own machine has its like: of those of its name one is equal."""
    named: dict[str, set[str]] = {}
    for path, digest in theirs.items():
        named.setdefault(Path(path).name, set()).add(digest)
    apart = ((path, digest) for path, digest in mine.items() if path.startswith("/") and path not in theirs)
    return all(digest in named.get(Path(path).name, ()) for path, digest in apart)


@attrs.define(eq=False)
class Parts:
    """Those of one scenario tonight."""

    seconds: float
    """Of a slice."""
    shard: tuple[int, int] = (1, 1)
    of: int = 0
    """So many parts; 0: no proof is tried."""
    strategy: str = ""
    given_up: str = ""
    """Why there will be none."""
    running: dict[int, Part] = attrs.field(factory=dict)
    """By the number of the slice."""
    _gone: dict[int, Gone] = attrs.field(factory=dict)
    """By residue, see Part."""

    @classmethod
    def of_nights(cls, slices: Iterable[SliceEnded]) -> Parts:
        """What slices of several nights make up together."""
        made = cls(SLICE)
        for each in slices:
            made.take(each)
        return made

    @property
    def own(self) -> frozenset[int]:
        """Residues that are this shard's."""
        index, of = self.shard
        return frozenset(range(index - 1, MOST, of))

    @property
    def whole(self) -> bool:
        """All of the space was gone through here."""
        return not self.given_up and len(self._gone) == MOST

    @property
    def over(self) -> bool:
        """All that is this shard's was."""
        return bool(self._gone) and not self.given_up and self.own <= self._gone.keys()

    def next(self) -> Part | None:
        """One that nobody has begun."""
        if self.given_up:
            return None
        busy = {residue for part in self.running.values() for residue in part.residues}
        left = self.own - self._gone.keys() - busy
        parts = (Part(number, self.of) for number in range(1, self.of + 1))
        return next((each for each in parts if each.residues <= left), None)

    def take(self, ended: SliceEnded) -> None:
        """What a slice has shown of it."""
        self.running.pop(ended.number, None)
        report = ended.report
        stage = _whole_of(report.stages) if report is not None else None
        if report is None or stage is None or self.given_up:
            return
        if not report.verdict.passed:
            self.given_up = "" if report.verdict is Verdict.INCONCLUSIVE else f"a slice of it came to {report.verdict}"
        elif report.part is not None:
            if report.certificate is None or report.interrupted or not _is_of(report.part, stage):
                return  # of a journal that was altered
            if ended.dependencies is None:
                self.given_up = "nobody knows of which files a part was" + (f": {ended.doubt}" if ended.doubt else "")
                return
            self._take_part(Gone(report.part, stage.executions, ended))
        elif stage.parts and stage.exhausted:
            self.given_up = "what has to be gone through beside a part takes too long, or something else rules it out"
        elif stage.parts:
            self._divide(stage)
        elif not self.of and not stage.exhausted:
            self._begin(report, stage)

    def _take_part(self, gone: Gone) -> None:
        if not all(gone.fits(each) for each in self._gone.values()):
            self.given_up = OTHER
        self._gone |= dict.fromkeys(gone.part.residues, gone)
        self.of = max(self.of, gone.part.of)  # of a larger one that goes on with these a piece would be gone already

    def _divide(self, stage: Explored) -> None:
        """It was too large for a slice."""
        if stage.parts == self.of < MOST:
            self.of = min(_DIVIDED * self.of, MOST)
        elif stage.parts == self.of:
            self.given_up = f"a {MOST}th part of the space takes longer than a slice"

    def _begin(self, report: Report, stage: Explored) -> None:
        rate = report.executions_per_s
        slices = stage.estimate / rate / (_FILL * self.seconds) if rate and stage.estimate else 0.0
        if not 0 < slices <= _TRIED * MOST:
            return
        self.strategy, self.of = stage.strategy, self._fewest
        while self.of < min(slices, MOST):
            self.of *= 2

    @property
    def _fewest(self) -> int:
        """Each of them is one shard's alone."""
        _, of = self.shard
        return max(of, 2) if of <= MOST and of & (of - 1) == 0 else MOST

    @property
    def gone(self) -> list[Gone]:
        """Each part that was gone through, once."""
        return list({id(each): each for each in self._gone.values()}.values())

    @property
    def missing(self) -> list[Part]:
        """Of as many parts as there are in the finest division, those that nobody went through."""
        of = max((each.part.of for each in self.gone), default=1)
        return [each for number in range(1, of + 1) if not (each := Part(number, of)).residues <= self._gone.keys()]

    def told(self, ended: SliceEnded) -> SliceEnded:
        """A slice as it is told: the last part of a space is all of it, and where no proof will come it says why."""
        report = ended.report
        if self.whole and report is not None and report.part is not None:
            return self.joined(ended)
        if not self.given_up or report is None or report.certificate is None or _whole_of(report.stages) is None:
            return ended
        said = (f"no proof in parts is made: {self.given_up}", *report.certificate.obstacles)
        certificate = attrs.evolve(report.certificate, obstacles=said)
        return attrs.evolve(ended, report=attrs.evolve(report, certificate=certificate))

    def joined(self, ended: SliceEnded) -> SliceEnded:
        """The last part's slice, of the whole space. What it says is what slices have reported."""
        report, gone = ended.report, self.gone
        stage = _whole_of(report.stages) if report is not None else None
        if not self.whole or report is None or stage is None:
            raise ValueError("parts are joined when all of them were gone through, at the slice of the last one")
        executions = sum(each.executions for each in gone)
        space = attrs.evolve(stage, parts=0, executions=executions, estimate=float(executions))
        known = [each.ended.dependencies for each in gone]
        sources = {source.path: source for each in gone for source in each.ended.sources}
        return attrs.evolve(
            ended,
            report=certificate.of_parts(report, space, len(gone)),
            sources=tuple(sources.values()),
            dependencies=None if None in known else reduce(or_, filter(None, known)),
        )


def _is_of(part: Part, stage: Explored) -> bool:
    """Whether the stage is one that went through it."""
    return is_allowed(part.number, part.of) and stage.exhausted and stage.parts == part.of


def _whole_of(stages: Sequence[Explored]) -> Explored | None:
    """The search of the whole space on the usual machine; that of a part, where there is one."""
    found = [each for each in stages if each.strategy in _WHOLE and not each.otherwise]
    return max(found, key=lambda each: each.parts, default=None)
