"""Accesses of memory that clang puts no hook before, as the last form of each function (``-emit-llvm``) shows them.

clang says nothing of what it leaves out, but its own language shows all of it: a load or store stands right behind
its hook, or has none. It has none where its size is unusual (32 bytes of a vector, a ``long double``), in a function
that asks for none, where an intrinsic does it (a masked store), and in fields of local variables, even if another
thread knows them: these get theirs here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import attrs

from redactfuzz.native.compile.symbols import GIVEN_AWAY, READS, Unknown

_WRITES = "writes memory without a hook: what it changes cannot be seen, and not be put back"

_NAME = r'[%@](?:[-\w.$]+|"[^"]*")'
_DEFINE = re.compile(rf"define (?!available_externally).*?(?P<name>{_NAME})\((?P<parameters>.*)\)")
_DECLARE = re.compile(rf"declare .*?(?P<name>{_NAME})\(.*\).*? (?P<group>#\d+)")
_GROUP = re.compile(r"attributes (#\d+) = \{(.*)\}")
_CONSTANT = re.compile(rf"({_NAME}) = (?!extern)(?:[\w()]+ )*constant\b")
"""One of another file is what that file says of it."""
_RESULT = re.compile(rf"({_NAME}) = (?:(?:tail|musttail|notail) )?")
_ADDRESS = re.compile(rf"(?:\bptr|\*)(?: addrspace\(\d+\))? ({_NAME})")
"""An address, with its type as clang writes it from 15 on, and before."""
_HOOK = re.compile(r"call void @__tsan_\w*(?:read|write|update)\w*\(|.* call \w+ @__tsan_atomic\d+_load\(")
"""Behind its model an atomic load is left over, and nobody uses what it gives."""
_CALL = re.compile(rf"(?:call|invoke)\b.*?(?P<callee>{_NAME})\((?P<arguments>.*)\)")
_KEEPS_NOTHING = re.compile(r"@(?:llvm\.|__tsan_|mem(?:cpy|move|set)$)")
_KEPT_BY_NOBODY = re.compile(r"\bnocapture\b|\bcaptures\(none\)|\bbyval\b")
_FILLS = re.compile(r"@llvm\.mem(?:cpy|move|set)\b")
_LOADS = re.compile(r"@llvm\..*(?:masked\.(?:load|gather|expandload)|maskload|gather)")
_QUIET = re.compile(
    r"@llvm\.(?:lifetime|invariant|va_|stack|dbg|eh|ubsantrap|trap|debugtrap|prefetch|donothing|read(?:cycle|steady)"
    r"|x86\.(?:sse2?\.(?:pause|[lms]fence|clflush|ldmxcsr)|clflushopt|clwb|rdtscp?|rdrand|rdseed|rdpmc|xgetbv|avx\.vzero"
    r"|mmx\.f?emms)|aarch64\.(?:dmb|dsb|isb|hint))"
)
"""Intrinsics that change no memory that a program would look into, although clang does not say so."""
_MEMORY = re.compile(r"\bmemory\(([^)]*)\)")
_PURE = re.compile(r"\b(?:readnone|readonly|inaccessiblememonly)\b")
_HOOK_NAME = re.compile(r"call void (@__tsan_\w+)\(")
_ACCESS = re.compile(rf"(?:{_NAME} = )?(?P<kind>load|store) (?:volatile )?(?P<operands>.*)")
_SIZES = {"i8": 1, "i16": 2, "i32": 4, "i64": 8, "i128": 16, "float": 4, "double": 8, "ptr": 8}
_PLACE = re.compile(r", !dbg (!\d+)")
_TYPE = re.compile(r'(!\d+) = !\{!"vtable pointer"')
_TAG = re.compile(r"(!\d+) = !\{(!\d+), !\d+, i64 0")


@attrs.frozen
class _Module:
    """What is known of a source as a whole."""

    constants: frozenset[str]
    """Variables that never change, which need no hooks."""
    quiet: frozenset[str]
    """Intrinsics that write no memory."""
    forgotten: frozenset[tuple[str, int]]
    """Functions and their parameters, by number, of which nobody keeps the address."""
    tables: frozenset[str]
    """Tags of loads that give the table of a class."""


@attrs.define
class _Function:
    """One function, while it is read."""

    name: str
    locals: set[str]
    roots: dict[str, str] = attrs.field(factory=dict)
    """Address -> what it is a part of: a local variable, a global one, or an address that came from elsewhere."""
    joined: dict[str, set[str]] = attrs.field(factory=dict)
    """Address that is one of several -> what it may be a part of. What is done through it has hooks."""
    tables: set[str] = attrs.field(factory=set)
    """Addresses of tables of classes, which never change."""
    given_away: set[str] = attrs.field(factory=set)
    bare: list[tuple[str, int]] = attrs.field(factory=list)
    """Local variables that are used without hooks, and where: the number of a line."""

    def root(self, name: str) -> str:
        """What an address is a part of."""
        return self.roots.get(name, name)

    def gives_away(self, text: str) -> None:
        """Whoever gets these operands may know the variables that they point into."""
        for name in re.findall(_NAME, text):
            self.given_away.update(self.joined.get(name, {self.root(name)}))


def unhooked_in(text: str) -> Iterator[Unknown]:
    """What a source, in LLVM's language, does without a hook."""
    for function, accesses in _functions(text.splitlines()):
        yield from accesses
        if any(root in function.given_away for root, _ in function.bare):
            yield Unknown(f"a local variable of {function.name}", GIVEN_AWAY)


