"""The campaign asks no target of what kind it is: what differs between scenarios and programs the target holds."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from own_imports import PACKAGE, imported_modules, modules

KINDS = {"Program", "NativeRuntime", "ThreadRuntime", "ProgramTarget", "PythonTarget"}
TARGETS = "redactfuzz.campaign.targets"
MAY_ASK = {
    "campaign/__init__.py",  # the registration
    "campaign/session/native.py",  # what belongs to programs alone has them with their types from here
}


def asked_kinds(source: str, relative: Path) -> list[int]:
    """Lines that ask what kind of target they have: by its body, its runtime, or what speaks for it."""
    lines = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Name(id="isinstance" | "issubclass"), args=[_, kinds]):
                names = kinds
            case ast.Compare(left=ast.Call(func=ast.Name(id="type")), comparators=[names]):
                pass
            case ast.MatchClass(cls=names):
                pass
            case ast.Attribute(attr="is_program"):
                lines.append(node.lineno)
                continue
            case _:
                continue
        named = {getattr(each, "id", getattr(each, "attr", "")) for each in ast.walk(names)}
        lines += [node.lineno] if named & KINDS else []
    imports = [line for line, module in imported_modules(source, relative) if module.startswith(TARGETS)]
    return sorted(lines + imports)


def test_the_campaign_asks_for_no_kind_of_target() -> None:
    asking = [
        f"redactfuzz/{path.relative_to(PACKAGE)}:{line}"
        for path in modules()
        if path.relative_to(PACKAGE).parts[0] == "campaign"
        and path.relative_to(PACKAGE).as_posix() not in MAY_ASK
        and path.relative_to(PACKAGE).parts[1] != "targets"
        for line in asked_kinds(path.read_text("utf-8"), path.relative_to(PACKAGE))
    ]
    assert not asking, "\n".join(asking)


@pytest.mark.parametrize(
    "source",
    [
        "if isinstance(spec.body, Program): pass",
        "assert isinstance(runtime, (str, run.NativeRuntime))",
        "of = 'program' if session.spec.is_program else 'scenario'",
        "here = type(session.target) is ProgramTarget",
        "match body:\n    case Program(): pass",
        "from redactfuzz.campaign.targets.python import ASSUMPTIONS",
    ],
)
def test_asking_for_the_kind_of_a_target_is_seen(source: str) -> None:
    assert asked_kinds(source, Path("campaign/checks/plain.py"))


def test_asking_a_target_for_what_differs_is_not_asking_for_its_kind() -> None:
    source = "if session.target.facts.dies and isinstance(item, Outcome): confirm(session, Program)"
    assert not asked_kinds(source, Path("campaign/checks/plain.py"))
