"""Stores of a program that no hook announces: of intrinsics, of builtins that the compiler carries out itself.

The compiler puts a hook before each store that it sees. One that is hidden in a builtin function (a non-temporal or
masked store, a scatter, ``__builtin_memset`` of 32 bytes), or lies in a function that asks for none, has none: it is
not put back, and not searched. Such a program is treated as one with assembly that nobody knows.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

from redactfuzz.native.compile.symbols import GIVEN_AWAY, Unknown

_MEANING = "writes memory without a hook: what it changes cannot be seen, and not be put back"

_FUNCTION = re.compile(r";; Function (.+?) \(")
_WITHOUT = re.compile(r"__attribute__\(\(.*\b(?:no_sanitize|naked)\b")
"""Of a function that has no hooks at all."""
_DONE = re.compile(r"\s+(?:\[[^\]]*\] )?(?:\w+ =(?:\{v\})? )?(__builtin_\w+|\.[A-Z_]+) \((.*)\);")
"""A call of a builtin, in what gcc makes of a function at last (-fdump-tree-optimized)."""
_FOR_ITS_EFFECT = re.compile(r"\s+(?:\[[^\]]*\] )?(?:__builtin_|\.)")
"""One that gives nothing back, so it does something."""
_TARGET = re.compile(r"__builtin_(?:ia32|aarch64|arm|neon|sve|altivec|vsx|s390|riscv)_")
_QUIET = re.compile(
    r"__builtin_ia32_(?:[msl]fence|pause|emms|femms|vzero\w+|prefetch\w*|clflush\w*|clwb|cldemote|clzero|ldmxcsr|fldcw"
    r"|f(?:n?stenv|ldenv|n?clex)|serialize|monitorx?|mwaitx?|umonitor|umwait|tpause|wr[fg]sbase\w+|wrpkru|xrstor\w*|fxrstor\w*|xsetbv|nop"
    r"|rdtsc$|rdpmc|rdpid)"
    r"|__builtin_(?:aarch64|arm)_(?:dmb|dsb|isb|yield|wf[ei]|sevl?|prefetch\w*|set_\w+|ldg|ccmp\w*)$"
)
"""Builtins of processors that give nothing back, and write no memory that a program would look into."""
_WRITES_TOO = re.compile(r"__builtin_ia32_(?:addcarry|subborrow|sbb|rdrand|rdseed|rdtscp|enqcmd|xsave|cmpccxadd|aadd)")
"""They give something back, and write through a pointer as well."""
_BYTES = re.compile(r"__builtin_(?:mem(?:p?cpy|move|set)|bcopy|bzero)$")
_STORE = re.compile(r"\.\w*STORE")

_ADDRESS = r"^\s*[0-9a-f]+:\s+"
_TO_MEMORY = r"\s.*\)(?:\{%k\d\})?(?:\s+#.*)?$"
_INSTRUCTIONS = tuple(
    re.compile(_ADDRESS + one, re.MULTILINE)
    for one in (
        rf"(v?movnt\w+|movdir\w+|enqcmds?|f?xsave\w*|vp?maskmov\w+|vp?scatter\w+|vp?compress\w+){_TO_MEMORY}",
        r"(v?maskmov(?:dqu|q))\s",
        r"(v\w+)\s.*\)\{%k[1-7]\}$",
    )
)
"""What objdump shows of them: the last operand is where it goes."""
_REPEATED = re.compile(r"\srep\w* (?:movs|stos|cmps|scas|lods)")

_CALL = re.compile(r"\s+(?:\[[^\]]*\] )?(?:(?P<to>\S[^=]*?) =(?:\{v\})? )?(?P<called>[\w.]+) \((?P<given>.*)\);")
_LOCAL = re.compile(r"  \S.*?(\w+)(?: \[[^;]*\])*;$")
_TEXT = re.compile(r'"(?:\\.|[^"\\])*"')
_VALUE = re.compile(r"[\w.]*_\d+(?:\(\w+\))*$|\*_\d+\(D\)$|D\.\d|[&\"{-]|\d")
"""What nobody shares: a value of one assignment (``x_3``), what the caller made room for (``*_3(D)``), a struct of
the compiler's own (``D.123``), an address, a constant."""


def given_whole(dump: str, functions: Container[str]) -> Iterator[Unknown]:
    """Structs that gcc's last form of a source puts into shared memory from a call, or gives to one by value.

    Its hooks are for assignments: of these operands of calls there is none. ``functions``:
    names that stand for an address.
    """
    mangled = " (_Z" in dump  # of C++: a name alone is a function's, in one of many spellings
    own: set[str] = set()
    function, inside = "", False
    for line in dump.splitlines():
        if found := _FUNCTION.match(line):
            function, inside, own = found[1], False, set()
        elif not inside:
            own.update([found[1]] if (found := _LOCAL.match(line)) else re.findall(r"(\w+)[,)]", line))
            inside = line.startswith("  <bb")
        elif (found := _CALL.match(line)) and not found["called"].startswith("__builtin"):
            if found["to"] and _is_shared(found["to"], own, ()):
                yield Unknown(f"what {found['called']} returns, stored whole in {function},", _MEANING)
            for one in _TEXT.sub('""', found["given"]).split(", "):
                if _is_shared(one, own, functions) and (not mangled or one.startswith(("*", "MEM"))):
                    yield Unknown(f"a struct that {found['called']} is given by value in {function}", GIVEN_AWAY)


def _is_shared(operand: str, own: Container[str], functions: Container[str]) -> bool:
    """Whether it is memory that is not the function's own."""
    if not operand or _VALUE.match(operand):
        return False
    name = re.match(r"[\w.]+", operand)
    root = name[0].partition(".")[0] if name else ""
    return root not in own and root not in functions


def functions_in(dump: str) -> set[str]:
    """Those that it has, by their names in the source and for the linker."""
    found = re.findall(r"^;; Function (\S+) \((\S+?),", dump, re.MULTILINE)
    return {name for names in found for name in names}


def hidden_in(dump: str, repeats: bool) -> Iterator[Unknown]:
    """What gcc's last form of a source calls for its effect on memory, without a hook.

    ``repeats``: the program has string instructions, of which a copy of a length that nobody knows may be made.
    """
    function = ""
    for line in dump.splitlines():
        if found := _FUNCTION.match(line):
            function = found[1]
        elif _WITHOUT.match(line):
            yield Unknown(f"the function {function}, which asks for no hooks,", _MEANING)
        elif (found := _DONE.match(line)) and _writes(line, found[1], found[2], repeats):
            yield Unknown(f"{found[1]} in {function}", _MEANING)


def _writes(line: str, builtin: str, arguments: str, repeats: bool) -> bool:
    if _BYTES.match(builtin):
        return repeats or arguments.rpartition(", ")[2].isdigit()
    if _STORE.match(builtin) or _WRITES_TOO.match(builtin):
        return True
    return _TARGET.match(builtin) is not None and _FOR_ITS_EFFECT.match(line) is not None and not _QUIET.match(builtin)


def instructions(text: str) -> Iterator[Unknown]:
    """Instructions of a program for x86-64 that store, and that a compiler never puts a hook before."""
    names = {found[1] for pattern in _INSTRUCTIONS for found in pattern.finditer(text)}
    yield from (Unknown(f"the instruction {name}", _MEANING) for name in sorted(names))


def repeats(text: str) -> bool:
    """Whether there are string instructions in a program's code."""
    return _REPEATED.search(text) is not None
