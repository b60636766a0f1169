"""On which files a verdict depends: where all of them are the same, so is what a proof says."""

from __future__ import annotations

import re
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path

from redactfuzz.campaign.files.proof import digest
from redactfuzz.campaign.session.spec import relative
from redactfuzz.model.events import Source

_OURS = Path(__file__).resolve().parents[2]
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"\n]+)"', re.MULTILINE)


def of_modules() -> tuple[Source, ...]:
    """The files of every module that this process has imported, but those of the interpreter and ours.

    More than the scenario asks for, perhaps; a file that it reads by itself is not among them.
    """
    standard = {Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "platstdlib")}
    return _sources(_module_files(), standard)


def of_program(sources: Iterable[Path]) -> tuple[Source, ...]:
    """Those of a C or C++ program, with what they include by name in quotes."""
    found: dict[Path, None] = {}
    left = [source.resolve() for source in sources]
    while left:
        file = left.pop()
        if file in found:
            continue
        try:
            text = file.read_text("utf-8", errors="replace")
        except OSError:
            continue
        found[file] = None
        left += [each.resolve() for name in _INCLUDE.findall(text) if (each := file.parent / name).is_file()]
    return _sources(found, set())


def unchanged(sources: Iterable[Source]) -> bool:
    """Whether each of them is there as it was."""
    known = list(sources)
    return bool(known) and all(digest(Path(source.path)) == source.sha256 for source in known)


def _module_files() -> Iterator[Path]:
    for name, module in list(sys.modules.items()):
        if name == "__main__":
            continue
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and file:
            yield Path(file)


def _sources(files: Iterable[Path], standard: set[Path]) -> tuple[Source, ...]:
    found = {}
    for file in files:
        real = file.resolve()
        installed = "site-packages" in real.parts or "dist-packages" in real.parts
        if real.is_relative_to(_OURS) or (not installed and any(real.is_relative_to(each) for each in standard)):
            continue
        if sha := digest(real):
            found[relative(str(real))] = sha
    return tuple(Source(path, sha) for path, sha in sorted(found.items()))
