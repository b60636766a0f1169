"""On which files a verdict depends: where all of them are the same, so is what a proof says."""

from __future__ import annotations

import hashlib
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
    return bool(listed) and all(held(source.path) == source.sha256 for source in listed)


def held(path: str) -> str:
    """SHA-256 of a file, or of the names in a folder that was listed, whose path ends with a slash.

    A slash for a folder that was only asked for, a question mark for what is neither, as a socket; empty for what is
    not there, or cannot be read.
    """
    if not path.endswith("/"):
        known = Path(path)
        return digest(known) if known.is_file() or not known.exists() else "/" if known.is_dir() else "?"
    try:
        names = "\0".join(sorted(each.name for each in Path(path).iterdir()))
        return hashlib.sha256(names.encode("utf-8", "surrogateescape")).hexdigest()
    except OSError:
        return ""
