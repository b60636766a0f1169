"""Which scenarios cost a night nothing, since what was proved of them is so still."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeGuard

import attrs

from redactfuzz.campaign.session import depends
from redactfuzz.changed.build import build
from redactfuzz.changed.once import compiled, is_here
from redactfuzz.changed.revision import project
from redactfuzz.model.events import Source
from redactfuzz.model.night import FindingMet, Life, NightEvent, SliceEnded
from redactfuzz.model.verdict import Verdict
from redactfuzz.native.compile.compiler import BuildError
from redactfuzz.native.run.program import Program
from redactfuzz.night.alarms import since_listed
from redactfuzz.night.asked import SLICE
from redactfuzz.night.journal import Night, of_kind
from redactfuzz.night.parts import Parts


@attrs.frozen
class _Done:
    """What was done of a scenario in a night: by one slice that proved it, or by those of all parts of a shard."""

    night: Night
    slices: Sequence[SliceEnded]
    what: str

    @property
    def sources(self) -> set[Source]:
        """All files that they were of."""
        return {source for each in self.slices for source in each.sources if source.sha256}


def spared(known: Sequence[Night], found: Mapping[str, Program], shard: tuple[int, int]) -> dict[str, str]:
    """Why a scenario costs nothing: its last verdict is PROVED, or all parts of its space that are this shard's were
    gone through, and what that depends on is as it was.

    ``found``: programs by their titles.
    """
    last: dict[str, _Done] = {}
    for night in known:
        parts = _parts(night, shard)
        for each in night.events:
            if _unproves(each):
                last.pop(each.title, None)
                parts.pop(each.title, None)
            elif isinstance(each, SliceEnded) and each.report is not None and each.report.verdict is Verdict.PROVED:
                last[each.title] = _Done(night, [each], "PROVED")
        for title, made in parts.items():
            if made.over and title not in last:
                last[title] = _Done(night, [gone.ended for gone in made.gone], "its parts were gone through")
    tool, root = build(), project(Path.cwd())
    told = {}
    met = {each.key: each for night in known for each in of_kind(night.events, FindingMet)}
    found_there = {each.title for each in met.values() if each.life is not Life.FIXED}
    for title, done in last.items():
        if title in found_there:
            continue
        started = done.night.started
        same = started is not None and started.tool == tool and started.python == platform.python_version()
        if same and all(_is_as_it_was(each, found.get(title), root) for each in done.slices):
            told[title] = f"{done.what} in night {done.night.number}, and its {len(done.sources)} files are unchanged"
    return told


def _unproves(event: NightEvent) -> TypeGuard[SliceEnded | FindingMet]:
    """Whether it says that something is there, or that nobody can tell."""
    if isinstance(event, FindingMet):
        return event.life is not Life.FIXED
    return isinstance(event, SliceEnded) and event.report is not None and not event.report.verdict.passed


def _parts(night: Night, shard: tuple[int, int]) -> dict[str, Parts]:
    """Those of its scenarios, if it was of the same shard."""
    index, of = shard
    if of == 1 or night.started is None or night.started.shard != f"{index}/{of}":
        return {}
    found: dict[str, Parts] = {}
    for title in dict.fromkeys(each.title for each in of_kind(night.events, SliceEnded)):
        found[title] = Parts(SLICE, shard)
        for each in since_listed(title, night.events):
            if each.report is not None and each.report.part is not None:
                found[title].take(each)
    return found


def _is_as_it_was(each: SliceEnded, program: Program | None, root: Path) -> bool:
    """Whether nothing differs that a change would be seen by: also what was looked for, and was not there."""
    known, certificate = each.dependencies, each.report.certificate if each.report is not None else None
    if certificate is None or certificate.isolation == "process" or not depends.unchanged(each.sources):
        return False
    try:
        return known is not None and is_here(known, root) and (program is None or compiled(program, root) == known)
    except BuildError:
        return False
