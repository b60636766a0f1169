"""Names of places in a program: what schedules, repro files and people call the offsets that the driver knows.

A place is a call in the compiled program: of a hook, a model, any function. Its name is file, function, the line as it
is counted from the function's first one, and which of the calls on that line it is: another compilation keeps it.
"""

from __future__ import annotations

import bisect
import functools
import linecache
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

import attrs
from elftools.elf.elffile import ELFFile

from redactfuzz.model.schedule import Site
from redactfuzz.native.compile.compiler import BuildError, Toolchain, demangled, ran
from redactfuzz.native.compile.symbols import ASIDE, MODEL

NOWHERE = Site("", "", "")
UNNAMED = "<code>"
"""Module of a place without debugging information: its function is the offset in hexadecimal."""
REDACTORS = "rf_redactor"
"""The section of functions that are declared to be redactors; see ``include/redactfuzz.h``."""

_INSTRUCTION = re.compile(r"^\s*([0-9a-f]+):\s+(\S+)")
_CALL = re.compile(r"(?:call|bl$|blr$|bnd$|notrack$)")
_CRT = "completed.0"
"""Of the compiler's own start and end of a program: no source names it."""
_TARGET = re.compile(r"<([^>@+]+)")


@attrs.frozen
class Place:
    """Where an offset lies in the source."""

    site: Site
    file: str = ""
    line: int = 0
    function: str = ""

    @property
    def source(self) -> str:
        """The source line, or nothing where it cannot be read."""
        return linecache.getline(self.file, self.line).strip() if self.file else ""

    def __str__(self) -> str:
        return f"{Path(self.file).name}:{self.line}" if self.file else self.function or str(self.site)


@attrs.frozen
class Function:
    """A function of the program, from ``start`` to before ``end``."""

    name: str
    start: int
    end: int
    redactor: bool = False


class Sites:
    """The places of one program."""

    def __init__(self, tools: Toolchain, program: Path) -> None:
        """Reads ``program``, a shared object with debugging information. Raises BuildError."""
        with program.open("rb") as file:
            elf = ELFFile(file)
            self.functions = _functions(elf)
            self._lines = _Lines(elf)
            self._variables = _variables(elf)
        self._starts = [function.start for function in self.functions]
        listing = ran([tools.objdump, "-d", "--no-show-raw-insn", program], "The program cannot be read")
        self._instructions = [int(found[1], 16) for found in map(_INSTRUCTION.match, listing.splitlines()) if found]
        self._callees = _calls(listing)
        self._places = self._named(self._callees)
        self._offsets = {place.site: offset for offset, place in self._places.items()}

    def place(self, offset: int) -> Place:
        """The place of a return address."""
        if not offset:
            return Place(NOWHERE)
        found = self._places.get(offset)
        if found is not None:
            return found
        file, line = self._lines.at(offset - 1)
        function = self.function(offset - 1)
        return Place(Site(UNNAMED, f"{offset:x}", ""), file, line, function.name if function else "")

    def callee(self, offset: int) -> str:
        """What the call before a return address calls, as the program writes it; empty where it is not known."""
        return self._callees.get(offset, "")

    def calls_of(self, names: Collection[str]) -> Iterator[tuple[str, int]]:
        """Which of these functions are called where: the return addresses."""
        return ((callee, offset) for offset, callee in self._callees.items() if callee in names)

    def offset(self, site: Site) -> int | None:
        """The offset of a place, or None when this program has no such place."""
        if site == NOWHERE:
            return 0
        if site.module == UNNAMED:
            return int(site.function, 16)
        return self._offsets.get(site)

    def function(self, offset: int) -> Function | None:
        """The function that an offset lies in."""
        index = bisect.bisect_right(self._starts, offset) - 1
        if index < 0 or not offset < self.functions[index].end:
            return None
        return self.functions[index]

    def variable(self, offset: int) -> str:
        """The global variable that an offset lies in, with the distance from its beginning: ``ring+32``."""
        index = bisect.bisect_right(self._variables, (offset, 1 << 62, "")) - 1
        if index < 0:
            return ""
        start, size, name = self._variables[index]
        if offset >= start + size:
            return ""
        return name if offset == start else f"{name}+{offset - start}"

    def variables(self, start: int, end: int) -> list[str]:
        """Global variables that lie there in part, but for one that the compiler links to every program."""
        return [name for at, size, name in self._variables if at < end and start < at + size and name != _CRT]

    def redactors(self, named: tuple[str, ...] = ()) -> tuple[Function, ...]:
        """Functions that are declared to be redactors, or named so. Raises BuildError for a name that is not there."""
        known = {function.name: function for function in self.functions}
        missing = [name for name in named if name not in known]
        if missing:
            raise BuildError(f"The redactor {missing[0]} is no function of the program, or was inlined everywhere.")
        found = [function for function in self.functions if function.redactor or function.name in named]
        return tuple(found)

    def addresses(self, file: str, line: int) -> tuple[int, ...]:
        """Where the code of a line begins; the file by its last name."""
        return self._lines.of(file, line)

    def moments(self, file: str, line: int, *, each: bool) -> tuple[int, ...]:
        """Where statements of a line begin, and where its calls come back; the file by its last name.

        ``each``: where any instruction of it begins.
        """
        here = Path(file).name, line
        found = {*self._lines.of(file, line)}
        found.update(at for at, place in self._places.items() if (Path(place.file).name, place.line) == here)
        if each:
            found.update(at for at in self._instructions if _at(self._lines.at(at)) == here)
        return tuple(sorted(found))

    def _named(self, calls: Iterable[int]) -> dict[int, Place]:
        counts: Counter[tuple[str, str, int]] = Counter()
        places = {}
        for offset in calls:
            function = self.function(offset - 1)
            file, line = self._lines.at(offset - 1)
            if function is None or not line:
                continue
            _, first = self._lines.at(function.start)
            key = (file, function.name, line)
            counts[key] += 1
            site = Site(Path(file).name, function.name, f"+{line - first}:{counts[key]}")
            places[offset] = Place(site, file, line, function.name)
        for function in self.functions:  # the site of a thread before its first step
            file, line = self._lines.at(function.start)
            if line:
                site = Site(Path(file).name, function.name, "")
                places.setdefault(function.start, Place(site, file, line, function.name))
        return places


