"""What a scenario depends on. A path is relative to the top of the project, with ``/``."""

from __future__ import annotations

from collections.abc import Mapping

import attrs


@attrs.frozen
class Dependencies:
    """Of one scenario or program, as one run of it, or the compiler, showed."""

    files: Mapping[str, str] = attrs.field(factory=dict)
    """Path -> SHA-256 of what it held; empty: it was asked for, and was not there."""
    folders: frozenset[str] = frozenset()
    """That it has listed: a file more or less in one of them makes a difference."""
    imports: frozenset[str] = frozenset()
    """Dotted names that it tried to import, or that its files name: a new file of such a name may come first."""
    installed: Mapping[str, str] = attrs.field(factory=dict)
    """What it uses from outside of the project -> its version."""
    places: Mapping[str, str] = attrs.field(factory=dict)
    """Each of those folders, and those in which modules were looked for -> SHA-256 of what is there of these names."""

    def __or__(self, other: Dependencies) -> Dependencies:
        """What either depends on; ``other`` is the newer one."""
        return Dependencies(
            {**self.files, **other.files},
            self.folders | other.folders,
            self.imports | other.imports,
            {**self.installed, **other.installed},
            {**self.places, **other.places},
        )
