"""What the driver is made of: its objects, and which functions of it can call which.

Calls are branches of its instructions, but for those through pointers.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from redactfuzz.native.compile import build, cache, trivial
from redactfuzz.native.compile.compiler import ran, toolchain

_HEAD = re.compile(r"([0-9a-f]+) <(\S+)>:$")
_BRANCH = re.compile(r"\s(?:call|j\w+|bl?|b\.\w+|cbn?z|tbn?z)\s.*?\b([0-9a-f]+) <[^>+]+>")


def links(driver: Path) -> tuple[Mapping[str, str], Mapping[str, frozenset[str]]]:
    """(name -> address, address -> addresses that it branches to). Several files may have a function of one name."""
    text = ran([toolchain().objdump, "-d", "--no-show-raw-insn", driver], "The driver cannot be read")
    symbols = ran([toolchain().nm, driver], "The driver cannot be read")
    defined = (line.split() for line in symbols.splitlines() if not line.startswith(" "))
    names = {name: address.lstrip("0") for address, _, name in defined}
    found: dict[str, set[str]] = {}
    here: set[str] = set()
    for line in text.splitlines():
        if head := _HEAD.match(line):
            here = found.setdefault(head[1].lstrip("0"), set())
        elif branch := _BRANCH.search(line):
            here.add(branch[1])
    return names, {address: frozenset(to) for address, to in found.items()}


def reached(start: str, graph: Mapping[str, frozenset[str]], but_for: Collection[str]) -> set[str]:
    """Addresses that a function may come to, without passing through some."""
    seen, left = {start}, [start]
    while left:
        new = graph.get(left.pop(), frozenset()) - seen - set(but_for)
        seen |= new
        left += new
    return seen


_INDEX = "index"
_PACKAGE = build.CORE.parent


def driver_objects() -> dict[Path, Path]:
    """Source -> object, compiled once for all tests. What is made from the table of functions is there by its name."""
    tools = toolchain()
    entry = cache.made(f"objects-by-place-{build.driver(tools).parent.name}", _make)
    lines = (entry / _INDEX).read_text("utf-8").splitlines()
    named = (line.partition("\t") for line in lines)
    return {_source(place): entry / name for place, _, name in named}


def _make(folder: Path) -> None:
    made = folder / trivial.NAME
    made.write_text(trivial.source(), "utf-8")
    sources = [*build.runtime_sources(), *sorted(build.CORE.rglob("*.c")), made]
    objects = build.driver_objects(toolchain(), sources, (), folder)
    (folder / _INDEX).write_text("".join(_lines(sources, objects)), "utf-8")


def _lines(sources: Sequence[Path], objects: Sequence[Path]) -> list[str]:
    return [f"{_place(source)}\t{each.name}\n" for source, each in zip(sources, objects, strict=True)]


def _place(source: Path) -> str:
    """Below the package: two checkouts of the same sources share what lies in the cache."""
    return source.name if source.name == trivial.NAME else source.relative_to(_PACKAGE).as_posix()


def _source(place: str) -> Path:
    return Path(place) if place == trivial.NAME else _PACKAGE / place
