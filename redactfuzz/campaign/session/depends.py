"""On which files a verdict depends: where all of them are the same, so is what a proof says."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from redactfuzz.campaign.files.proof import digest
from redactfuzz.campaign.session.spec import ScenarioSpec, relative
from redactfuzz.model.events import Source


def sources(spec: ScenarioSpec) -> tuple[Source, ...]:
    """Those of a scenario or program that has just been explored. A file that it opens by itself is not among them."""
    found = {relative(str(path)): digest(path) for path in spec.target.record.depends(spec.body)}
    return tuple(Source(path, sha256) for path, sha256 in sorted(found.items()) if sha256)


def unchanged(known: Iterable[Source]) -> bool:
    """Whether each of them is there as it was."""
    listed = list(known)
    return bool(listed) and all(digest(Path(source.path)) == source.sha256 for source in listed)
