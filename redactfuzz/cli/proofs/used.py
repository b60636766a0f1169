"""What the proofs of a command depend on, so that a night which finds all of it as it was need not prove them again.

It is asked for by the means of ``redactfuzz changed``, after the searches and in workers of its own: whoever watches
what is opened and imported cannot be taken away again, and a search would see it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import attrs

from redactfuzz.campaign.face.scenario import program_spec
from redactfuzz.campaign.session.spec import Settings, relative
from redactfuzz.changed.once import compiled
from redactfuzz.changed.revision import project
from redactfuzz.cli.paths import WantedScenarios
from redactfuzz.cli.project.recording import of_file
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
    ) -> Iterator[Used]:
        """Of each of them, but of those of which it cannot be known: nobody finds these unchanged."""
        root = project(Path.cwd())
        if self.since.is_lost:
            return
        for title, depends in self._all(files, programs, root, unconfined=unconfined):
            read = [*depends.files, *(Path(each.path).absolute() for each in self.sources.get(title, ()))]
            later = any(self.since.is_later(root / path) for path in read)
            if not later and not any(self.since.lost(root / folder) for folder in (*depends.folders, *depends.places)):
                yield Used(title, depends)

    def _all(
        self, files: Sequence[WantedScenarios], programs: Iterable[Program], root: Path, *, unconfined: bool
    ) -> Iterator[tuple[str, Dependencies]]:
        for file in files:
            prefix = f"{relative(str(file.file))}::"
            names = tuple(title.removeprefix(prefix) for title in sorted(self.titles) if title.startswith(prefix))
            for each in of_file(attrs.evolve(file, names=names), root, unconfined=unconfined) if names else ():
                if not each.unknown:
                    yield f"{prefix}{each.name}", each.depends
        for program in programs:
            if (title := program_spec(program, Settings()).title) in self.titles:
                try:
                    yield title, compiled(program, root)
                except BuildError:
                    continue
