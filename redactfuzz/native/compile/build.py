"""From a program's sources to ``program.so``, and from ours to the driver that loads it."""

from __future__ import annotations

import contextlib
import functools
import os
import re
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import attrs

from redactfuzz.native.compile import cache, held, trivial
from redactfuzz.native.compile.c_library import offered
from redactfuzz.native.compile.compiler import CXX_SUFFIXES, BuildError, Toolchain, ran
from redactfuzz.native.compile.hidden import LAST, LLVM, hidden
from redactfuzz.native.compile.made_from import LINKED, Changed, MadeFrom, contents, prerequisites
from redactfuzz.native.compile.symbols import (
    Symbols,
    Unknown,
    assembly,
    exports_of,
    has_main,
    modelled,
    readable,
    redirection,
    renames,
    symbols_of,
    unknown,
)  # fmt: skip
from redactfuzz.native.compile.table import unreported
from redactfuzz.native.compile.unhooked import with_hooks

HERE = Path(__file__).resolve().parents[1]
RUNTIME, INCLUDE, CORE = HERE / "runtime", HERE / "include", HERE.parent / "_core"

_FLOATING = frozenset({
    "output.c", "driver.c", "inspect.c", "ending.c", "run.c", "matcher.c", "events.c", "printing.c", "formats.c",
    "fractions.c"})  # fmt: skip
"""Files of ours that may use floating point, whose registers the program's vectors share: they run on a stack of their
own, after everything of the program was kept, or are models that are handed fractions (printf) and return them."""
_DRIVER = (
    "-std=gnu11", "-O2", "-g", "-fno-omit-frame-pointer", "-ftls-model=initial-exec", "-fexceptions",
    "-Werror=implicit-function-declaration",
)  # fmt: skip
"""Exceptions of a C++ program, and the exit of a thread, pass through models, some of which tidy up then."""
_STRICT = (
    "-Wall", "-Wextra", "-Wshadow", "-Wundef", "-Wconversion", "-Wcast-align", "-Wstrict-prototypes", "-Wvla",
    "-Wpointer-arith",
)  # fmt: skip
"""The same as in CMakeLists.txt."""
_WERROR = "REDACTFUZZ_WERROR"
"""Our tests set it: a warning of gcc in our sources is an error. The compiler of a user may know other warnings."""
_GUARDED = "-fstack-protector-strong"
"""What searches bytes of strangers. The rest of the driver leaves functions on one stack and comes back on another."""
_GENERAL_ONLY = "-mgeneral-regs-only"
_MACHINES = frozenset({"x86_64", "aarch64"})
"""Those with a switch of their own (``switch_*.S``). Others, and -DRFN_PORTABLE, have ``machine_portable.c``."""
_FLOATING_AARCH64 = frozenset({"canary.c"})
"""It hands a fraction on, which no general register carries there."""
_TLS_AARCH64 = "-mtls-dialect=trad"
"""So that ``__tls_get_addr`` is asked, which is modelled. The default there is a resolver of the loader's own."""
_HOOKED = (
    "-fsanitize=thread", "-fPIC", "-fno-builtin", "-U_FORTIFY_SOURCE", "-fno-inline", "-fno-optimize-sibling-calls",
    "-ftls-model=global-dynamic", "-g", "-fno-omit-frame-pointer", "-fpatchable-function-entry=16",
)  # fmt: skip
"""Every access calls us; mem* and str* stay calls; each call comes back to its own line; functions can be bypassed."""
_PLAIN = ("-fPIC", "-g", "-ftls-model=global-dynamic")
_READABLE = ("-fno-lto", "-fvisibility=default")
"""Symbols are redirected in the objects, and main() is found by its name."""
_FOREIGN = re.compile(
    r"-(?:static|pg|M[A-Z]*$|M[FTQ]|-coverage|f(?:sanitize=|profile-|instrument-functions|test-coverage))"
)
"""Options that put code of their own into a program, make no shared object of it, or say which headers there are: we
ask for those ourselves."""
_LINK = (
    "-shared", "-Wl,-z,norelro", "-Wl,-z,now", "-Wl,-Bsymbolic", "-Wl,--allow-shlib-undefined",
)  # fmt: skip
_OPTIMISES = re.compile(r"-O(?:[0-3sgz]|fast)?$")
_RECIPE, _DRIVER_RECIPE = "26", "2"
"""Count up when another redactfuzz makes, or learns, something else of the same sources."""
_ATTEMPTS = 4
"""Builds of a program whose files change meanwhile. The first one may find one of other headers than there are now."""
_ASSEMBLY = re.compile(rb"\b(?:asm|__asm|__asm__)\b")
_VECTOR = re.compile(r"%(?:[xyz]?mm\d|k[0-7])")
_SPLIT = frozenset({"-I", "-D", "-U", "-L", "-l"})
_LINKS = re.compile(r"-[lL]|-Wl,|.*\.(?:a|so(?:\.\d+)*|o)$")