class _Lines:
    """The line table of the debugging information."""

    def __init__(self, elf: ELFFile) -> None:
        self._rows: list[tuple[int, str, int]] = []
        """(address, file, line), by address; line 0 ends a stretch."""
        if elf.has_dwarf_info():
            for unit in elf.get_dwarf_info().iter_CUs():
                self._rows.extend(_rows(elf, unit))
        # Where one stretch ends and another begins at the same address, the beginning counts.
        self._rows.sort(key=lambda row: (row[0], row[2] != 0))
        self._addresses = [row[0] for row in self._rows]

    def at(self, address: int) -> tuple[str, int]:
        """(file, line) of an instruction; line 0: not known."""
        index = bisect.bisect_right(self._addresses, address) - 1
        return self._rows[index][1:] if index >= 0 else ("", 0)

    def of(self, file: str, line: int) -> tuple[int, ...]:
        name = Path(file).name
        found = defaultdict(list)
        for address, path, number in self._rows:
            if number == line and Path(path).name == name:
                found[path].append(address)
        return tuple(sorted({address for addresses in found.values() for address in addresses}))


def _at(place: tuple[str, int]) -> tuple[str, int]:
    file, line = place
    return Path(file).name, line


def _rows(elf: ELFFile, unit: Any) -> Iterator[tuple[int, str, int]]:
    program = elf.get_dwarf_info().line_program_for_CU(unit)
    if program is None:
        return
    folder = _folder(unit)
    files = functools.cache(functools.partial(_file, program.header, folder))
    for entry in program.get_entries():
        state = entry.state
        if state is not None:
            yield (state.address, "", 0) if state.end_sequence else (state.address, files(state.file), state.line)


def _folder(unit: Any) -> str:
    attribute = unit.get_top_DIE().attributes.get("DW_AT_comp_dir")
    return _text(attribute.value) if attribute is not None else ""


def _file(header: Any, folder: str, number: int) -> str:
    """A file of the line table, whose numbers begin at 1 before DWARF 5."""
    version, entries, folders = header["version"], header["file_entry"], header["include_directory"]
    first = 0 if version >= 5 else 1
    if not 0 <= number - first < len(entries):
        return ""
    entry = entries[number - first]
    name, where = _text(entry.name), entry.dir_index
    if version >= 5:
        base = _text(folders[where]) if where < len(folders) else folder
    else:
        base = _text(folders[where - 1]) if where else folder
    return str(Path(folder, base, name))


def _text(value: object) -> str:
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value)


def _functions(elf: Any) -> list[Function]:
    table = elf.get_section_by_name(".symtab")
    if table is None:
        return []
    found: dict[int, Function] = {}
    declared = {index for index, section in enumerate(elf.iter_sections()) if section.name == REDACTORS}
    for symbol in table.iter_symbols():
        if symbol["st_info"]["type"] == "STT_FUNC" and symbol["st_size"]:
            start = symbol["st_value"]
            name = symbol.name.removeprefix("program_") if symbol.name == "program_main" else symbol.name
            found[start] = Function(name, start, start + symbol["st_size"], symbol["st_shndx"] in declared)
    names = demangled([function.name for function in found.values()])
    return [attrs.evolve(found[start], name=names.get(found[start].name, found[start].name)) for start in sorted(found)]


def _variables(elf: Any) -> list[tuple[int, int, str]]:
    table = elf.get_section_by_name(".symtab")
    found = []
    for symbol in table.iter_symbols() if table is not None else ():
        if symbol["st_info"]["type"] == "STT_OBJECT" and symbol["st_size"]:
            found.append((symbol["st_value"], symbol["st_size"], symbol.name))
    names = demangled([name for _, _, name in found])
    return sorted((start, size, names.get(name, name)) for start, size, name in found)


@functools.cache  # an exception is named in every execution, and c++filt is a process
def type_name(mangled: str) -> str:
    """A C++ type as it is written, of the name that type_info gives."""
    symbol = f"_ZTS{mangled}"
    return demangled([symbol]).get(symbol, mangled).removeprefix("typeinfo name for ")


def _calls(listing: str) -> dict[int, str]:
    """The addresses behind each call, in order, and what is called."""
    found: dict[int, str] = {}
    called = None
    for line in listing.splitlines():
        instruction = _INSTRUCTION.match(line)
        if instruction is None:
            continue
        if called is not None:
            found[int(instruction[1], 16)] = called
        called = _callee(line) if _CALL.match(instruction[2]) else None
    return found


def _callee(line: str) -> str:
    """By the name that the program has for it: the linker was given that of our model."""
    target = _TARGET.search(line)
    name = target[1] if target else ""
    prefix = next((prefix for prefix in (MODEL, ASIDE) if name.startswith(prefix)), "")
    return name.removeprefix(prefix)
