"""The floors of the runtime, held at the object files: what one asks of another lies in its folder or further down.

The folders stand in one order, so a cycle between two of them is a reference upwards in one of its directions.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import attrs
import pytest
from c_includes import included
from links import driver_objects

from redactfuzz.native.compile import build, trivial
from redactfuzz.native.compile.compiler import toolchain
from redactfuzz.native.compile.symbols import symbols_of

pytestmark = pytest.mark.once

FLOORS = (
    "base",
    "state",
    "memory",
    "mappings",
    "processor",
    "schedule",
    "exposure",
    "models/memory",
    "models/strings",
    "models/threads",
    "models/signals",
    "models/locks",
    "models/files",
    "models/streams",
    "models/family",
    "models/process",
    "driver",
)
"""Ground first."""
MOST = 25
"""Files of a folder."""


@attrs.frozen
class Object:
    """Symbols of the object that a file becomes."""

    defined: frozenset[str]
    undefined: frozenset[str]


def upward(objects: Mapping[str, Object]) -> set[tuple[str, str]]:
    """(file, symbol) of each reference to what only a folder further up defines."""
    homes: dict[str, int] = {}
    for file, one in objects.items():
        for symbol in one.defined:
            homes[symbol] = min(floor_of(file), homes.get(symbol, len(FLOORS)))
    return {
        (file, symbol)
        for file, one in objects.items()
        for symbol in one.undefined
        if homes.get(symbol, -1) > floor_of(file)
    }


def floor_of(file: str) -> int:
    return FLOORS.index(file.rpartition("/")[0])


def symbols(objects: Mapping[Path, Path]) -> dict[str, Object]:
    """By the path in the runtime. What another processor has is an object without a symbol."""
    found = {place(source): symbols_of(toolchain(), [each]) for source, each in objects.items()}
    return {file: Object(one.defined, one.undefined) for file, one in found.items()}


def place(source: Path) -> str:
    """In the runtime. The models that the table makes lie where the last of those by hand do."""
    ours = source.is_relative_to(build.RUNTIME)
    return source.relative_to(build.RUNTIME).as_posix() if ours else f"models/process/{source.name}"


def files() -> Iterator[Path]:
    return (path for path in build.RUNTIME.rglob("*") if path.is_file())


def test_no_object_of_the_runtime_asks_for_what_lies_further_up(tmp_path: Path) -> None:
    """On this processor, and on one that is known by ucontext alone."""
    sources = [*build.runtime_sources(), Path(trivial.NAME)]
    objects = driver_objects()
    here = symbols({source: objects[source] for source in sources})
    other = [path for path in sources if path.parent.name == "processor"]  # nothing else depends on it
    made = build.driver_objects(toolchain(), other, ("-DRFN_PORTABLE",), tmp_path)
    portable = {**here, **symbols(dict(zip(other, made, strict=True)))}
    for each in (here, portable):
        assert {"model_sendfile"} <= each[place(sources[-1])].defined
        assert {"rfn_at", "rfn_wrote", "rfn_leave", "main"} <= {name for one in each.values() for name in one.defined}
    assert sorted(upward(here) | upward(portable)) == []


@pytest.mark.parametrize(
    ("file", "symbol", "accused"),
    [
        ("state/low.c", "rfn_high", True),
        ("schedule/other.c", "rfn_high", False),
        ("driver/top.c", "rfn_high", False),
        ("state/low.c", "malloc", False),
    ],
)
def test_a_reference_is_accused_where_it_points_upwards_alone(file: str, symbol: str, accused: bool) -> None:
    objects = {
        "schedule/high.c": Object(frozenset({"rfn_high"}), frozenset()),
        file: Object(frozenset(), frozenset({symbol})),
    }
    assert upward(objects) == ({(file, symbol)} if accused else set())


def test_every_file_of_the_runtime_lies_on_a_floor_and_none_is_crowded() -> None:
    folders = [path.parent.relative_to(build.RUNTIME).as_posix() for path in files()]
    assert set(folders) == set(FLOORS)
    assert not {folder for folder in folders if folders.count(folder) > MOST}


def test_no_two_files_of_the_runtime_have_one_name() -> None:
    """Comments name a file without its folder."""
    names = [path.name for path in files()]
    assert not {name for name in names if names.count(name) > 1}


def texts() -> dict[str, str]:
    """Sources and headers, of files for other processors too, by their path in the runtime."""
    return {path.relative_to(build.RUNTIME).as_posix(): path.read_text("utf-8") for path in files()}


def includes(sources: Mapping[str, str]) -> list[tuple[str, str]]:
    """(file, what it includes) where that is no header of the system."""
    core = {path.relative_to(build.CORE).as_posix() for path in build.CORE.rglob("*.h")}
    return [(file, name) for file, text in sources.items() for name in included(text, {*sources, *core})]


def upward_includes(sources: Mapping[str, str]) -> list[tuple[str, str]]:
    """Includes of the runtime that lie further up, by any path to them."""
    return [
        (file, name)
        for file, name in includes(sources)
        if (there := posixpath.normpath(name)) in sources and floor_of(there) > floor_of(file)
    ]


def unrooted(sources: Mapping[str, str]) -> list[tuple[str, str]]:
    """Includes that are no plain path from the root of the runtime or of the core."""
    return [
        (file, name)
        for file, name in includes(sources)
        if "/" not in name
        or posixpath.normpath(name) != name
        or not any((root / name).is_file() for root in (build.RUNTIME, build.CORE))
    ]


def test_no_file_of_the_runtime_includes_what_lies_further_up() -> None:
    """A constant, a macro or an inline function leaves no symbol."""
    sources = texts()
    assert len([name for _, name in includes(sources) if name in sources]) > 500
    assert upward_includes(sources) == []


def test_every_include_of_ours_is_a_path_from_the_root_of_the_runtime_or_of_the_core() -> None:
    assert unrooted(texts()) == []


@pytest.mark.parametrize(
    "planted",
    [
        '#include "driver/reported.h"',
        "#include <driver/reported.h>",
        "#include <driver/reported.h> // as there",
        "#\tinclude <driver/reported.h>\t",
        "#include <driver//reported.h>",
        '#include "base/../driver/reported.h"',
        '#include "../driver/reported.h"',
        "#include_next <driver/reported.h>",
        '#import "driver/reported.h"',
        '%:include "driver/reported.h"',
        "#include REPORTED",
    ],
)
def test_an_include_of_what_lies_further_up_is_seen(planted: str) -> None:
    sources = texts()
    assert "driver/reported.h" in sources
    changed = {**sources, "base/parts.h": f"{sources['base/parts.h']}\n{planted}\n"}
    found = {file for file, _ in upward_includes(changed) + unrooted(changed)}
    assert found == {"base/parts.h"}


def test_each_part_of_the_runtime_says_on_which_floor_and_in_which_file_it_is() -> None:
    """By that the parts are called in order."""
    header = (build.RUNTIME / "base" / "parts.h").read_text("utf-8")
    known = re.findall(r"\bRFN_ON_\w+", header[header.index("typedef enum rfn_floor") :])
    assert known == [f"RFN_ON_{floor.upper().replace('/', '_')}" for floor in FLOORS]
    said = [
        (path.relative_to(build.RUNTIME).with_suffix("").as_posix(), on, name)
        for path in files()
        for on, name in re.findall(r"^RFN_PART\((\w+), (\w+),", path.read_text("utf-8"), re.MULTILINE)
    ]
    assert len(said) > 20
    for place, on, name in said:
        floor, _, file = place.rpartition("/")
        assert (on, name) == (f"RFN_ON_{floor.upper().replace('/', '_')}", file)
