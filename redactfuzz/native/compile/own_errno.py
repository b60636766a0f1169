"""Functions of a program that do more with the address of errno than look there at once.

All threads of a program are one for the C library, whose errno is at one place: another thread that knows the address
of this one's errno would find its own. What the compilers write of each function shows where such an address goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from redactfuzz.native.compile.symbols import GIVEN_AWAY, Unknown

_ASKED = "__errno_location"
_FUNCTION = re.compile(r";; Function (.+) \([\w.$#]+, funcdef_no|define .*?@\"?([\w.$]+)\"?\(")
_BODY = re.compile(r"  <bb|define ")
_SILENT = re.compile(r"\s*#|\s*;|declare |\s+(?:tail )?call void @llvm\.dbg")
"""What is said of values, and what only debuggers are told."""
_GIVEN = re.compile(rf"\s+(?P<name>%?[\w.$]+) = (?:tail )?(?:call [^@]*@)?{_ASKED} ?\(\)")
_COPY = re.compile(r"\s+(?P<to>[\w.$]+) = (?P<name>[\w.$]+);")
_HOOK = re.compile(r"\s+(?:call void @|__builtin_)__tsan_\w+ ?\(")


def gives_errno_away(text: str) -> Iterator[Unknown]:
    """Where the address is kept or handed on, in gcc's or clang's last form of a source."""
    function, names, inside, before = "", set[str](), False, ""
    for line in text.splitlines():
        if found := _FUNCTION.match(line):
            function, names, inside = found[1] or found[2], set(), False
        inside = inside or _BODY.match(line) is not None
        if given := _GIVEN.match(line):
            names.add(given["name"])
        elif (copied := _COPY.match(line)) and copied["name"] in names and "VDEF" not in before:
            names.add(copied["to"])
        elif inside and not _SILENT.match(line) and _keeps(line, names):
            yield Unknown(f"the address of errno in {function}", GIVEN_AWAY)
        before = line


def _keeps(line: str, names: set[str]) -> bool:
    if _ASKED in line:
        return True
    if _HOOK.match(line):
        return False
    for name in filter(line.__contains__, names):
        one = rf"(?<![\w.%$]){re.escape(name)}(?![\w.])"
        looks = rf"\*{one}|MEM\[\([^&]*\*\){one}\]|(?:ptr|i32\*) {one}(?=, align)"
        if re.search(one, re.sub(looks, "", line)):
            return True
    return False