def with_hooks(text: str) -> str:
    """The same source, with hooks where local variables are used that others may know."""
    lines = text.splitlines()
    hooks: dict[int, tuple[str, ...]] = {}
    for function, _ in _functions(lines):
        for root, at in function.bare:
            if root in function.given_away and (hook := _hook(lines[at], len(hooks))):
                hooks[at] = hook
    if not hooks:
        return text
    whole = [part for at, line in enumerate(lines) for part in (*hooks.get(at, ()), line)]
    called = {found[1] for hook in hooks.values() if (found := _HOOK_NAME.search(hook[-1]))}
    address = "ptr" if any("(ptr " in hook[-1] for hook in hooks.values()) else "i8*"
    missing = sorted(name for name in called if not any(line.startswith(f"declare void {name}(") for line in lines))
    return "\n".join((*whole, *(f"declare void {name}({address})" for name in missing), ""))


def _hook(line: str, number: int) -> tuple[str, ...]:
    """What to put before a load or store; nothing where its size is not known."""
    found = _ACCESS.match(line.strip())
    first, second, *_ = [*_separate(found["operands"]), "", ""] if found else ("", "")
    pointer, _, address = second.strip().rpartition(" ")
    pointed = first.split(" ")[0] if pointer == "ptr" else pointer.removesuffix("*")
    size = 8 if pointed.endswith("*") else _SIZES.get(pointed, 0)
    if found is None or not size or not re.fullmatch(_NAME, address):
        return ()
    call = f"call void @__tsan_{'read' if found['kind'] == 'load' else 'write'}{size}"
    place = f", !dbg {at[1]}" if (at := _PLACE.search(line)) else ""
    if pointer == "ptr":
        return (f"  {call}(ptr {address}){place}",)
    turned = f"%redactfuzz.{number}"
    return (f"  {turned} = bitcast {pointer} {address} to i8*{place}", f"  {call}(i8* {turned}){place}")


def _functions(lines: Sequence[str]) -> Iterator[tuple[_Function, list[Unknown]]]:
    """Each function, when it was read, and what it does without a hook elsewhere than in local variables."""
    module = _module(lines)
    function: _Function | None = None
    found: list[Unknown] = []
    hooked = False
    for at, line in enumerate(map(str.strip, lines)):
        if start := _DEFINE.match(line):
            own = [one for one in _separate(start["parameters"]) if "byval(" in one]
            function = _Function(start["name"].strip('@"'), {re.findall(_NAME, one)[-1] for one in own})
            found = []
        elif function is None:
            continue
        elif line == "}":
            yield function, found
            function = None
        elif line and not line.startswith((";", "#dbg")):
            found += _instruction(line, at, function, module, hooked)
            hooked = _HOOK.match(line) is not None or (hooked and " = bitcast " in line)


