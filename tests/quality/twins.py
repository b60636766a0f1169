"""Vulnerable and fixed twins: which belong together, and what they differ in, read from the files."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator
from pathlib import Path

import attrs

Definition = ast.ClassDef | ast.FunctionDef


def vulnerable_twin(name: str) -> str | None:
    """Of NAME_fixed it is NAME, of fixed it is vulnerable; None: it is no fixed one."""
    if "fixed" not in name:
        return None
    return name.removesuffix("_fixed") if name.endswith("_fixed") else name.replace("fixed", "vulnerable")


@attrs.frozen
class Difference:
    """What two scenarios differ in."""

    stages: list[str]
    """Lines of the two scenario functions, their names and docstrings aside, marked - and + as in a diff."""
    fix: list[str]
    """The same of the definitions that only one of them names."""


def difference(path: Path, vulnerable: str, fixed: str) -> Difference:
    """Compares two scenarios of a file. Definitions are looked up in all files of its folder."""
    known = _definitions(path)
    first, second = known[vulnerable], known[fixed]
    only_first, only_second = _names(first) - _names(second), _names(second) - _names(first)
    before = [known[name] for name in sorted(only_first) if name in known]
    after = [known[name] for name in sorted(only_second) if name in known]
    if all(only_first & _names(definition) for definition in after):
        before = []  # the fixed one is derived from the vulnerable one, and holds the fix alone
    return Difference(_diff([first], [second]), _diff(before, after))


def _definitions(path: Path) -> dict[str, Definition]:
    return {
        node.name: node
        for file in sorted(path.parent.glob("*.py"))
        for node in ast.parse(file.read_text("utf-8")).body
        if isinstance(node, Definition)
    }


def _names(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def _diff(before: list[Definition], after: list[Definition]) -> list[str]:
    lines = difflib.ndiff(list(_lines(before)), list(_lines(after)))
    return [line for line in lines if line[0] in "+-" and line[1:].strip()]


def _lines(definitions: list[Definition]) -> Iterator[str]:
    """What they consist of, without docstrings; without their own first lines, which name them."""
    for definition in definitions:
        plain = ast.unparse(_WithoutDocstrings().visit(ast.parse(ast.unparse(definition)))).splitlines()
        named = next(index for index, line in enumerate(plain) if line.startswith(("def ", "class ")))
        yield from plain[named + 1 :]


class _WithoutDocstrings(ast.NodeTransformer):
    def _plain(self, node: Definition) -> Definition:
        self.generic_visit(node)
        if ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
        return node

    visit_ClassDef = visit_FunctionDef = _plain
