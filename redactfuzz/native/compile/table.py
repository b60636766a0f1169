"""The table of library functions, ``native/libc/*.toml``: variants, what each does, and how it is treated.

Models that say no more than their row are made from it (``trivial.py``), and so is ``docs/reference/libc.md``. A row is
a declaration as its header has it, and what there is to say beside it::

    long strtol(const char *text, char **end, int base) | also: __isoc23_* | writes: end?

What a pointer to const leads to is read, what any other leads to may be written. ``reads`` and ``writes`` say it of a
function that is passed on: ``name`` is what the pointer leads to, ``name[SIZE]`` so many bytes, ``name[]`` text up to
its end, ``name[<SIZE]`` up to so many bytes of it, and ``?`` says that it may be NULL. ``also`` are other names of the
same model; ``*`` stands for its own name. ``{8,16}`` in a name makes a function of each. ``waits`` is what it may wait
for, ``gives`` what the caller gets of one that does nothing, ``asks`` one of the questions in ``asked.toml``, ``named``
how C++ writes it.
"""

from __future__ import annotations

import enum
import functools
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs

FOLDER = Path(__file__).resolve().parents[1] / "libc"
_ASKED = "asked.toml"
_REPORTED = "reported.toml"
_BRACES = re.compile(r"\{([^}]*)\}")
_NAME = re.compile(r"(\w+)\(")
_CHECKED = re.compile(r"__(\w+)_chk")


class Treated(enum.Enum):
    """What happens where a program calls a function."""

    MODELLED = "modelled"
    """The runtime has a function of its own."""
    PASSES = "passes"
    """libc's own is called, and the runtime is shown what it reads and writes."""
    GIVES = "gives"
    """Nothing is done."""
    FAILS = "fails"
    """It is not carried out: ENOSYS."""
    STARTS_NOTHING = "starts nothing"
    """No other program is started: EAGAIN."""
    HARMLESS = "harmless"
    """libc's own is called as it is. It writes nothing into the program's memory that outlives it, keeps no state that
    one execution could see of another, and does not block."""
    CONFINED = "confined"
    """libc's own is called as it is. It may write anywhere in the process, which has an execution to itself then and is
    searched as a whole, and may read what is the machine's. It writes no file, talks to nobody, and takes no
    descriptor, stream or path of the program's."""
    OPAQUE = "opaque"
    """The same, but nobody vouches for it; the sense of the group says why."""
    NOT_CARRIED_OUT = "not carried out"
    """As every function of libc that has no row."""