def _instruction(line: str, at: int, function: _Function, module: _Module, hooked: bool) -> Iterator[Unknown]:
    found = _RESULT.match(line)
    result, does = (found[1], line[found.end() :]) if found else ("", line.removeprefix("tail "))
    kind = does.partition(" ")[0]
    names = re.findall(_NAME, does.split(", align ")[0].split(", !")[0])
    if kind == "alloca":
        function.locals.add(result)
    elif kind in ("getelementptr", "bitcast", "addrspacecast"):
        if address := _ADDRESS.search(does):
            function.roots[result] = function.root(address[1])
            function.joined.update({result: function.joined[address[1]]} if address[1] in function.joined else {})
    elif kind == "phi" and does.count("[") == 1:
        function.roots[result] = function.root(names[0])
    elif kind in ("phi", "select"):
        function.joined[result] = set().union(*(function.joined.get(name, {function.root(name)}) for name in names))
    elif kind in ("load", "store"):
        if any(does.endswith(f"!tbaa {tag}") or f"!tbaa {tag}," in does for tag in module.tables):
            function.tables.add(result)
        if kind == "store":
            function.gives_away(" ".join(names[:-1]))
        if not hooked:
            yield from _bare(kind, names[-1] if names else "", at, function, module)
    elif kind in ("atomicrmw", "cmpxchg"):
        yield from _bare("store", names[0] if names else "", at, function, module)
    elif " asm " not in does and (call := _CALL.match(does)):
        yield from _call(call["callee"], _separate(call["arguments"]), function, module)
    elif kind not in ("icmp", "br", "switch"):
        function.gives_away(does)


def _bare(kind: str, address: str, at: int, function: _Function, module: _Module) -> Iterator[Unknown]:
    root = function.root(address)
    if root in function.locals:
        function.bare.append((root, at))
    elif kind == "store":
        yield Unknown(f"the function {function.name}", _WRITES)
    elif root not in module.constants and root not in function.tables:
        yield Unknown(f"the function {function.name}", READS)


def _call(callee: str, given: Sequence[str], function: _Function, module: _Module) -> Iterator[Unknown]:
    if callee.startswith("@llvm.") and not _QUIET.match(callee):
        named = f"{callee.removeprefix('@')} in {function.name}"
        to = re.findall(_NAME, given[0]) if given else []
        fills = _FILLS.match(callee) is not None and bool(to) and function.root(to[-1]) in function.locals
        if callee not in module.quiet and not fills:
            yield Unknown(named, _WRITES)
        elif _LOADS.match(callee):
            yield Unknown(named, READS)
    if not _KEEPS_NOTHING.match(callee):
        for number, argument in enumerate(given):
            if (callee, number) not in module.forgotten and "byval(" not in argument:
                function.gives_away(argument)


def _module(lines: Sequence[str]) -> _Module:
    groups = {found[1]: found[2] for line in lines if (found := _GROUP.match(line))}
    declared = [found for line in lines if (found := _DECLARE.match(line))]
    types = {found[1] for line in lines if (found := _TYPE.match(line))}
    forgotten = set()
    for found in filter(None, map(_DEFINE.match, lines)):
        for number, parameter in enumerate(_separate(found["parameters"])):
            if _KEPT_BY_NOBODY.search(parameter):
                forgotten.add((found["name"], number))
    return _Module(
        frozenset(found[1] for line in lines if (found := _CONSTANT.match(line))),
        frozenset(one["name"] for one in declared if not _writes(groups.get(one["group"], ""))),
        frozenset(forgotten),
        frozenset(found[1] for line in lines if (found := _TAG.match(line)) and found[2] in types),
    )


def _writes(attributes: str) -> bool:
    """Whether a function with these attributes may write memory that a program can look into."""
    if memory := _MEMORY.search(attributes):
        parts = [part.strip() for part in memory[1].split(",")]
        return any("write" in part and not part.startswith("inaccessiblemem") for part in parts)
    return _PURE.search(attributes) is None


def _separate(text: str) -> list[str]:
    """Arguments or parameters, one by one."""
    found, depth, start = [], 0, 0
    for at, character in enumerate(text):
        depth += (character in "([{<") - (character in ")]}>")
        if character == "," and depth == 0:
            found.append(text[start:at])
            start = at + 1
    return [*found, text[start:]] if text.strip() else []
