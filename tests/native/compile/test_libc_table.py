"""The table of library functions (redactfuzz/native/libc) says what is so: of models, of headers, of libc itself."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from honest import asked
from links import links, reached
from modelled import MODELS

from redactfuzz.native.compile import build
from redactfuzz.native.compile.compiler import toolchain
from redactfuzz.native.compile.symbols import MODEL, Symbols, exports_of, redirection, unknown
from redactfuzz.native.compile.table import LibraryFunction, Treated, groups

pytestmark = pytest.mark.once

HEADERS = tuple(dict.fromkeys(one for group in groups() for one in group.functions if not one.startswith("(")))
DECLARED = [
    one
    for group in groups()
    for header, rows in group.functions.items()
    for one in rows
    if header in HEADERS and "(" in one.declaration
]
SETTLED = {
    "strsignal": "whether messages are translated",
    "localeconv": "the form of numbers, that of the C locale",
    "malloc_trim": "the heap of the driver's own libc, which holds nothing of the program's",
    "gmtime_r": "the zone, which the model of localtime knows",
    "timegm": "the zone, which the model of localtime knows",
    "pthread_mutexattr_getprioceiling": "the least priority that the kernel has",
    "pthread_mutexattr_setprioceiling": "the least priority that the kernel has",
}
"""What a library notes at the first call, the same in each execution."""


WAIT = "rfn_wait rfn_when rfn_wait_interruptibly"
SLEEP = "rfn_yield"
POINTS = """
    rfn_at rfn_at_bytes rfn_at_piece rfn_at_atomic rfn_cancellation_point rfn_deliver_pending rfn_spawn rfn_finish
    rfn_problem rfn_bug rfn_exit rfn_killed rfn_malloc rfn_free rfn_allocate rfn_release rfn_reallocate rfn_heap_await
"""
"""Others may go on there, or the execution ends. An allocation waits where a handler has interrupted another."""
NEVER_WAITS = {
    "calloc": "an allocation",
    "realloc": "an allocation",
    "pread": "fails where there is something to wait for",
    "pwrite": "fails where there is something to wait for",
    "open_memstream": "closes a stream into which nothing was written",
    "pthread_tryjoin_np": "looks once, by a deadline that is over",
}
"""What shares code with others that do."""


def of(*treated: Treated) -> list[LibraryFunction]:
    return [one for group in groups() if group.treated in treated for one in group]


def said_of(declaration: str, writes: Sequence[str], folder: Path) -> str:
    """What the C library says to a row that somebody made up."""
    name = declaration.partition("(")[0].rpartition(" ")[2].lstrip("*")
    return asked([LibraryFunction(name, declaration, writes=tuple(writes))], HEADERS, folder)[name]


def complaints(declarations: Sequence[str], folder: Path) -> list[str]:
    """What a compiler says to them behind the headers' own."""
    lines = ["#define _GNU_SOURCE"]
    for header in HEADERS:
        lines += [f"#if __has_include(<{header}>)", f"#include <{header}>", "#endif"]
    lines += ["#undef basename"]  # <libgen.h> means another one by it than <string.h>
    source = folder / "declared.c"
    source.write_text("\n".join([*lines, *declarations, ""]), "utf-8")
    command = [*toolchain().compiler_of(source), "-std=gnu11", "-fsyntax-only", "-w", source]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return [line for line in done.stderr.splitlines() if "error:" in line]


def declared(one: LibraryFunction) -> str:
    return f"extern {one.declaration.replace(f'{one.name}(', f'({one.name})(', 1)};"


def test_every_model_has_its_row_and_every_row_its_model() -> None:
    exports = exports_of(toolchain(), build.driver(toolchain()))
    models = {name.removeprefix(MODEL) for name in exports if name.startswith(MODEL)}
    rows = {name for one in of(*MODELS) for name in one.names}
    assert len(models) > 800
    assert sorted(models - rows) == [], "no row"
    assert sorted(rows - models) == [], "no model"


def test_every_declaration_is_that_of_its_header(tmp_path: Path) -> None:
    assert len(DECLARED) > 1000
    assert complaints([declared(one) for one in DECLARED], tmp_path) == []


def test_a_wrong_declaration_is_accused(tmp_path: Path) -> None:
    wrong = LibraryFunction("strlen", "int strlen(const char *text)")
    assert len(complaints([declared(wrong)], tmp_path)) == 1


def test_what_is_called_as_it_is_writes_where_its_row_says_and_nowhere_else(tmp_path: Path) -> None:
    """Of what is harmless and what is passed on: memory of the caller's that a row does not name cannot be written
    there, and what libraries keep is the same afterwards."""
    found = asked(of(Treated.HARMLESS, Treated.PASSES), HEADERS, tmp_path)
    assert sum(one == "ok" for one in found.values()) > 200
    wrong = {name: said for name, said in found.items() if said not in ("ok", "is not here")}
    assert wrong == dict.fromkeys(SETTLED, "changes what its library keeps")


@pytest.mark.parametrize(
    ("declaration", "writes", "said"),
    [
        ("char *strcpy(char *to, const char *from)", [], "writes where it must not (signal 11)"),
        ("size_t confstr(int name, char *buffer, size_t size)", [], "writes where it must not (signal 11)"),
        ("int rand(void)", [], "changes what its library keeps"),
        ("double lgamma(double value)", [], "changes what its library keeps"),
        ("struct tm *gmtime(const time_t *time)", [], "changes what its library keeps"),
        ("char *strncpy(char *to, const char *from, size_t size)", ["to[4]"], "writes more than its row says"),
        ("char *strncpy(char *to, const char *from, size_t size)", ["to[size]"], "ok"),
    ],
)
def test_a_row_that_says_too_little_is_accused(
    declaration: str, writes: list[str], said: str, tmp_path: Path
) -> None:
    assert said_of(declaration, writes, tmp_path) == said


def test_what_waits_says_so_and_nothing_else() -> None:
    names, graph = links(build.driver(toolchain()))
    assert {*WAIT.split(), *SLEEP.split(), *POINTS.split()} <= set(names)
    waits, sleeps, points = ({names[one] for one in each.split()} for each in (WAIT, SLEEP, POINTS))
    modelled = [one for one in of(Treated.MODELLED) if f"model_{one.name}" in names]
    wrong = set()
    for one in modelled:
        ends = sleeps if one.waits == "virtual time" else waits
        if bool(reached(names[f"model_{one.name}"], graph, points) & ends) != bool(one.waits):
            wrong.add(one.name)
    assert len(modelled) > 500
    assert wrong == set(NEVER_WAITS)


def test_what_has_a_row_is_treated_as_it_says_by_the_build() -> None:
    """One of each kind, through the rules that a build goes by."""
    exports = exports_of(toolchain(), build.driver(toolchain()))
    names = {"memcpy", "strtol", "sendfile", "execv", "abs", "acosl", "gethostname", "dlopen", "ctermid", "lseek64"}
    wanted = Symbols(frozenset(), frozenset(names))
    assert set(redirection(wanted, exports)) == {"memcpy", "strtol", "sendfile", "execv", "lseek64"}
    left = {one.name: one.reaches_out for one in unknown(wanted, exports, libc=frozenset(names))}
    assert left == {"gethostname": False, "dlopen": False, "ctermid": True}

