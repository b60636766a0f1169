"""Whether a change concerns a scenario, from what was recorded of it and what differs. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from redactfuzz.changed.places import is_outside
from redactfuzz.changed.revision import Differences
from redactfuzz.model.dependencies import Dependencies

_MODULES = (".py", ".pyi", ".so", ".pyd")
_PACKAGE = "__init__"


def is_current(
    known: Dependencies, files: Mapping[str, str], installed: Mapping[str, str], places: Mapping[str, str]
) -> bool:
    """Whether it was recorded of what is here.

    ``files``: path -> SHA-256 now; ``installed``: name -> version now; ``places``: what is there now of its names.
    """
    return (
        all(files.get(path, "") == held for path, held in known.files.items())
        and all(installed.get(name) == version for name, version in known.installed.items())
        and all(places.get(place) == held for place, held in known.places.items())
    )


def why(
    before: Dependencies,
    here: Dependencies,
    differs: Differences,
    installed: Mapping[str, str],
    places: Mapping[str, str],
) -> tuple[str, ...]:
    """What concerns a scenario, in words; empty where nothing does.

    ``before``: what was known of it; ``here``: what it depends on with the code that is here. A file that went is in
    the first alone, one that came in the second. Of what git does not know they tell whether it differs, and so do
    ``places``, what is there now of the names of ``before``.
    """
    both = before | here

    def is_built_anew(path: str) -> bool:
        return path not in differs.tracked and before.files.get(path) != here.files.get(path)

    files = sorted(path for path in both.files if differs.all & {path, *_above(path)} or is_built_anew(path))
    versions = sorted(
        f"{name} {version} -> {installed.get(name, 'gone')}"
        for name, version in before.installed.items()
        if installed.get(name) != version
    )
    beside = sorted(path for path in differs.moved - set(files) if _is_noticed(path, both))
    others = sorted(
        f"what there is to import in {place}"
        for place, held in before.places.items()
        if is_outside(place) and places.get(place) != held
    )
    return (*files, *versions, *beside, *others)


def _above(path: str) -> list[str]:
    """The folders that it lies in: of a submodule git names the folder alone."""
    return [str(each) for each in PurePosixPath(path).parents]


def _is_noticed(path: str, known: Dependencies) -> bool:
    """Whether a file that came or went would be: by who lists its folder, or imports something of its name."""
    pure = PurePosixPath(path)
    if set(_above(path)) & known.folders:
        return True
    if pure.suffix not in _MODULES:
        return False
    name = pure.parent.name if pure.name.partition(".")[0] == _PACKAGE else pure.name.partition(".")[0]
    return any(name in tried.split(".") for tried in known.imports)
