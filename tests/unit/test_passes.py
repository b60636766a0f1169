"""A pass comes from one place: docs/design.md section 3. Read from the sources, so that no other could by accident."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from redactfuzz.model.verdict import Verdict

PACKAGE = Path(__file__).parents[2] / "redactfuzz"
PASSES = {"PROVED", "NO_LEAK_FOUND"}
MAY_PASS = {"campaign/checks/certificate.py", "model/verdict.py"}
MAY_READ = {
    "model/written.py",  # events of a journal,
    "model/repro.py",  # and repro files, as they were written
}
"""What hands the class on as a whole, by which any verdict can be made."""


def harmless(tree: ast.AST) -> set[ast.AST]:
    """Comparisons, and keys of a table: they produce none."""
    found: set[ast.AST] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Compare() | ast.MatchValue() | ast.Set():
                found.update(ast.walk(node))
            case ast.Dict(keys=keys):
                found.update(key for key in keys if key is not None)
    return found


def may_name(source: str, names: set[str]) -> bool:
    """Whether one of the names is there: a letter beyond ASCII may stand for one of them."""
    return not source.isascii() or any(name in source for name in names)


def produced_passes(source: str) -> list[int]:
    """Lines that use a passing verdict as a value."""
    if not may_name(source, PASSES):
        return []
    tree = ast.parse(source)
    asked = harmless(tree)
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in PASSES and node not in asked
    ]


def handed_on(source: str) -> list[int]:
    """Lines that use the class as a whole: called, subscripted, gone through, or given to what may do that.

    A verdict by its name, an annotation, and what a value is asked to be an instance of are none.
    """
    if not may_name(source, {"Verdict"}):
        return []
    tree = ast.parse(source)
    known = {"Verdict"}
    plain: set[ast.AST] = set()
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(names=names):
                known |= {alias.asname for alias in names if alias.name == "Verdict" and alias.asname}
            case ast.Attribute(value=whole, attr=name) if name in Verdict.__members__:
                plain.add(whole)
            case ast.Call(func=ast.Name(id="isinstance"), args=[_, kinds]):
                plain.update(ast.walk(kinds))
            case ast.arg(annotation=said) | ast.AnnAssign(annotation=said) | ast.FunctionDef(returns=said):
                plain.update(ast.walk(said) if said is not None else ())
    return [
        node.lineno
        for node in ast.walk(tree)
        if node not in plain
        and (
            (isinstance(node, ast.Name) and node.id in known)
            or (isinstance(node, ast.Attribute) and node.attr == "Verdict")
        )
    ]


def found(what: object, but: set[str]) -> list[str]:
    assert callable(what)
    return [
        f"redactfuzz/{path.relative_to(PACKAGE)}:{line}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.relative_to(PACKAGE).as_posix() not in but
        for line in what(path.read_text("utf-8"))
    ]


def test_only_the_certificate_produces_a_passing_verdict() -> None:
    assert found(produced_passes, MAY_PASS) == []


def test_only_what_reads_files_makes_a_verdict_of_a_text() -> None:
    assert {line.partition(":")[0] for line in found(handed_on, set())} == {f"redactfuzz/{name}" for name in MAY_READ}


@pytest.mark.parametrize(
    "source",
    [
        "verdict = Verdict.PROVED",
        "Report(verdict=verdict.Verdict.NO_LEAK_FOUND)",
        "from redactfuzz.model.verdict import Verdict as Kind\nx = Kind.PROVED",
        "table = {'clean': Verdict.PROVED}",
    ],
)
def test_a_passing_verdict_that_is_produced_is_seen(source: str) -> None:
    assert produced_passes(source)


@pytest.mark.parametrize(
    "source",
    [
        "x = Verdict('PROVED')",
        "x = Verdict(name)",
        "x = Verdict['NO_LEAK_FOUND']",
        "x = Verdict[name]",
        "x = getattr(Verdict, name)",
        "x = [each for each in Verdict]",
        "x = list(Verdict)[2]",
        "kind = Verdict",
        "x = Verdict.__members__[name]",
        "x = Verdict._member_map_[name]",
        "from redactfuzz.model import verdict\nx = verdict.Verdict(name)",
        "from redactfuzz.model.verdict import Verdict as Kind\nx = Kind(name)",
        "def f(v: Verdict = Verdict('PROVED')) -> Verdict: pass",
    ],
)
def test_a_verdict_that_is_made_of_what_nobody_sees_is_seen(source: str) -> None:
    assert handed_on(source)


@pytest.mark.parametrize(
    "source",
    [
        "ok = verdict is Verdict.PROVED",
        "ok = verdict in (Verdict.PROVED, Verdict.NO_LEAK_FOUND)",
        "colour = {Verdict.PROVED: 'green'}",
        "match v:\n    case Verdict.PROVED: pass",
        "x = Verdict.LEAK",
        "def f(v: Verdict) -> tuple[Verdict, int]: return isinstance(v, Verdict)",
        "x: dict[Verdict, int] = {}",
    ],
)
def test_asking_for_a_passing_verdict_is_not_producing_one(source: str) -> None:
    assert not produced_passes(source)
    assert not handed_on(source)
