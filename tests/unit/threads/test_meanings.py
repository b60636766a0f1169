"""What instructions mean, whatever the interpreter calls them and however it numbers them."""

from __future__ import annotations

import re
import sys
import sysconfig
from pathlib import Path
from types import CodeType

import pytest

from redactfuzz.threads import _hooks

CALL, EFFECT, LOCAL = _hooks.CALL, _hooks.EFFECT, _hooks.LOCAL
READ, WRITE, BOTH = 1, 2, 3
KINDS = {
    "x[0]": [READ],
    "x[0:y]": [READ],
    "x[0] = y": [WRITE],
    "x[0:y] = y": [WRITE],
    "x[0] += y": [READ, BOTH, WRITE],
    "x @= y": [BOTH],
    "x @ y": [READ],
    "x.a": [READ],
    "x.a -= y": [READ, BOTH, WRITE],
    "del x[0]": [WRITE],
    "x is y": [],
    "(x, 300, None, y)": [],
    "y = x": [],
}


def code_of(source: str) -> CodeType:
    namespace: dict[str, object] = {}
    exec(f"def function(x, y, lock):\n {source}\n return None", namespace)
    return namespace["function"].__code__  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize("source", KINDS)
def test_what_others_can_see_of_a_statement_is_the_same_on_every_interpreter(source: str) -> None:
    flags = _hooks.classify(code_of(source))
    seen = [kind for flag, kind in flags if flag & EFFECT and not flag & LOCAL]
    assert seen == KINDS[source], sys.version


WITH, CLEANUP = _hooks.WITH, _hooks.CLEANUP
BLOCKS = {
    "lock(None, None, None)": 0,
    "lock.m(None, None, None)": 0,
    "lock.m.n(None, None, None)": 0,
    "lock(x)(None, None, None)": 0,
    "print(None, None, None)": 0,
    "with lock: x(None, None, None)": 1,
    "with lock: return x": 1,
    "with lock, x: pass": 2,
}


@pytest.mark.parametrize("source", BLOCKS)
def test_the_end_of_a_with_block_is_told_from_a_call_that_looks_like_it(source: str) -> None:
    flags = [flag for flag, _ in _hooks.classify(code_of(source))]
    ends = [flag for flag in flags if flag & CLEANUP]
    assert all(flag & WITH and flag & CALL for flag in ends)
    assert len(ends) == BLOCKS[source], sys.version


CALLS = {
    "sum(a for a in x)": 1,
    "sum(a for a in x())": 2,
    "sum(a for a in x.y)": 1,
    "sum(a for a in lock(y for y in x))": 2,
    "(a for a in (b for b in x))": 0,
    "[a for a in x]": 0,
    "@x\n def decorated(): pass": 1,
}


@pytest.mark.parametrize("source", CALLS)
def test_that_a_generator_expression_is_made_is_no_call(source: str) -> None:
    flags = _hooks.classify(code_of(source))
    assert sum(flag & CALL for flag, _ in flags) == CALLS[source], sys.version


FAMILIES = {"CALL", "CALL_KW", "CALL_FUNCTION_EX", "JUMP_BACKWARD", "RESUME"}


def test_the_headers_of_this_interpreter_name_no_other_place_to_switch_threads() -> None:
    path = Path(sysconfig.get_path("include"), "internal", "pycore_opcode_metadata.h")
    header = path.read_text("utf-8") if path.exists() else ""
    names = re.findall(r"\[([A-Z_0-9]+)\] = \{ true,[^\n]*HAS_EVAL_BREAK_FLAG", header)
    assert bool(names) == (sys.version_info >= (3, 13)), "earlier ones are silent: tests/runtime/test_switch_sites.py"
    deopted = dict(re.findall(r"^    \[([A-Z_0-9]+)\] = ([A-Z_0-9]+),$", header, re.MULTILINE))
    real = {name for name in names if not name.startswith("INSTRUMENTED_") and name != "JUMP"}
    assert {deopted[name] for name in real} <= FAMILIES
