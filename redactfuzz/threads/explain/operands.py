"""What a call is about to be handed, which the interpreter does not show: sys.monitoring shows one argument only.

The others lie on the evaluation stack of the frame that calls. How deep that stack is follows from the bytecode
alone; that the callable lies where it then must is checked before anything is believed.
"""

from __future__ import annotations

import dis
import sys
from collections.abc import Iterator
from functools import lru_cache
from inspect import CO_ASYNC_GENERATOR, CO_COROUTINE, CO_GENERATOR
from types import CodeType, FrameType
from typing import Any

from redactfuzz.threads import _hooks

_GENERATORS = CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR
_NO_WAY_ON = frozenset(
    ("RETURN_VALUE", "RETURN_CONST", "RAISE_VARARGS", "RERAISE", "JUMP_FORWARD", "JUMP_BACKWARD")
) | {"JUMP_BACKWARD_NO_INTERRUPT", "INTERPRETER_EXIT"}

_OPERANDS = {
    **dict.fromkeys(("BINARY_OP", "BINARY_SUBSCR", "COMPARE_OP", "CONTAINS_OP"), 2),
    **dict.fromkeys(("UNARY_NEGATIVE", "UNARY_INVERT"), 1),
    "STORE_SUBSCR": 3,
    "BINARY_SLICE": 3,
    "STORE_SLICE": 4,
}
"""Operators that keep what they work on until they have done."""


def given(frame: FrameType, callable_: Any) -> tuple[Any, ...] | None:
    """The arguments of the call of ``callable_`` that ``frame`` is about to make, ``self`` of a method left out.

    None where they are unknown. ``*args`` and ``**kwargs`` are taken apart.
    """
    depth, name, count = _calls(frame.f_code).get(frame.f_lasti, (0, "", 0))
    if name == "CALL_FUNCTION_EX":
        keywords = 1 if sys.version_info >= (3, 14) else count & 1  # later versions push NULL where there are none
        found = _hooks.operands(frame, depth, 0, 1 + keywords, callable_)
        return None if found is None else tuple(_spread(found))
    return _hooks.operands(frame, depth, int(name == "CALL_KW"), count, callable_) if name else None


def of_operator(frame: FrameType) -> tuple[Any, ...]:
    """What the operator works on in whose middle ``frame`` is. Empty where it is in the middle of something else."""
    depth, count = _operators(frame.f_code).get(frame.f_lasti, (0, 0))
    return (_hooks.operands(frame, depth, 0, count, None) or ()) if count else ()


def waiting(frame: FrameType) -> tuple[Any, ...]:
    """All that lies on the evaluation stack of ``frame`` at its instruction, such as the iterators of its loops."""
    depth = _stack(frame.f_code).get(frame.f_lasti, 0)
    return (_hooks.operands(frame, depth, 0, depth, None) or ()) if depth else ()


def depths(code: CodeType) -> bytes:
    """A byte for each code unit: how deep the evaluation stack is before it; 255 where that is deeper, or not known."""
    found = bytearray(b"\xff" * (len(code.co_code) // 2))
    for offset, depth in _stack(code).items():
        found[offset // 2] = min(depth, 255)
    return bytes(found)


def _spread(found: tuple[Any, ...]) -> Iterator[Any]:
    for values in found:
        if isinstance(values, dict):
            yield from values.values()
        elif isinstance(values, (list, tuple)):
            yield from values


@lru_cache(1024)
def _calls(code: CodeType) -> dict[int, tuple[int, str, int]]:
    """For each call, by its offset: depth of the stack before it, name of the instruction, its argument."""
    names = ("CALL", "CALL_KW", "CALL_FUNCTION_EX")
    return {each.offset: (depth, each.opname, each.arg or 0) for each, depth in _depths(code) if each.opname in names}


@lru_cache(1024)
def _operators(code: CodeType) -> dict[int, tuple[int, int]]:
    """For each operator, by its offset: depth of the stack before it, number of its operands."""
    return {each.offset: (depth, _OPERANDS[each.opname]) for each, depth in _depths(code) if each.opname in _OPERANDS}


@lru_cache(1024)
def _stack(code: CodeType) -> dict[int, int]:
    """For each instruction, by its offset: depth of the stack before it."""
    return {each.offset: depth for each, depth in _depths(code)}


def _depths(code: CodeType) -> Iterator[tuple[dis.Instruction, int]]:
    """Each instruction that is reached, with the depth of the stack before it."""
    instructions = {each.offset: each for each in dis.get_instructions(code)}
    following = dict(zip(instructions, [*list(instructions)[1:], -1], strict=True))
    # 3.12 enters a generator with a value that its first instructions throw away.
    start = int(bool(code.co_flags & _GENERATORS) and sys.version_info < (3, 13))
    depths: dict[int, int] = {}
    waiting = [(0, start)]
    waiting += [(e.target, e.depth + e.lasti + 1) for e in dis._parse_exception_table(code)]  # type: ignore[attr-defined]
    while waiting:
        offset, depth = waiting.pop()
        if offset in depths or offset not in instructions:
            continue
        depths[offset] = depth
        each = instructions[offset]
        if each.opcode in dis.hasjrel or each.opcode in dis.hasjabs:
            waiting.append((int(each.argval), depth + _effect(each, jump=True)))
        if each.opname not in _NO_WAY_ON:
            waiting.append((following[offset], depth + _effect(each, jump=False)))
    return ((instructions[offset], depth) for offset, depth in depths.items())


def _effect(each: dis.Instruction, *, jump: bool) -> int:
    argument = each.arg if each.opcode >= dis.HAVE_ARGUMENT or each.arg is not None else None
    return dis.stack_effect(each.opcode, argument, jump=jump)
