"""Bit fields that share bytes with others: gcc announces that one is written, and not that the others are read for it.

``state.wiped = 1`` reads the byte, changes one bit and writes it. The hook stands before all three, so that a thread
which writes the field beside it never has its turn in their midst, as it has in reality. (clang is told to put a hook
before each of them.)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from redactfuzz.native.compile.compiler import Toolchain, ran
from redactfuzz.native.compile.symbols import READS, Unknown

_TAG = re.compile(r" <(?P<depth>\d+)><\w+>: Abbrev Number: \d+ \(DW_TAG_(?P<tag>\w+)\)")
_ATTRIBUTE = re.compile(r" +<\w+> +DW_AT_(?P<name>name|bit_size) *: (?:\(indirect [^)]*\): )?(?P<value>.*\S)")
_FUNCTION = re.compile(r";; Function (?P<name>.+) \([\w.$#]+, funcdef_no")
_HOOK = re.compile(r"\s+(?:\[[^\]]*\] )?__builtin___tsan_write\w+ \(")
_STORE = re.compile(r"\s+(?:\[[^\]]*\] )?\S[^=]*(?:\.|->)(?P<field>\w+) =(?:\{v\})? ")
_SILENT = re.compile(r"\s*#|\s*$")
"""What is said of values, and what only debuggers are told."""


def written_whole(tools: Toolchain, objects: Sequence[Path], dumps: Iterable[str]) -> Iterator[Unknown]:
    """Stores to such fields. ``objects`` hold what debuggers are told, ``dumps`` are gcc's last forms of sources."""
    if "DW_AT_bit_size" not in ran([tools.objdump, "--dwarf=abbrev", *objects], _UNREADABLE):
        return  # the rest takes long where there is much
    fields = frozenset(beside_others(ran([tools.objdump, "--dwarf=info", *objects], _UNREADABLE)))
    for dump in dumps:
        yield from _stores(dump, fields)


_UNREADABLE = "What debuggers are told of the program cannot be read"


def beside_others(info: str) -> Iterator[str]:
    """Names of bit fields of structs that have several, out of what objdump shows of DWARF (5, section 5.7.6)."""
    found: dict[int, list[str]] = {}
    depth, name = 0, ""
    for line in info.splitlines():
        if tag := _TAG.match(line):
            depth, name = int(tag["depth"]), ""
            for deeper in [each for each in found if each > depth]:
                yield from _several(found.pop(deeper))
        elif attribute := _ATTRIBUTE.match(line):
            if attribute["name"] == "name":
                name = attribute["value"]
            else:
                found.setdefault(depth, []).append(name)
    for rest in found.values():
        yield from _several(rest)


def _several(fields: list[str]) -> list[str]:
    return fields if len(fields) > 1 else []


def _stores(dump: str, fields: frozenset[str]) -> Iterator[Unknown]:
    """Those that have a hook: fields of local variables, which nobody else knows, have none."""
    function, hooked = "", False
    for line in dump.splitlines():
        if found := _FUNCTION.match(line):
            function = found["name"]
        elif hooked and (store := _STORE.match(line)) and store["field"] in fields:
            yield Unknown(
                f"a store to the bit field {store['field']} in {function}, which has others beside it,", READS
            )
        if not _SILENT.match(line):
            hooked = _HOOK.match(line) is not None
