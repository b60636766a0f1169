"""Accesses of a program that no hook announces, read off what its compiler wrote of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from redactfuzz.native.compile import stores
from redactfuzz.native.compile.bit_fields import written_whole
from redactfuzz.native.compile.compiler import Toolchain
from redactfuzz.native.compile.loads import unhooked_loads
from redactfuzz.native.compile.own_errno import gives_errno_away
from redactfuzz.native.compile.symbols import Symbols, Unknown, constants, readable
from redactfuzz.native.compile.unhooked import unhooked_in

LAST, LLVM = ".last", ".ll"
"""Endings of the last form of each function, as gcc writes it, and as clang does."""
_STARTS = re.compile(r"(?:pthread_create|thrd_create|fork|_ZNSt6thread15_M_start_thread.*)$")
"""A program that calls none of them has one thread, shares no memory, and misses no turn of others."""


def hidden(tools: Toolchain, objects: Sequence[Path], code: str, symbols: Symbols) -> Iterator[Unknown]:
    """Accesses without a hook, as what the compilers write and, where gcc leaves something open, the code show them."""
    repeats, threads = stores.repeats(code), any(map(_STARTS.match, symbols.undefined))
    by_gcc = [path for path in (each.with_suffix(LAST) for each in objects) if path.exists()]
    by_clang = [path for path in (each.with_suffix(LLVM) for each in objects) if path.exists()]
    dumps = [dump.read_text("utf-8", "replace") for dump in by_gcc]
    functions = symbols.undefined.union(*(stores.functions_in(dump) for dump in dumps))
    fixed = constants(tools, objects) if by_gcc else None
    for dump in dumps:
        yield from dict.fromkeys(stores.hidden_in(dump, repeats))
        read = unhooked_loads(dump, fixed, symbols.undefined, repeats) if fixed else ()
        whole = readable(list(dict.fromkeys((*stores.given_whole(dump, functions), *read, *gives_errno_away(dump)))))
        yield from (one for one in whole if threads or not one.turns_only)
    if threads and by_gcc:
        yield from readable(list(dict.fromkeys(written_whole(tools, objects, dumps))))
    for form in by_clang:
        text = form.read_text("utf-8", "replace")
        found = readable(list(dict.fromkeys((*unhooked_in(text), *gives_errno_away(text)))))
        yield from (one for one in found if threads or not one.turns_only)
    if by_gcc:
        yield from stores.instructions(code)
    for form in (*by_gcc, *by_clang):
        form.unlink()