def joined(flags: Sequence[str]) -> tuple[str, ...]:
    """Options with their values in one word: ``-I dir`` becomes ``-Idir``."""
    found: list[str] = []
    for flag in flags:
        if found and found[-1] in _SPLIT:
            found[-1] += flag
        else:
            found.append(flag)
    return tuple(found)


@attrs.frozen
class BuildRequest:
    """What is to be built: files, and the user's own options (-I, -D, -l, -L, -O, -std, ...)."""

    sources: tuple[Path, ...]
    flags: tuple[str, ...] = attrs.field(default=(), converter=joined)
    plain: bool = False
    """The user's build, not ours: optimised as they say, and not instrumented."""

    @property
    def compile_flags(self) -> list[str]:
        """Those that concern compiling."""
        return [flag for flag in self.flags if not _LINKS.match(flag)]

    @property
    def link_flags(self) -> list[str]:
        """Those that concern linking."""
        return [flag for flag in self.flags if _LINKS.match(flag)]


_UNDEFINED = "undefined"
"""In the folder of a program: the names that its objects want from elsewhere, once they were redirected."""


@attrs.frozen
class Built:
    """A program ready to be loaded by the driver."""

    path: Path
    unknown: tuple[Unknown, ...] = ()
    """What it calls that is neither modelled nor harmless: its executions need a process each."""
    modelled: tuple[str, ...] = ()
    vectors: bool = True
    """It uses vector registers, or calls what may."""
    held: tuple[str, ...] = ()
    """What it asks of its machine, user or terminal that is the same in every execution."""
    unreported: tuple[str, ...] = ()
    """Functions that it calls of which nobody reports all that they touch."""


def runtime_sources() -> list[Path]:
    """What the runtime is compiled from, for every processor, beside what is made from the table of functions."""
    return [*sorted(RUNTIME.rglob("*.c")), *sorted(RUNTIME.rglob("*.S"))]


def driver(tools: Toolchain, defines: Sequence[str] = ()) -> Path:
    """The driver, built by the user's compiler from the sources that ship. Raises BuildError."""
    key = _driver_key(tools.words, tuple(_driver_flags(tools, defines)))
    return cache.made(f"driver-{key}", functools.partial(_make_driver, tools, defines)) / "driver"


def _driver_sources() -> list[Path]:
    return [*runtime_sources(), *sorted(CORE.rglob("*.c"))]


@functools.cache
def _exported(tools: Toolchain, driver: Path) -> frozenset[str]:
    """What the driver offers: kept beside it."""
    kept = driver.with_name("exports")
    if not kept.exists():
        return exports_of(tools, driver)
    return frozenset(kept.read_text("utf-8").split())


