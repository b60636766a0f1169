"""The layer rule of docs/design.md section 3, held by reading every import of the package, wherever it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from own_imports import PACKAGE, imported_modules, modules

LOWER = {"model", "_core", "schedule", "threads", "native", "dumps", "scan", "workplace", "silence"}
MAY_IMPORT = {
    "model": set(),
    "workplace": set(),
    "silence": set(),
    "supported": set(),
    # What both ways in need: the command runs where there is no pytest, and the plugin imports it.
    "pytest_rules": set(),
    "_core": set(),
    "schedule": {"model", "_core"},
    "threads": {"model", "schedule", "_core", "workplace", "silence"},
    "native": {"model", "schedule", "_core", "dumps", "silence"},
    # The face of native programs: what a user calls, as in the root.
    "native.__init__": {"campaign", "model"},
    "dumps": {"model", "_core", "workplace"},
    "scan": {"model", "dumps", "_core"},
    # It lets dumps out: it judges none, and is handed what does.
    "gate": {"dumps"},
    # A second opinion: it shares nothing with what it checks.
    "check": set(),
    # It judges a machine, and knows of us what we need of it.
    "doctor": {"supported", "dumps", "threads"},
    # Texts for the projects of others.
    "project": set(),
    "campaign": LOWER,
    # Asks the program itself what the checker takes on trust: it reads as the one does, and runs as a campaign does.
    "rerun": LOWER | {"campaign", "check"},
    "night": {"model", "campaign", "workplace"},
    "changed": LOWER | {"campaign"},
    "report": LOWER | {"campaign", "night", ""},
    "cli": LOWER
    | {"campaign", "night", "report", "", "pytest_rules", "check", "rerun", "doctor", "changed", "project", "gate"},
    "pytest_plugin": LOWER | {"campaign", "report", "", "pytest_rules"},
    "__main__": {"cli"},
    # The public names come from wherever they are made, but not from what sits on top.
    "": LOWER | {"campaign", "supported"},
}
"""Layer -> layers that it may import, besides itself. The empty name is ``redactfuzz/__init__.py``."""

FLOORS = {
    "threads": ["process", "restore", "explain", "output", "face", "run", ""],
    "native": ["compile", "drive", "explain", "run", ""],
    "dumps": ["readers", "producers", ""],
    "scan": ["views", "keys", "compare", "telling", ""],
    "campaign": ["files", "session", "compare", "search", "corpus", "explain", "checks", "targets", "face", ""],
}
"""Layer -> its folders, the ground first: each may import those before it. The empty name is the layer's own folder."""

EXTENSIONS = {"_core/_engine", "threads/_hooks", "native/_plan", "dumps/_process"}
"""Modules in C: each lies in the folder of its layer, and below all floors of it."""

DESIGN = PACKAGE.parent / "docs" / "design.md"


def written_table() -> dict[str, set[str]]:
    """What the table of docs/design.md section 3 says: names, or what another layer may."""
    section = DESIGN.read_text("utf-8").partition("\n## 3. Layers\n")[2].partition("\n## ")[0]
    rows = [row.strip("| ").split(" | ") for row in section.splitlines() if row.startswith("| ") and "`" in row]
    named = {name: cell for first, *_, cell in rows for name in re.findall(r"`([^`]+)`", first)}
    table: dict[str, set[str]] = {}
    for name, cell in named.items():
        layer = name.removesuffix("/").removesuffix(".py").replace("/", ".")
        may = set(re.findall(r"(?<!what )`(\w+)`", cell)) | ({""} if "the root" in cell else set())
        for other in re.findall(r"what `(\w+)` may", cell):
            may |= table[other]
        assert may or cell == "nothing of ours", cell
        table["" if layer == "__init__" else layer] = may
    return table


def layer_of(relative: Path) -> str:
    if relative in (Path("__init__.py"), Path("native/__init__.py")):
        return ".".join((*relative.parts[:-1], "__init__")).removeprefix("__init__")
    return relative.parts[0].removesuffix(".py")


def imported_layers(source: str, relative: Path) -> Iterator[tuple[int, str]]:
    """(line, layer) of every import of our own modules."""
    for line, module in imported_modules(source, relative):
        name = module.split(".")[1] if "." in module else ""
        yield line, name if name in MAY_IMPORT else ""


def folders_known(sources: dict[Path, str]) -> dict[tuple[str, str], str]:
    """Of two folders beside one another, at any depth: (the one that imports, what it imports) -> a line that does."""
    found = {}
    for relative, source in sources.items():
        own = relative.parent.parts
        for line, module in imported_modules(source, relative):
            other = tuple(module.split(".")[1:])
            while other and not PACKAGE.joinpath(*other).is_dir():
                other = other[:-1]
            apart = next((at for at, (a, b) in enumerate(zip(own, other, strict=False)) if a != b), None)
            if apart is not None and relative != Path("native/__init__.py"):  # a face, as the root is
                found["/".join(own[: apart + 1]), "/".join(other[: apart + 1])] = f"{relative}:{line}"
    return found


def broken_imports(source: str, relative: Path) -> list[str]:
    layer = layer_of(relative)
    allowed = MAY_IMPORT[layer] | {layer}
    return [
        f"redactfuzz/{relative}:{line}: {layer or 'redactfuzz'} imports {name or 'redactfuzz'}"
        for line, name in imported_layers(source, relative)
        if name not in allowed
    ]


