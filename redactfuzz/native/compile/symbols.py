"""Which library functions of a program our runtime stands in for, and which nobody does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import attrs

from redactfuzz.native.compile.compiler import Toolchain, demangled, ran
from redactfuzz.native.compile.table import is_confined, is_harmless, opaque, treatment

MODEL = "model_"
"""The driver exports ``model_F`` for each library function F that it stands in for."""
ASIDE = "aside_"
"""The same, of one that runs on a stack of its own; see ``runtime/processor/aside.h``."""
MAIN = "program_main"
OURS = re.compile(
    r"__tsan_|__sanitizer_|redactfuzz_|rfn_|_GLOBAL_OFFSET_TABLE_|__dso_handle|_DYNAMIC|__gmon_start__|_ITM_"
)
_THREADED = re.compile(r"_ZNK?St(?:6thread|18condition_variable|\d*__future|11__timed_mutex|13__atomic)|__once_proxy")
_FILES = re.compile(r"_ZNK?St10filesystem(?!7__cxx114path)")
_MANGLED = re.compile(r"\b_Z[\w.$@]+")
_TEMPLATE = re.compile(r"<[^<>]*>")

_MARKER = re.compile(r"\s*(?:#|//|@)\s*(NO_)?APP\b")
_LINE = re.compile(r'\s*(?:#|//|@)\s*([1-9]\d*) "([^"]+)"')
_FILE = re.compile(r'\s*\.file\s+(\d+)\s+(?:"[^"]*"\s+)?"([^"]+)"')
_LOCATION = re.compile(r"\s*\.loc\s+(\d+)\s+(\d+)")
_INSTRUCTION = re.compile(r"\s*[A-Za-z]")
_WAITS = re.compile(r"rep(?:\s+nop)?$|(?:pause|nop|[mls]fence|rdtscp?|cpuid|yield|dmb|dsb|isb)\b[^(\[]*$")
_CALCULATES = re.compile(
    r"(?:v?p?(?:and|or|xor|add|sub|ins|extr|sh[lr]|sl|sr|shuf)|v?mov|not|neg|ro[lr]|bswap|bs[fr]|cmp|test|xchg|eor|orr|umov)"
    r"[a-z0-9]*\s+(?P<operands>.+)$"
)
_REGISTERS = tuple(
    re.compile(rf"(?:{one})(?:,\s*(?:{one}))*$")
    for one in (r"%[a-z0-9]+|\$-?\w+", r"[wxvqdsb]\d+(?:\.\d*[bhsd](?:\[\d+\])?)?|#-?\w+")
)
"""Operands that are registers or numbers, as x86-64 and aarch64 write them."""

_SYMBOL = re.compile(r"[0-9a-f]{8,} .{6}(?P<kind>.) (?P<section>\S+)\t[0-9a-f]+ +(?:\.hidden |0x\w+ )?(?P<name>.+)$")
_CONSTANT = re.compile(r"\.rodata|\.data\.rel\.ro|\.srodata")
_ENCLOSED = re.compile(r"<[^<>]*>|\([^()]*\)|\{[^{}]*\}")
_COPY = re.compile(r"\.\d+$")
"""What the compiler adds to the name of a variable inside a function."""

_FILESYSTEM = "reads and writes real files, which are not searched"
_REACHES = (
    "is a function of the C library that redactfuzz does not carry out: what it does to files, streams and other"
    " processes is real, and not searched"
)
_REAL = "runs or waits for threads that nobody controls"
_BARE = "is not compiled by redactfuzz: what it changes cannot be seen, and not be put back"
GIVEN_AWAY = "is used without hooks although others may know where it lies: no other thread is given its turn there"
READS = "reads memory without a hook: no other thread is given its turn there"
_ASSEMBLY = "may read and write what redactfuzz does not see"
_UNKNOWN = "is a library function that redactfuzz does not know: what it changes cannot be put back"


@attrs.frozen
class Unknown:
    """A symbol of the program that is neither modelled nor harmless, or code of it that cannot be instrumented."""

    name: str
    meaning: str

    @property
    def threaded(self) -> bool:
        """Real threads run there."""
        return self.meaning == _REAL

    @property
    def reaches_out(self) -> bool:
        """Its effects are not confined to the process, whose memory is searched."""
        return self.meaning in (_REACHES, _FILESYSTEM)

    @property
    def remedy(self) -> str:
        """What a user can do about a symbol that reaches out."""
        if self.meaning == _FILESYSTEM:
            return "Write the files by open and write, or by fopen and fwrite."
        return (
            f"Define {self.name} in a file that is compiled with the program, and let it return what the test needs:"
            " redactfuzz explores it as the program's own. Or put the call inside #ifdef REDACTFUZZ_OFF, which only the"
            " ordinary build defines."
        )

    @property
    def turns_only(self) -> bool:
        """It is seen, searched and put back as all else is; turns of threads are what is missed."""
        return self.meaning in (GIVEN_AWAY, READS)

    @property
    def may_lock(self) -> bool:
        """It is code of a library that may keep threads apart. That of C++ does not: its locks are modelled."""
        return self.meaning in (_UNKNOWN, _BARE) and not self.name.startswith(("std::", "__gnu_cxx::", "operator"))

    def __str__(self) -> str:
        return f"{self.name} {self.meaning}"


@attrs.frozen
class Symbols:
    """What object files define and what they want from elsewhere."""

    defined: frozenset[str]
    undefined: frozenset[str]
    resolved: frozenset[str] = frozenset()
    """Of those that are defined: what the loader asks a function of the program for (ifunc, target_clones)."""


def symbols_of(tools: Toolchain, objects: Iterable[Path]) -> Symbols:
    """Global symbols of object files, taken together."""
    defined: set[str] = set()
    undefined: set[str] = set()
    resolved: set[str] = set()
    for kind, name in _listed(ran([tools.nm, "-P", *objects], "The program's symbols cannot be read")):
        if kind in "Uwv":
            undefined.add(name)
        elif kind.isupper() or kind in "ui":
            defined.add(name)
            resolved.update([name] if kind == "i" else [])
    return Symbols(frozenset(defined), frozenset(undefined - defined), frozenset(resolved))


def has_main(tools: Toolchain, file: Path) -> bool:
    """Whether an object file defines main()."""
    return "main" in symbols_of(tools, [file]).defined


def exports_of(tools: Toolchain, executable: Path) -> frozenset[str]:
    """Functions that an executable offers to what it loads."""
    text = ran([tools.nm, "-D", "-P", "--defined-only", executable], "The driver's symbols cannot be read")
    return frozenset(name.partition("@")[0] for _, name in _listed(text))


def redirection(symbols: Symbols, exports: frozenset[str]) -> dict[str, str]:
    """Old name -> new name. What the program defines itself stays its own, but for ``main``."""
    names = {
        name: (ASIDE if ASIDE + name in exports else MODEL) + name
        for name in symbols.undefined
        if MODEL + name in exports
    }
    return {**names, "main": MAIN} if "main" in symbols.defined else names


def modelled(undefined: Iterable[str]) -> Iterator[str]:
    """Functions that the objects of a program, which want these names once they are redirected, call models of."""
    for name in undefined:
        for prefix in (MODEL, ASIDE):
            if name.startswith(prefix):
                yield name.removeprefix(prefix)


def unknown(
    symbols: Symbols,
    exports: frozenset[str],
    provided: frozenset[str] = frozenset(),
    libc: frozenset[str] = frozenset(),
) -> tuple[Unknown, ...]:
    """Symbols that nobody stands in for, by name. ``provided``: what the user's own archives define; ``libc``: the
    C library."""
    bare = symbols.undefined & provided
    left = (name for name in symbols.undefined - exports - bare if MODEL + name not in exports and not OURS.match(name))
    libraries = [
        Unknown(name, _REACHES if name in libc and not _stays(name) else _meaning(name))
        for name in left
        if _THREADED.match(name) or not is_harmless(name)
    ]
    return tuple(sorted([*libraries, *(Unknown(name, _BARE) for name in bare)], key=lambda one: one.name))


def _meaning(name: str) -> str:
    if _THREADED.match(name):
        return _REAL
    return _FILESYSTEM if _FILES.match(name) else opaque().get(name, _UNKNOWN)


def _stays(name: str) -> bool:
    return name in opaque() or is_confined(name)


def readable(found: Sequence[Unknown]) -> tuple[Unknown, ...]:
    """With the names of C++ as a person writes them, without the arguments of templates."""
    names = demangled([name for one in found for name in _MANGLED.findall(one.name)])

    def plain(name: re.Match[str]) -> str:
        return _short(names.get(name[0], name[0]))

    return tuple(dict.fromkeys(attrs.evolve(one, name=_MANGLED.sub(plain, one.name)) for one in found))


def _short(name: str) -> str:
    while (shorter := _TEMPLATE.sub("", name)) != name:
        name = shorter
    return name.replace("std::__cxx11::", "std::").partition("(")[0]


def assembly(text: str) -> tuple[Unknown, ...]:
    """Inline assembly in what a compiler made of a source, as assembly. What stays in registers is left out."""
    found = {}
    place, inside = "", False
    before, files = "", {}  # where the code in front of it comes from: clang says no more
    for line in text.splitlines():
        if marker := _MARKER.match(line):
            inside, place = marker[1] is None, ""
        elif match := _FILE.match(line):
            files[match[1]] = Path(match[2]).name
        elif match := _LOCATION.match(line):
            before = f"{files.get(match[1], '')}:{match[2]}"
        elif inside and (match := _LINE.match(line)):
            place = place or f"{Path(match[2]).name}:{match[1]}"
        elif inside and _INSTRUCTION.match(line) and not all(map(_stays_in_registers, line.split(";"))):
            at = place or before
            found[at] = Unknown(f"inline assembly at {at}", _ASSEMBLY)
    return tuple(found.values())


def _stays_in_registers(instruction: str) -> bool:
    """An instruction that surely touches no memory and goes nowhere; one that is not known to be so may do both."""
    instruction = instruction.partition("//")[0].strip()
    if not instruction or _WAITS.match(instruction):
        return True
    found = _CALCULATES.match(instruction)
    return found is not None and any(each.match(found["operands"].strip()) for each in _REGISTERS)


def constants(tools: Toolchain, objects: Iterable[Path]) -> Callable[[str], bool]:
    """Whether all that a source calls so is a function, or lies where nothing is written once the program is loaded."""
    found: dict[str, bool] = {}
    for line in ran([tools.objdump, "-t", "-C", *objects], "The program's symbols cannot be read").splitlines():
        parts = _SYMBOL.match(line)
        if parts and parts["section"] != "*UND*":
            constant = parts["kind"] == "F" or _CONSTANT.match(parts["section"]) is not None
            found[_stem(parts["name"])] = found.get(_stem(parts["name"]), True) and constant
    return lambda name: found.get(_stem(name), name in treatment())


def _stem(name: str) -> str:
    """A name without its namespace, its arguments, and what the compiler adds to that of a variable of a function."""
    while (shorter := _ENCLOSED.sub("", name)) != name:
        name = shorter
    return _COPY.sub("", name.partition(" [")[0].rpartition("::")[2])


def renames(names: Mapping[str, str]) -> str:
    """The file that ``objcopy --redefine-syms`` reads."""
    return "".join(f"{old} {new}\n" for old, new in sorted(names.items()))


def _listed(text: str) -> Iterable[tuple[str, str]]:
    """(kind, name) of the lines of ``nm -P``; those of other kinds name a file."""
    for line in text.splitlines():
        parts = line.split()
        if len(parts) >= 2 and len(parts[1]) == 1:
            yield parts[1], parts[0]