@functools.cache
def _driver_key(version: str, flags: tuple[str, ...]) -> str:
    """Once in a process: the sources that ship are read then."""
    sources = _driver_sources()
    files = sorted([*sources, *RUNTIME.rglob("*.h"), *CORE.rglob("*.h")])
    built = [version, _GUARDED, *flags, *sorted(_FLOATING), *(str(_place(file)) for file in files)]
    return cache.key_of(["driver", *built, _DRIVER_RECIPE, *contents(files), trivial.source(), *trivial.link_flags()])


def program(tools: Toolchain, wanted: BuildRequest, driver: Path) -> Built:
    """The program as a shared object. Raises BuildError, with the compiler's own words."""
    if not wanted.sources:
        raise BuildError("There is nothing to build: no source file was given.")
    for source in wanted.sources:
        if not source.is_file():
            raise BuildError(f"{source}: no such file.")
    foreign = next((flag for flag in wanted.flags if _FOREIGN.match(flag)), None)
    if foreign is not None:
        raise BuildError(f"{foreign}: a program is built with our hooks, not with those. Leave the option out.")
    exports = _exported(tools, driver)
    entry = _entry(tools, wanted, exports)
    undefined = frozenset((entry / _UNDEFINED).read_text("utf-8").split())
    called = tuple(sorted(modelled(undefined)))
    left = _unknown_of(entry)
    return Built(
        entry / "program.so",
        left,
        called,
        vectors=not all(one.turns_only for one in left) or (entry / "vectors").exists(),
        held=tuple((entry / "held").read_text("utf-8").splitlines()),
        unreported=tuple(sorted(unreported({*called, *undefined}))),
    )


def _entry(tools: Toolchain, wanted: BuildRequest, exports: frozenset[str]) -> Path:
    """Its folder in the cache: built, unless it is there and was made from what all its files hold now."""
    made_from = _made_from(tools, wanted)

    def make(folder: Path) -> None:
        began = time.time()
        _make_program(tools, wanted, exports, folder)
        made_from.note(folder, wanted.link_flags, began)

    def name() -> str:
        return f"program-{made_from.key(['program', _RECIPE, *sorted(exports)])}"

    for _ in range(_ATTEMPTS):
        with contextlib.suppress(Changed):
            entry = cache.made(name(), make)
            if made_from.fits(entry):  # and from now on it is known by the headers, too
                return cache.made(name(), functools.partial(cache.copied, entry))
    names = ", ".join(source.name for source in wanted.sources)
    raise BuildError(f"{names}: its files are written to while it is built. Run it again when they are not.")


def _make_driver(tools: Toolchain, defines: Sequence[str], folder: Path) -> None:
    made = folder / trivial.NAME
    made.write_text(trivial.source(), "utf-8")
    objects = driver_objects(tools, [*_driver_sources(), made], defines, folder)
    cc = tools.compiler_of(Path("driver.c"))
    # Bound at load: the loader's resolver would spill vector registers to the stack of whoever calls first.
    bound = ("-rdynamic", "-Wl,-z,now")
    flags = [*_driver_flags(tools, defines), *bound]
    link: list[str | Path] = [*cc, *flags, *objects, *trivial.link_flags()]
    link += ["-o", folder / "driver", "-ldl", "-lm"]
    ran(link, "The driver cannot be linked")
    for each in objects:
        each.unlink()
    exports = exports_of(tools, folder / "driver")
    (folder / "exports").write_text("".join(f"{name}\n" for name in sorted(exports)), "utf-8")


def driver_objects(tools: Toolchain, sources: Sequence[Path], defines: Sequence[str], folder: Path) -> list[Path]:
    """Files of ours, each compiled as the driver has it, in the same order. Raises BuildError."""
    cc = tools.compiler_of(Path("driver.c"))

    def compiled(source: Path) -> Path:
        target = folder / "-".join(_place(source).with_suffix(".o").parts)
        general = [] if _floats(source, tools.machine) else [_GENERAL_ONLY]
        general += [_GUARDED] if CORE in source.parents else []
        where = (f"-I{RUNTIME}", f"-I{CORE}", "-c", source, "-o", target)
        ran([*cc, *_driver_flags(tools, defines), *general, *where], f"{source.name} of redactfuzz cannot be built")
        return target

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(compiled, sources))


