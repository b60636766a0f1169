"""What the header of a certificate says of what was run: whoever wrote it is not trusted."""

from __future__ import annotations

import hashlib
import platform
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import attrs

from redactfuzz.campaign.session.spec import Options
from redactfuzz.check import Rejected
from redactfuzz.check.reading import ensure
from redactfuzz.model.limits import SEED, complaint
from redactfuzz.model.plan import Isolation
from redactfuzz.model.schedule import Granularity

_ISOLATIONS = {
    "": Isolation.AUTO,
    "one after the other": Isolation.NONE,
    "one after the other, after one that does not count": Isolation.WARM,
    "each the first of a process": Isolation.PROCESS,
}
_HASH_SEEDS, _DIGITS = 2**32, 100
_EARLIER = "an earlier version wrote it, perhaps: make it again"


@attrs.frozen
class Facts:
    """Of one scenario or program. ``path``, as all names of ``sources``, is seen from where it was run."""

    path: str
    name: str
    """Of a scenario in Python; empty: a program."""
    program: Mapping[str, Any]
    sources: Mapping[str, str]
    packages: Mapping[str, str]
    interpreter: str
    compiler: str
    hash_seed: str
    options: Options
    item: str = ""
    """No test that only pytest can run has a certificate."""

    @classmethod
    def of(cls, header: Mapping[str, Any]) -> Facts:
        """Raises Rejected."""
        texts = {
            key: _text(header, key) for key in ("scenario", "granularity", "interpreter", "hash_seed", "executions")
        }
        path, _, name = texts["scenario"].partition("::")
        build, focus, seed = header.get("build", {}), header.get("focus", []), header.get("seed", None)
        program, packages = header.get("program", {}), header.get("packages", {})
        mappings = all(type(each) is dict for each in (build, program, packages))
        right = mappings and type(focus) is list and all(type(each) is str for each in focus)
        right = right and type(seed) is int and 0 <= seed <= SEED
        ensure(1, path and right and bool(name) != bool(program), f"it does not say what was run, and how ({_EARLIER})")
        ensure(1, not (strange := complaint([texts, program, focus])), f"it does not say what was run: {strange}")
        ensure(1, _is_hash_seed(texts["hash_seed"]), "there is no such hash seed")
        ensure(1, texts["granularity"] in set(Granularity), "there is no such granularity")
        ensure(1, texts["executions"] in _ISOLATIONS, "it does not say how executions follow one another")
        options = Options(
            seed=seed,
            granularity=Granularity(texts["granularity"]),
            focus=tuple(focus) or None,
            isolation=_ISOLATIONS[texts["executions"]],
        )
        rest = _optimised(*texts["interpreter"].split(", ")), str(build.get("compiler", "")), texts["hash_seed"]
        return cls(path, name, program, header["sources"], packages, *rest, options)

    def same_code(self, root: Path, alone: Path | None) -> None:
        """Raises Rejected where a source, or code of a package, is not there any more, or another one now.

        ``root``: where its names are seen from. ``alone``: the file that is in the place of its only source.
        """
        ensure(1, self.path in self.sources, f"it does not say which {self.path} was run: no hash of it is there")
        for name, recorded in self.sources.items():
            _same(alone or root / name, recorded)
        for name, recorded in self.packages.items():
            _same(_installed(name), recorded)

    def same_tools(self, compiler: str) -> None:
        """The same of what runs or builds it."""
        how = [f"-{'O' * sys.flags.optimize}"] if sys.flags.optimize else []
        here = _optimised(f"{platform.python_implementation()} {platform.python_version()}", *how)
        if not self.program:
            ensure(1, self.interpreter == here, f"it is of {self.interpreter}, this is {here}: run it there")
        else:
            ensure(1, self.compiler == compiler, f"its program was built by {self.compiler}, not by {compiler}")


def _text(header: Mapping[str, Any], name: str) -> str:
    value = header.get(name, "")
    if type(value) is not str:
        raise Rejected(1, f"it does not say what was run: {name} is no text")
    return value


def _optimised(interpreter: str, *build: str) -> str:
    """With what leaves statements out of all code: ``-O`` takes assertions away."""
    return ", ".join([interpreter, *(each for each in build if each.startswith("-O"))])


def _is_hash_seed(text: str) -> bool:
    digits = text.isascii() and text.isdigit() and len(text) <= _DIGITS
    return text in ("", "random") or (digits and int(text) < _HASH_SEEDS)


def _same(file: Path, recorded: str) -> None:
    if not file.is_file():
        raise Rejected(1, f"the code has changed since: {file} is not there, or is no file")
    with file.open("rb") as opened:
        if hashlib.file_digest(opened, "sha256").hexdigest() != recorded:
            raise Rejected(1, f"the code has changed since: {file} is not what it was made of")


def _installed(name: str) -> Path:
    """Where a file of a package lies, by its name there."""
    inside = PurePosixPath(name)
    if inside.is_absolute() or ".." in inside.parts or "\0" in name:
        raise Rejected(1, "a package has a name that leads out of where packages are")
    return next(_places(name), Path(name))


def _places(name: str) -> Iterator[Path]:
    yield from (place / name for place in map(Path, sys.path) if (place / name).is_file())
