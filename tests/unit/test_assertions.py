"""No test passes because nothing ran: each asserts something, and not only in a loop over what may be empty."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
NEVER_EMPTY = {
    "cases": "fuzzing.cases gives one for each of the seeds that it is handed",
    "dump": "the core that redactfuzz wrote, and the kernel's",
    "executions": "fails where the driver tells of none",
}
"""Calls whose answers have at least one item, and why."""
SURE = {"check", "fail", "raises", "warns"}
"""Names that assert something: of pytest, and ``Scanner.check`` and the like in our helpers."""
Function = ast.FunctionDef | ast.AsyncFunctionDef


def asserts(node: ast.AST) -> bool:
    """Whether this very node asserts something."""
    if isinstance(node, ast.Call):
        name = called(node)
        return name in SURE or name.startswith("assert")
    return isinstance(node, ast.Assert) and not isinstance(node.test, ast.Constant)


def called(node: ast.Call) -> str:
    return ast.unparse(node.func).rpartition(".")[2]


def helpers() -> dict[str, list[Function]]:
    found: dict[str, list[Function]] = {}
    for path in TESTS.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, Function):
                found.setdefault(node.name, []).append(node)
    return found


def by_a_helper(node: ast.AST, known: dict[str, list[Function]], seen: frozenset[str] = frozenset()) -> bool:
    """Whether it asserts something, or calls what does."""
    names = {called(each) for each in ast.walk(node) if isinstance(each, ast.Call)} & known.keys() - seen
    return any(map(asserts, ast.walk(node))) or any(
        by_a_helper(one, known, seen | names) for name in names for one in known[name]
    )


def may_be_empty(iterated: ast.expr, local: dict[str, ast.expr]) -> bool:
    """Whether nothing shows that there is at least one item. Names in capitals are tables of the module."""
    match iterated:
        case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items):
            return all(isinstance(item, ast.Starred) for item in items)
        case ast.Dict(keys=keys):
            return not any(key is not None for key in keys)
        case ast.Constant(value=value):
            return not value
        case ast.Name(id=name):
            return not name.isupper() and not name[0].isupper() and (
                name not in local or may_be_empty(local[name], {k: v for k, v in local.items() if k != name})
            )  # fmt: skip
        case ast.Subscript(value=value):
            return may_be_empty(value, local)
        case ast.IfExp(body=one, orelse=other):
            return may_be_empty(one, local) or may_be_empty(other, local)
        case ast.BinOp(left=one, op=ast.Add(), right=other):
            return may_be_empty(one, local) and may_be_empty(other, local)
        case ast.ListComp(generators=[ast.comprehension(iter=inner, ifs=[])]):
            return may_be_empty(inner, local)
        case ast.Call(func=ast.Attribute(value=value, attr="items" | "values" | "keys")):
            return may_be_empty(value, local)
        case ast.Call(func=ast.Name(id="enumerate" | "zip" | "sorted" | "list"), args=args):
            return any(may_be_empty(each, local) for each in args)
        case ast.Call(func=ast.Name(id="range"), args=args):
            return any(isinstance(each, ast.Call) and called(each) != "len" for each in args)
        case ast.Call():
            return called(iterated) not in NEVER_EMPTY
    return True


def empty_passes(test: Function) -> bool:
    """Whether it asserts something, but only in loops of which one may have nothing to go through."""
    local = {
        target.id: node.value
        for node in ast.walk(test)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    guarded: set[int] = set()
    for loop in ast.walk(test):
        never = isinstance(loop, ast.For) and may_be_empty(loop.iter, local)
        never |= isinstance(loop, ast.While) and not isinstance(loop.test, ast.Constant)
        if isinstance(loop, ast.For | ast.While) and never:
            guarded.update(id(each) for part in loop.body for each in ast.walk(part))
    found = [node for node in ast.walk(test) if asserts(node)]
    return bool(found) and all(id(node) in guarded for node in found)


def is_fixture(node: Function) -> bool:
    return any("fixture" in ast.unparse(each) for each in node.decorator_list)


def all_tests() -> Iterator[tuple[str, Function]]:
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in collected(ast.parse(path.read_text("utf-8")).body):
            yield f"{path.relative_to(TESTS)}::{node.name}", node


def collected(body: list[ast.stmt]) -> Iterator[Function]:
    """What pytest takes for tests: by its name, or a method of a class that it takes."""
    for node in body:
        if isinstance(node, ast.ClassDef) and (node.name.startswith("Test") or "TestCase" in map(base, node.bases)):
            yield from collected(node.body)
        elif isinstance(node, Function) and node.name.startswith("test") and not is_fixture(node):
            yield node


def base(node: ast.expr) -> str:
    return ast.unparse(node).rpartition(".")[2]


def test_every_test_asserts_something_itself_or_by_what_it_calls() -> None:
    known = helpers()
    assert [name for name, test in all_tests() if not by_a_helper(test, known, frozenset({test.name}))] == []


def test_no_test_asserts_only_in_a_loop_over_what_may_be_empty() -> None:
    assert [name for name, test in all_tests() if empty_passes(test)] == []


def parsed(source: str) -> Function:
    (test,) = ast.parse(source).body
    assert isinstance(test, Function)
    return test


@pytest.mark.parametrize(
    ("source", "wrong"),
    [
        ("def test_a():\n for one in found(): assert one", True),
        ("def test_a():\n seen = found()\n for one in seen: assert one", True),
        ("def test_a():\n seen = found()\n assert seen\n for one in seen: assert one", False),
        ("def test_a():\n for one in (1, 2): assert one", False),
        ("def test_a():\n for one in range(size()): assert one", True),
        ("def test_a():\n for one in TABLE:\n  for two in one: assert two", True),
        ("def test_a():\n for one in [x for x in TABLE if x]: assert one", True),
        ("def test_a():\n while left: assert left.pop()", True),
        ("def test_a():\n while True: assert once()", False),
    ],
)
def test_a_loop_that_may_have_nothing_to_go_through_is_seen(source: str, wrong: bool) -> None:
    assert empty_passes(parsed(source)) == wrong


def test_a_test_without_an_assertion_is_seen() -> None:
    known = {"made": [parsed("def made(): return 1")], "sure": [parsed("def sure(): assert made()")]}
    assert not by_a_helper(parsed("def test_a(): made()"), known)
    assert not by_a_helper(parsed("def test_a(): assert True"), known)
    assert by_a_helper(parsed("def test_a(): sure()"), known)


def test_tests_in_a_class_are_looked_at() -> None:
    source = "class TestA:\n def test_a(self): ...\n def other(self): ...\nclass B(TestCase):\n def testB(self): ..."
    assert [test.name for test in collected(ast.parse(source).body)] == ["test_a", "testB"]
