"""The objects of the driver, compiled once for all tests that look at them or put others in their place."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from redactfuzz.native.compile import build, cache, trivial
from redactfuzz.native.compile.compiler import toolchain

_INDEX = "index"


def driver_objects() -> dict[Path, Path]:
    """Source -> object; of what is made from the table of functions the name alone is a source."""
    tools = toolchain()
    entry = cache.made(f"objects-{build.driver(tools).parent.name}", _make)
    lines = (entry / _INDEX).read_text("utf-8").splitlines()
    return {Path(source): entry / name for source, _, name in (line.partition("\t") for line in lines)}


def _make(folder: Path) -> None:
    made = folder / trivial.NAME
    made.write_text(trivial.source(), "utf-8")
    sources = [*build.runtime_sources(), *sorted(build.CORE.rglob("*.c")), made]
    objects = build.driver_objects(toolchain(), sources, (), folder)
    (folder / _INDEX).write_text("".join(_lines(sources, objects)), "utf-8")


def _lines(sources: Sequence[Path], objects: Sequence[Path]) -> list[str]:
    named = [Path(source.name) if source.name == trivial.NAME else source for source in sources]
    return [f"{source}\t{each.name}\n" for source, each in zip(named, objects, strict=True)]
