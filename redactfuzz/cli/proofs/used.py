"""What the proofs of a command depend on, so that a night which finds all of it as it was need not prove them again.

It is asked for by the means of ``redactfuzz changed``, after the searches and in workers of its own: whoever watches
what is opened and imported cannot be taken away again, and a search would see it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import attrs

from redactfuzz.campaign.face.scenario import program_spec
from redactfuzz.campaign.session import depends
from redactfuzz.campaign.session.spec import Settings, relative
from redactfuzz.changed.once import built_from, compiled
from redactfuzz.changed.revision import project
from redactfuzz.changed.watch import Seen, outside
from redactfuzz.cli.paths import WantedScenarios
from redactfuzz.cli.project.recording import Recorded, of_file
from redactfuzz.cli.proofs.later import Since
from redactfuzz.model.dependencies import Dependencies
from redactfuzz.model.events import CampaignEnded, CampaignEvent, Depended, Source, Used
from redactfuzz.model.verdict import Verdict
from redactfuzz.native.compile.compiler import BuildError
from redactfuzz.native.run.program import Program


@attrs.define(eq=False)
class Proved:
    """An output that keeps what was proved, or gone through as a part of a proof."""

    since: Since = attrs.field(factory=lambda: Since.now(project(Path.cwd())))
    """Before anything was imported: what changed later may have been of what a search saw before."""
    titles: set[str] = attrs.field(factory=set)
    sources: dict[str, tuple[Source, ...]] = attrs.field(factory=dict)
    """Those outside of the project as well: that they are the same later does not say what a search saw."""

    def handle(self, event: CampaignEvent) -> None:
        """Looks at the verdicts."""
        if isinstance(event, Depended):
            self.sources[event.scenario] = event.sources
        if isinstance(event, CampaignEnded) and (event.report.verdict is Verdict.PROVED or event.report.part):
            self.titles.add(event.report.scenario)

    def close(self) -> None:
        """Nothing is open."""

    def used(
        self, files: Sequence[WantedScenarios], programs: Iterable[Program], *, unconfined: bool
    ) -> Iterator[Used | Depended]:
        """Of each of them, but of those of which it cannot be known: nobody finds these unchanged.

        What it asked for outside of the project is told as further files on which it depends.
        """
        root = project(Path.cwd())
        for each in self._all(files, programs, root, unconfined=unconfined):
            known = self.sources.get(each.name, ())
            further = {path: depends.held(path) for path in each.outside - {source.path for source in known}}
            there = [*(source.path for source in known), *(path for path, held in further.items() if held)]
            if why := each.unknown or self._changed(each.depends, there, root):
                yield Used(each.name, None, why)
                continue
            if further:
                yield Depended(each.name, (*known, *(Source(*pair) for pair in sorted(further.items()))))
            yield Used(each.name, each.depends)

    def _changed(self, used: Dependencies, there: Sequence[str], root: Path) -> str:
        """What may not be what the search has seen; empty: all is. ``there``: files by their paths from here."""
        if self.since.is_lost:
            return "the clock was set while it was searched"
        read = {**{path: root / path for path in used.files}, **{path: Path(path).absolute() for path in there}}
        later = next((name for name, path in read.items() if self.since.is_later(path)), "")
        if later:
            return f"{later} was written, came or went while it was searched"
        gone = next((each for each in (*used.folders, *used.places) if self.since.lost(root / each)), "")
        return f"something went from the folder {gone} while it was searched" if gone else ""

    def _all(
        self, files: Sequence[WantedScenarios], programs: Iterable[Program], root: Path, *, unconfined: bool
    ) -> Iterator[Recorded]:
        for file in files:
            prefix = f"{relative(str(file.file))}::"
            names = tuple(title.removeprefix(prefix) for title in sorted(self.titles) if title.startswith(prefix))
            for each in of_file(attrs.evolve(file, names=names), root, unconfined=unconfined) if names else ():
                yield attrs.evolve(each, name=f"{prefix}{each.name}")
        for program in programs:
            if (title := program_spec(program, Settings()).title) in self.titles:
                try:
                    used = compiled(program, root)
                    yield Recorded(title, used, outside=frozenset(outside(Seen(built_from(program)), root)))
                except BuildError as error:
                    yield Recorded(title, unknown=str(error))
