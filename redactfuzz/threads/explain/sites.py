"""Names of sites, and the numbers that stand for them in the exploration core."""

from __future__ import annotations

from functools import cached_property
from itertools import islice
from types import CodeType

import attrs

from redactfuzz.model.schedule import Site
from redactfuzz.threads import _hooks
from redactfuzz.threads.explain.literals import line_of

START = "<start>"
"""Module of a thread's site before its first step; its function is the thread's name."""
NUMBER = "<number>"
"""Module of a site whose name is not known (the process died before it could be asked): its function is the number."""

_BASIS, _PRIME, _MASK = 0xCBF29CE484222325, 0x100000001B3, (1 << 64) - 1


def number_of(site: Site) -> int:
    """The number that ``codes.c`` gives the site: FNV-1a over module, function and place, each with its NUL byte."""
    if site.module == NUMBER:
        return int(site.function, 16)
    value = _BASIS
    for text in (site.module, site.function, site.place):
        for byte in text.encode() + b"\0":
            value = ((value ^ byte) * _PRIME) & _MASK
    return value or 1


@attrs.frozen
class Place:
    """Where a site lies in the source."""

    site: Site
    file: str = ""
    line: int = 0
    function: str = ""

    @cached_property
    def source(self) -> str:
        """The source line, or nothing where it cannot be read. It shows no part of a ``literal``."""
        return line_of(self.file, self.line) if self.file else ""


def place_of(code: CodeType, index: int) -> Place:
    """The place of instruction ``index`` of ``code``; a negative index is the function's entry."""
    site = Site(*_hooks.site_name(code, index))
    line = code.co_firstlineno
    if index >= 0:
        line = next((found for found, *_ in islice(code.co_positions(), index, index + 1)), None) or line
    return Place(site, code.co_filename, line, code.co_qualname)


def line_of_site(code: CodeType, index: int) -> str:
    """``module:function+LINE``, the line as it is counted from the function's first one."""
    place = place_of(code, index)
    return f"{place.site.module}:{place.site.function}+{place.line - code.co_firstlineno}"


def start_of(thread: str) -> Place:
    """The site of a thread before its first step."""
    return Place(Site(START, thread, ""))


def unknown(number: int) -> Place:
    """A site of which only the number is known."""
    return Place(Site(NUMBER, f"{number:x}", "")) if number else Place(Site("", "", ""))


def nameless(site: Site) -> Site:
    """The same site, with its number alone."""
    return unknown(number_of(site)).site
