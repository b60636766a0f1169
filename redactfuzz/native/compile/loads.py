"""Loads of a program that no hook announces, as gcc's last form of each function shows them with its virtual operands.

gcc says of each statement whether it reads memory (``# VUSE``) or writes some (``# VDEF``), and puts the hook of an
access right before it. It puts none before what a builtin function is handed, what a segment register leads to, and
what a declaration calls constant, although another file may have it otherwise. Local variables without a hook are known
to nobody else: gcc has looked where their addresses go.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Mapping

import attrs

from redactfuzz.native.compile.symbols import READS, Unknown

_FUNCTION = re.compile(r";; Function (.+) \([\w.$#]+, funcdef_no")
_TOUCHES = re.compile(r"\s+# (?:VUSE <|\.MEM_\d+ = VDEF <)")
_DEBUG = re.compile(r"\s+# ")
_CALL = re.compile(
    r"\s+(?:\[[^\]]*\] )?(?:(?P<to>\S[^=]*?) =(?:\{v\})? )?"
    r"(?P<called>(?!MEM|(?!OBJ_TYPE_REF)[A-Z_]+_(?:EXPR|REF)\b|[(*&\"])\S.*?) \((?P<given>.*)\);"
)
_ASSIGNED = re.compile(r"\s+(?:\[[^\]]*\] )?(?P<to>\S.*?) =(?:\{v\})? (?P<value>.*);")
_RETURNED = re.compile(r"\s+return (?P<value>.+);")
_HOOK = re.compile(r"__builtin___tsan_\w*read")
_OURS = re.compile(r"__builtin___tsan_")
_TARGET = re.compile(r"__builtin_(?:ia32|aarch64|arm|neon|sve|altivec|vsx|s390|riscv)_")
_LOADS = re.compile(r"\.\w*LOAD")
_COMPARES = re.compile(r"__builtin_(?:mem(?:cmp|cmp_eq|r?chr|mem)|bcmp|str\w+)$")
_QUIET = re.compile(r"__builtin_ia32_(?:clflush\w*|clwb|cldemote|prefetch\w*|u?monitorx?|f(?:n?stenv|ldenv))$")
"""Those that take an address and look at nothing there, but at what the compiler has made for them."""
_NO_VALUE = re.compile(r"-?\d[\w.+-]*$|[{&\"]|<retval>|D\.\d+$|\w[\w.$#]*_\d+\(D\)$|_\d+(?:\(D\))?$")
"""What lies in no memory of the program: a number, an address, a text, a struct of gcc's own, what was handed in."""
_NO_ADDRESS = re.compile(r"-?\d[\w.+-]*$|\{")
_TEXT = re.compile(r'"(?:\\.|[^"\\])*"')
_CAST = re.compile(r"\((?!D\))[^()]*(?:\([^()]*\)[^()]*)*\) ?(?=[&\w])|\(\d+\)")
_INDEX = re.compile(r"\[[^\[\]]*\]")
_PART = re.compile(r"VIEW_CONVERT_EXPR<(?:[^<>]|<[^<>]*>)*>\(|[A-Z_]+_(?:EXPR|REF) ?<")
_NAME = re.compile(r"[\s(]*([A-Za-z_$][\w:$#]*(?:\.\d+)*)")
_POINTED = re.compile(r"&([A-Za-z_$][\w:$#]*(?:\.\d+)*)")
_DECLARED = re.compile(r"  (?P<type>\S.*?)(?P<name>[\w.$#]+)\s*(?:\[[^=]*\])*(?: = .*)?;$")
_PARAMETER = re.compile(r"([\w.$#]+)\s*(?:\[\w*\])*[,)]")
_NUMBERED = re.compile(r"_\d+(?:\(\w+\))?$")

_SET = re.compile(r"\s+(?:# )?(?:\[[^\]]*\] )?(?P<to>[\w.$#]+) = (?P<value>.*?);?$")
"""A value that is made of others, in a statement that touches no memory or where ways come together (PHI)."""
_LEAF = re.compile(r"(?<![\w.$#])&?[A-Za-z_$][\w:$#]*(?:\.\d\w*)*(?:\(D\))?")

Fixed = Callable[[str], bool]
"""Whether a variable of this name is constant wherever it is defined."""


@attrs.define
class _Function:
    """One function, while it is read."""

    name: str
    types: dict[str, str] = attrs.field(factory=dict)
    """Its own variables and values -> the type of each."""
    made_of: dict[str, str] = attrs.field(factory=dict)
    """Value -> what it is made of without a look at memory."""
    pointed: list[str] = attrs.field(factory=list)
    """What is read without a hook where pointers lead."""
    body: bool = False
    touches: bool = False
    """Of the statement that comes: it reads or writes memory."""
    hooked: str = ""
    """What the hook of a load has announced for which no load has come yet."""