def _driver_flags(tools: Toolchain, defines: Sequence[str]) -> list[str]:
    errors = ["-Werror"] if os.environ.get(_WERROR) and tools.is_gcc(Path("driver.c")) else []
    return [*_DRIVER, *_STRICT, *errors, *defines]


def _place(file: Path) -> Path:
    """Where a file of ours lies: ``native/runtime/FLOOR/NAME``, ``_core/NAME``; the name of one that a build made."""
    return file.relative_to(HERE.parent) if file.is_relative_to(HERE.parent) else Path(file.name)


def _floats(source: Path, machine: str) -> bool:
    # The search for canaries calculates in bits, with floating point.
    if CORE in source.parents or source.name in _FLOATING or machine not in _MACHINES:
        return True
    return machine == "aarch64" and source.name in _FLOATING_AARCH64


def _flags(tools: Toolchain, wanted: BuildRequest) -> list[str]:
    given = wanted.compile_flags
    optimised = any(_OPTIMISES.match(flag) for flag in given)
    level = [] if optimised else ["-O2" if wanted.plain else "-O1"]
    ours = [*(_PLAIN if wanted.plain else _HOOKED), *_READABLE, *([_TLS_AARCH64] if tools.machine == "aarch64" else [])]
    return [*level, *given, *ours, f"-I{INCLUDE}", *wanted.link_flags]


def _compile(tools: Toolchain, wanted: BuildRequest, source: Path) -> list[str | Path]:
    links = set(wanted.link_flags)
    flags = [flag for flag in _flags(tools, wanted) if flag not in links]
    flags += () if wanted.plain else tools.hooks(source)
    if source.suffix not in CXX_SUFFIXES:
        return [*tools.compiler_of(source), "-std=gnu11", *flags]
    strings = [] if wanted.plain else [f"-include{INCLUDE / 'redactfuzz_cxx.h'}"]
    return [*tools.compiler_of(source), "-std=gnu++17", *flags, *strings]


def _make_program(tools: Toolchain, wanted: BuildRequest, exports: frozenset[str], folder: Path) -> None:
    def compiled(numbered: tuple[int, Path]) -> Path:
        number, source = numbered
        target = folder / f"{number}-{source.stem}.o"
        gcc = tools.is_gcc(source)
        dumped = [f"-fdump-tree-optimized-vops={target.with_suffix(LAST)}"] if gcc else []
        command = _compile(tools, wanted, source)
        ran([*command, *dumped, "-MD", "-c", source, "-o", target], f"{source.name} does not compile")
        if not gcc and not wanted.plain:
            _hook_the_rest(command, source, target)
        return target

    with ThreadPoolExecutor(2) as pool:
        objects = list(pool.map(compiled, enumerate(wanted.sources)))
    mains = [source.name for source, each in zip(wanted.sources, objects, strict=True) if has_main(tools, each)]
    if len(mains) > 1:
        raise BuildError(f"{' and '.join(mains)} have a main() each: run one at a time, they are two programs.")
    archives = [Path(flag) for flag in wanted.link_flags if flag.endswith((".a", ".o")) and Path(flag).is_file()]
    symbols = symbols_of(tools, objects)
    provided = symbols_of(tools, archives).defined if archives else frozenset()
    if "main" not in symbols.defined:
        names = ", ".join(source.name for source in wanted.sources)
        raise BuildError(f"There is no main() in {names}: a program is explored from there.")
    table = folder / "renames"
    table.write_text(renames(redirection(symbols, exports)), "utf-8")
    for each in objects:
        ran([tools.objcopy, "--redefine-syms", table, each], "Symbols cannot be redirected")
    linker = tools.cxx if any(source.suffix in CXX_SUFFIXES for source in wanted.sources) else tools.cc or tools.cxx
    local = [] if not symbols.resolved else [f"-Wl,--version-script={_resolved_late(symbols, folder)}"]
    told = ["-Wl,--trace"] if wanted.link_flags else []  # what it reads: members of thin archives, what scripts name
    link: list[str | Path] = [*linker, *_LINK, *local, *told, *objects, "-o", folder / "program.so", *wanted.link_flags]
    (folder / LINKED).write_text(ran(link, "The program cannot be linked"), "utf-8", "surrogateescape")
    code = _code(tools, folder / "program.so")
    unseen = () if wanted.plain else hidden(tools, objects, code, symbols)
    nobodys = unknown(symbols, exports, provided, offered(tools))
    left = (*readable(nobodys), *_assembly(tools, wanted, folder), *unseen)
    if not code or _VECTOR.search(code):
        (folder / "vectors").touch()
    wanted_now = symbols_of(tools, objects).undefined  # by the names that they were given
    (folder / _UNDEFINED).write_text("".join(f"{name}\n" for name in sorted(wanted_now)), "utf-8")
    (folder / "held").write_text("".join(f"{one}\n" for one in held.asked(symbols.undefined, code)), "utf-8")
    (folder / "unknown").write_text("".join(f"{one.name}\t{one.meaning}\n" for one in left), "utf-8")