def broken_floors(source: str, relative: Path) -> list[str]:
    """Imports of a folder of the same layer that lies above. What a layer's own folder holds may import all of it."""
    layer, *rest = relative.parts
    floors = FLOORS.get(layer)
    if floors is None:
        return []
    own = rest[0] if len(rest) > 1 else ""
    broken = []
    for line, module in imported_modules(source, relative):
        name = f"{module}.".removeprefix(f"redactfuzz.{layer}.").partition(".")[0]  # nothing: the layer itself
        if not f"{module}.".startswith(f"redactfuzz.{layer}.") or f"{layer}/{name}" in EXTENSIONS:
            continue  # an extension has floors of its own, and the test of the C layers
        other = name if name in floors else ""
        if floors.index(other) > floors.index(own):
            broken.append(f"redactfuzz/{relative}:{line}: {layer}/{own} imports {module}, which is above it")
    return broken


def test_every_folder_of_the_package_has_its_place_in_the_layers() -> None:
    assert {layer_of(path.relative_to(PACKAGE)) for path in modules()} <= MAY_IMPORT.keys()


def test_the_table_of_the_design_is_the_one_that_is_held() -> None:
    assert written_table() == MAY_IMPORT


def test_no_layer_imports_what_sits_beside_or_above_it() -> None:
    broken = [line for path in modules() for line in broken_imports(path.read_text("utf-8"), path.relative_to(PACKAGE))]
    assert not broken, "\n".join(broken)


def test_every_folder_of_a_layer_has_its_floor() -> None:
    folders = {layer: {p.name for p in (PACKAGE / layer).iterdir() if list(p.glob("*.py"))} for layer in FLOORS}
    assert folders == {layer: set(floors) - {""} for layer, floors in FLOORS.items()}


def test_no_floor_imports_one_above_it() -> None:
    broken = [line for path in modules() for line in broken_floors(path.read_text("utf-8"), path.relative_to(PACKAGE))]
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("threads/restore/freeze.py", "from redactfuzz.threads.face.race import Race"),
        ("threads/face/race.py", "def late():\n    from redactfuzz.threads import run"),
        ("campaign/session/state.py", "from ..search.floor import floor"),
        ("campaign/files/saved.py", "from redactfuzz import campaign"),
        ("campaign/files/saved.py", "from ... import campaign"),
        ("campaign/files/saved.py", "from .. import corpus"),
        ("campaign/files/saved.py", "import redactfuzz.campaign as c"),
        ("campaign/files/saved.py", "import redactfuzz.model\nredactfuzz.campaign.face.run.run(spec)"),
        ("campaign/files/saved.py", "from redactfuzz.campaign import _late"),
        ("campaign/files/saved.py", "from redactfuzz.campaign._late import late"),
        ("threads/process/watch.py", "from redactfuzz.threads import _late"),
    ],
)
def test_an_import_of_an_upper_floor_is_seen(module: str, source: str) -> None:
    assert broken_floors(source, Path(module))


def test_an_import_of_a_lower_floor_is_not_accused() -> None:
    source = "from redactfuzz.campaign.search.floor import x\nfrom redactfuzz.campaign.face.settle import y"
    assert not broken_floors(source, Path("campaign/face/run.py"))
    assert not broken_floors("from redactfuzz.threads import _hooks", Path("threads/process/watch.py"))


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("model/finding.py", "from redactfuzz.schedule.engine import Engine"),
        ("model/finding.py", "def late():\n    import redactfuzz.scan.match"),
        ("model/finding.py", "from ..scan import Inspector"),
        ("model/finding.py", "import redactfuzz.model.plan\nredactfuzz.campaign.face.run.run(spec)"),
        ("model/canary/kinds.py", "from ...dumps import read"),
        ("threads/face/race.py", "from redactfuzz import campaign"),
        ("threads/face/race.py", "import importlib\nimportlib.import_module('redactfuzz.report')"),
        ("threads/face/race.py", "from importlib import import_module as late\nlate(name='redactfuzz.report.lines')"),
        ("threads/face/race.py", "import sys\nsys.modules['redactfuzz.report']"),
        ("model/canary/kinds.py", "import importlib\nimportlib.import_module('...report', package=__package__)"),
        ("model/finding.py", "import importlib\nimportlib.import_module('.report', 'redactfuzz')"),
        ("campaign/face/run.py", "from redactfuzz.cli.main import main"),
        ("scan/match.py", "from redactfuzz import Race"),
        ("__init__.py", "from redactfuzz.report.lines import say"),
    ],
)
def test_a_forbidden_import_is_seen_wherever_it_hides(module: str, source: str) -> None:
    assert broken_imports(source, Path(module))


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("model/finding.py", "from redactfuzz.model.outcome import Leak\nfrom .verdict import Verdict\nimport attrs"),
        ("threads/face/race.py", "from redactfuzz.schedule import engine\nfrom redactfuzz.threads import _hooks"),
        ("cli/run.py", "from redactfuzz import __version__\nfrom redactfuzz.report.lines import say"),
    ],
)
def test_an_allowed_import_is_not_accused(module: str, source: str) -> None:
    assert not broken_imports(source, Path(module))


def test_of_two_folders_beside_one_another_one_at_most_knows_the_other() -> None:
    sources = {path.relative_to(PACKAGE): path.read_text("utf-8") for path in modules()}
    known = folders_known(sources)
    assert len(known) > 100
    assert [(line, known[b, a]) for (a, b), line in known.items() if a < b and (b, a) in known] == []
    planted = Path("dumps/readers/carving/deflated.py")
    changed = sources[planted] + "\nfrom redactfuzz.dumps.readers.archives import tape\n"
    known = folders_known({**sources, planted: changed})
    assert [a for a, b in known if a < b and (b, a) in known] == ["dumps/readers/archives"]


def test_every_extension_is_one() -> None:
    assert {path.relative_to(PACKAGE).with_suffix("").as_posix() for path in PACKAGE.rglob("_*.pyi")} == EXTENSIONS
    assert not [name for name in EXTENSIONS if (PACKAGE / name).with_suffix(".py").exists()]
