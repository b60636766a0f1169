"""The findings of a night, one for each cause, and their repro files: each is the file of one finding alone."""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from pathlib import Path

import attrs

from redactfuzz.campaign.explain import causes
from redactfuzz.model.finding import Finding
from redactfuzz.model.night import FindingMet
from redactfuzz.model.repro import SUFFIX
from redactfuzz.night.known import Known
from redactfuzz.night.told import Told


@attrs.define(eq=False)
class Kept:
    """Those that are known by now."""

    folder: Path
    """Where repro files lie."""
    known: dict[str, Known] = attrs.field(factory=dict)
    """By key."""

    def take(self, done: Told) -> list[FindingMet]:
        """Takes in the findings of a slice: as its reports have them, or as they were first met where it gave none."""
        met = {}
        for finding in done.findings:
            known = self._known_as(title_of(done.began.title, finding), finding)
            life = known.life_if_found(finding)
            known.finding = self._filed(known, finding)
            met[known.key] = FindingMet(
                known.key, known.title, done.began.number, life, known.finding, worse=known.worse
            )
            known.tonight = True
            known.life, known.replayed = life, False
        return list(met.values())

    def of(self, listed: Collection[str]) -> list[Known]:
        """Those of what was listed: scenarios, programs, and files whose scenarios nobody knew."""
        return [each for each in self.known.values() if any(is_of(name, each.title) for name in listed)]

    def _filed(self, known: Known, finding: Finding) -> Finding:
        """The one to go by, with a file that the next search does not write over: its name has the key of the cause."""
        kept = known.keep(finding)
        file = self._of_ours(finding)
        if file is None:
            return kept
        if kept is finding or _place(kept.repro) == file:
            return attrs.evolve(kept, repro=self._renamed(file, known))
        if file not in self._named():  # another file that shows the same
            with contextlib.suppress(OSError):
                file.unlink()
        return kept

    def _of_ours(self, finding: Finding) -> Path | None:
        """Its file, where it lies in our folder. There is none where a full disk took none."""
        file = _place(finding.repro)
        return file if file is not None and file.parent == self.folder.resolve() and file.is_file() else None

    def _renamed(self, file: Path, known: Known) -> str:
        stem, end = file.name.removesuffix(SUFFIX), f"-{known.key}"
        name = f"{stem}{'' if stem.endswith(end) else end}{SUFFIX}"
        others = self._named(but=known)
        wanted = file.with_name(name)
        if wanted != file and wanted not in others and file not in others:
            with contextlib.suppress(OSError):
                file = file.replace(wanted)
        return (self.folder / file.name).as_posix()

    def _named(self, but: Known | None = None) -> set[Path]:
        """The files of all findings that are known."""
        found = (_place(each.finding.repro) for each in self.known.values() if each is not but)
        return {each for each in found if each is not None}

    def _known_as(self, title: str, finding: Finding) -> Known:
        key = causes.key(title, finding)
        if key in self.known:
            return self.known[key]
        like = [each for each in self.known.values() if each.may_be(title, finding)]
        like.sort(key=lambda each: causes.key(title, each.finding) != key)  # its own cause, explained by now, first
        return like[0] if like else self.known.setdefault(key, Known(key, title, finding))


def title_of(listed: str, finding: Finding) -> str:
    """Of the scenario: of a file that could not be listed a slice runs all of them."""
    return finding.scenario if is_of(listed, finding.scenario) else listed


def is_of(listed: str, title: str) -> bool:
    """Whether a scenario is what was listed, or one of the file that was."""
    return title == listed or title.startswith(f"{listed}::")


def _place(repro: str) -> Path | None:
    """Where it really lies, however the folder is spelled."""
    return Path(repro).resolve() if repro else None