def _resolved_late(symbols: Symbols, folder: Path) -> Path:
    """A script for the linker, by which the loader asks a resolver when all that it may call is bound: it has hooks."""
    script = folder / "local"
    script.write_text(f"{{ local: {' '.join(f'{name};' for name in sorted(symbols.resolved))} }};\n", "ascii")
    return script


def _code(tools: Toolchain, program: Path) -> str:
    """Its instructions; none where they are not known."""
    if tools.machine != "x86_64":
        return ""
    return ran([tools.objdump, "-d", "--no-show-raw-insn", program], "The program's instructions cannot be read")


def _hook_the_rest(command: Sequence[str | Path], source: Path, target: Path) -> None:
    """Lets clang write the last form of a source, and compiles that one where hooks were missing that can be put in."""
    form = target.with_suffix(LLVM)
    ran([*command, "-S", "-emit-llvm", source, "-o", form], f"{source.name} does not compile")
    text = form.read_text("utf-8", "surrogateescape")
    whole = with_hooks(text)
    if whole != text:
        form.write_text(whole, "utf-8", "surrogateescape")
        as_it_is = ("-w", "-Xclang", "-disable-llvm-passes", "-x", "ir", "-c")
        ran([*command, *as_it_is, form, "-o", target], f"{source.name} does not compile with all its hooks")


def _assembly(tools: Toolchain, wanted: BuildRequest, folder: Path) -> Iterator[Unknown]:
    """Inline assembly of the program. Only a source that may have some is compiled once more, to look."""
    for number, source in enumerate(wanted.sources):
        rule = (folder / f"{number}-{source.stem}.d").read_text("utf-8", "surrogateescape")
        read = {path for each in prerequisites(rule) if not (path := Path(each).absolute()).is_relative_to("/usr")}
        if any(_ASSEMBLY.search(content) for content in contents(read)):
            target = folder / f"{number}.s"
            ran([*_compile(tools, wanted, source), "-S", source, "-o", target], f"{source.name} does not compile")
            yield from assembly(target.read_text("utf-8", "replace"))
            target.unlink()


def _unknown_of(entry: Path) -> tuple[Unknown, ...]:
    lines = (entry / "unknown").read_text("utf-8").splitlines()
    return tuple(Unknown(*line.split("\t", 1)) for line in lines)


def sources_of(tools: Toolchain, wanted: BuildRequest) -> list[Path]:
    """The files that go into a program, as its last build met them: also its headers, and those of the system."""
    return _made_from(tools, wanted).files


def _made_from(tools: Toolchain, wanted: BuildRequest) -> MadeFrom:
    return MadeFrom(wanted.sources, [tools.words, *_flags(tools, wanted)])