def unhooked_loads(dump: str, fixed: Fixed, called: Container[str], repeats: bool) -> Iterator[Unknown]:
    """What is read without a hook.

    ``called``: functions that the program wants from elsewhere; ``repeats``: it has string instructions, and what
    compares may be one.
    """
    function = _Function("")
    for line in dump.splitlines():
        if found := _FUNCTION.match(line):
            function = _Function(found[1])
        elif line.startswith("  <bb"):
            function.body = True
        elif not function.body:
            _declares(line, function.types)
        elif line == "}":
            if not all(_leads_home(one, function, fixed) for one in function.pointed):
                yield Unknown(f"the function {function.name}", READS)
        elif _TOUCHES.match(line):
            function.touches = True
        elif function.touches and not _DEBUG.match(line):
            function.touches = False
            yield from _statement(line, function, fixed, called, repeats)
        elif found := _SET.match(line):
            function.made_of[found["to"]] = found["value"]


def _declares(line: str, types: dict[str, str]) -> None:
    if found := _DECLARED.match(line):
        if not found["type"].startswith(("static ", "extern ")):
            types[found["name"]] = found["type"]
    elif line and not line.startswith((";", "{", "}", "__attribute__")):
        types.update((name, "*") for name in _PARAMETER.findall(line))


def _statement(
    line: str, function: _Function, fixed: Fixed, called: Container[str], repeats: bool
) -> Iterator[Unknown]:
    call = _CALL.match(line)
    if call and _OURS.match(call["called"]):
        function.hooked += f" {call['given']}" if _HOOK.match(call["called"]) else ""
    elif call:
        function.hooked = ""
        if _reads(call["called"], call["given"], function.types, called, repeats):
            yield Unknown(f"{call['called']} in {function.name}", READS)
    elif found := _ASSIGNED.match(line) or _RETURNED.match(line):
        read = found["value"]
        variable = "" if _is_own(read, function.types) else _variable(read)
        if variable == "" or variable in function.types or (variable is not None and fixed(variable)):
            return
        if function.hooked and (variable is None or f"&{variable}" in _made_of(function.hooked, function)):
            function.hooked = ""
        elif variable is None:
            function.pointed.append(read)
        else:
            yield Unknown(f"the function {function.name}, to which {variable} is a constant,", READS)


def _leads_home(read: str, function: _Function, fixed: Fixed) -> bool:
    """Whether a pointer is made of the address of variables that are the function's own, or constant."""
    leaves = _made_of(read.rpartition("*)")[2] if read.startswith("MEM") else read, function)
    variables = [leaf.removeprefix("&") for leaf in leaves if leaf.startswith("&")]
    others = [leaf.removesuffix("(D)") for leaf in leaves if not leaf.startswith("&")]
    if any(_may_be_address(other, function.types) for other in others):
        return False
    return bool(variables) and all(variable in function.types or fixed(variable) for variable in variables)


def _made_of(text: str, function: _Function) -> set[str]:
    """Addresses of variables, as ``&name``, and values that were not computed here, of which an address is made."""
    seen: set[str] = set()
    left = [text]
    while left:
        new = set(_LEAF.findall(_CAST.sub("", left.pop()))) - seen - {"PHI"}
        seen |= new
        left += [function.made_of[name] for name in new if name in function.made_of]
    return {name for name in seen if name not in function.made_of}


def _reads(builtin: str, given: str, types: Mapping[str, str], called: Container[str], repeats: bool) -> bool:
    """Whether a builtin function that touches memory may be carried out by loads of its own."""
    arguments = _TEXT.sub('""', given).split(", ")
    if _COMPARES.match(builtin):
        made_up = repeats or any(one == '""' or one.startswith('&""') or one.isdigit() for one in arguments)
        return made_up or builtin.removeprefix("__builtin_") not in called
    if _LOADS.match(builtin):
        return True
    return (
        _TARGET.match(builtin) is not None
        and _QUIET.match(builtin) is None
        and any(_may_be_address(one, types) for one in arguments)
    )


def _may_be_address(argument: str, types: Mapping[str, str]) -> bool:
    if not argument or _NO_ADDRESS.match(argument):
        return False
    known = types.get(argument) or types.get(_NUMBERED.sub("", argument), "*")
    return "*" in known


def _is_own(value: str, types: Container[str]) -> bool:
    """Whether it is in no memory of the program, or the value of one assignment."""
    return _NO_VALUE.match(value) is not None or value in types or _NUMBERED.sub("", value) in types


def _variable(read: str) -> str | None:
    """The variable of which something is read; None where a pointer leads there."""
    if "MEM" in read:
        return found[1] if (found := _POINTED.search(read)) else None
    text = _PART.sub("", _INDEX.sub("", read))
    found = None if "->" in text or "*" in text else _NAME.match(text)
    return found[1] if found else None