@attrs.frozen
class LibraryFunction:
    """A row, for one name."""

    name: str
    declaration: str
    """The name alone, where no header declares it."""
    variants: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    waits: str = ""
    gives: str = ""
    asks: str = ""
    named: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Its own, and those of its variants."""
        return (self.name, *self.variants)


@attrs.frozen
class Group:
    """Rows of one kind and purpose."""

    treated: Treated
    sense: str
    functions: Mapping[str, tuple[LibraryFunction, ...]]
    """By the header that declares them; in parentheses where there is none."""
    families: tuple[str, ...] = ()
    """Regular expressions: names of the same kind, too many to list, which other versions may have more of."""

    def __iter__(self) -> Iterator[LibraryFunction]:
        return (one for rows in self.functions.values() for one in rows)


@functools.cache
def groups() -> tuple[Group, ...]:
    """All groups, by file and as they stand there."""
    files = (path for path in sorted(FOLDER.glob("*.toml")) if path.name not in (_ASKED, _REPORTED))
    return tuple(_group(one) for path in files for one in tomllib.loads(path.read_text("utf-8"))["group"])


@functools.cache
def questions() -> Mapping[str, str]:
    """What a row may ask for -> in words. The answer is the same in each execution, and another elsewhere."""
    asked: Mapping[str, str] = tomllib.loads((FOLDER / _ASKED).read_text("utf-8"))["asks"]
    return asked


@functools.cache
def reported() -> tuple[frozenset[str], re.Pattern[str]]:
    """Names, and families of names, of functions of which the runtime reports all that they touch."""
    lists = tomllib.loads((FOLDER / _REPORTED).read_text("utf-8"))["reported"]
    names = frozenset(name for one in lists for name in one.get("names", "").split())
    return names, re.compile("|".join(family for one in lists for family in one.get("families", ())) or "(?!)")


def unreported(names: Iterable[str]) -> Iterator[str]:
    """Those of them that touch what nobody reports, as far as is known: see ``libc/reported.toml``.

    ``names`` are functions that a program calls. Those that are no functions of libc are not judged here. Of one
    that is not declared it is not known whether it is handed pointers.
    """
    known, families = reported()
    rows = {name: one for group in groups() for one in group for name in one.names}
    main = dict(variants())
    for name in names:
        row = rows.get(name)
        own = main.get(name, name)
        if own in known or families.fullmatch(name) or (row is None and not is_harmless(name)):
            continue
        declared = "" if row is None else row.declaration
        if "(" not in declared or "*" in declared or treatment()[name] is Treated.MODELLED:
            yield name


@functools.cache
def treatment() -> Mapping[str, Treated]:
    """Name -> how it is treated."""
    return {name: group.treated for group in groups() for one in group for name in one.names}


def is_harmless(name: str) -> bool:
    """Whether a library function may be called as it is, in a process that runs many executions."""
    return treatment().get(name) is Treated.HARMLESS or _family(Treated.HARMLESS).fullmatch(name) is not None


def is_confined(name: str) -> bool:
    """Whether a function of the C library stays within the process; so does the variant that _FORTIFY_SOURCE calls."""
    checked = _CHECKED.fullmatch(name)
    names = (name, checked[1]) if checked else (name,)
    family = _family(Treated.CONFINED)
    return any(treatment().get(one) is Treated.CONFINED or family.fullmatch(one) for one in names)


@functools.cache
def opaque() -> Mapping[str, str]:
    """Name -> what a function does that nobody vouches for."""
    return {one.name: group.sense for group in groups() if group.treated is Treated.OPAQUE for one in group}


def variants() -> Iterator[tuple[str, str]]:
    """(variant, function) where both are one model."""
    for group in groups():
        if group.treated in (Treated.MODELLED, Treated.PASSES):
            yield from ((variant, one.name) for one in group for variant in one.variants)


@functools.cache
def _family(treated: Treated) -> re.Pattern[str]:
    return re.compile("|".join(family for group in groups() if group.treated is treated for family in group.families))


def _group(found: Mapping[str, Any]) -> Group:
    functions = {
        header: tuple(one for line in rows.split("\n") if line for one in _rows(line))
        for header, rows in found.get("functions", {}).items()
    }
    return Group(Treated(found["treated"]), found["sense"], functions, tuple(found.get("families", ())))


def _rows(line: str) -> Iterator[LibraryFunction]:
    """The functions of one line: several, where its name has braces."""
    declaration, *said = line.split(" | ")
    braces = _BRACES.search(declaration)
    if braces:
        for each in braces[1].split(","):
            yield from _rows(line.replace(braces[0], each))
        return
    facts = dict(one.split(": ", 1) for one in said)
    found = _NAME.search(declaration)
    name = found[1] if found else declaration.rpartition(" ")[2].lstrip("*")
    yield LibraryFunction(
        name=name,
        declaration=declaration,
        variants=tuple(one.replace("*", name) for one in facts.pop("also", "").split()),
        reads=tuple(_places(facts.pop("reads", ""))),
        writes=tuple(_places(facts.pop("writes", ""))),
        **facts,
    )


def _places(text: str) -> list[str]:
    """Words, but for what stands in brackets."""
    return re.findall(r"\w+(?:\[[^\]]*\])?\??", text)
