"""What ``_hooks.pyi`` declares of the C part is there: its numbers, and the fields of what an execution came to."""

from __future__ import annotations

import ast
from pathlib import Path

import redactfuzz.threads.run.single
from redactfuzz.threads import _hooks

STUB = ast.parse((Path(redactfuzz.threads.run.single.__file__).parents[1] / "_hooks.pyi").read_text("utf-8"))


def fields(body: list[ast.stmt]) -> list[str]:
    """Names that are declared as numbers, in their order."""
    return [
        one.target.id
        for one in body
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name) and ast.unparse(one.annotation) == "int"
    ]


def test_a_result_has_the_fields_that_are_declared() -> None:
    (declared,) = [one for one in STUB.body if isinstance(one, ast.ClassDef) and one.name == "Result"]
    there: tuple[str, ...] = vars(_hooks.Result)["__match_args__"]
    assert list(there) == fields(declared.body)


def test_the_numbers_that_are_declared_are_there() -> None:
    declared = fields(STUB.body)
    assert "MAX_THREADS" in declared
    assert {name: type(getattr(_hooks, name)) for name in declared} == dict.fromkeys(declared, int)
