"""What a C source includes, however it is written: read as the preprocessor does, without running one."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator

# A path in angle brackets is looked at before comments: `<a//b.h>` holds none.
PIECE = re.compile(
    r"(?P<kept>(?:(?<=include)|(?<=include_next)|(?<=import))[ \t]*<[^>\n]*>"
    r'|"(?:[^"\\\n]|\\.)*"' + r"|'(?:[^'\\\n]|\\.)*')"
    r"|/\*.*?\*/|//[^\n]*",
    re.DOTALL,
)
DIRECTIVE = re.compile(r"^\s*(?:#|%:|\?\?=)[ \t\f\v]*(include_next|include|import)\b[ \t\f\v]*([^\n]*)", re.MULTILINE)

DEFINE = re.compile(r"^\s*(?:#|%:)\s*define\s+\w+(?:\(([^)]*)\))?([^\n]*)", re.MULTILINE)


def uncommented(text: str) -> str:
    """Lines as they are once continued ones are joined and each comment is a space."""
    return PIECE.sub(lambda piece: piece["kept"] or " ", text.replace("\\\r\n", "").replace("\\\n", ""))


def included(text: str, ours: Collection[str]) -> Iterator[str]:
    """Headers of ours by their path, and whatever cannot be told from one as it stands.

    Only a plain path in angle brackets that is none of ours is left out: it is one of the system.
    """
    for verb, written in DIRECTIVE.findall(uncommented(text)):
        written = written.strip()
        named = re.fullmatch(r'<([^>]+)>|"([^"]+)"', written)
        if named is None or verb != "include":
            yield f"{verb} {written}"  # a macro in the place of a path; another place to begin to look
        elif (name := named[1] or named[2]) in ours or named[2] or posixpath.normpath(name) != name or name[:2] == "..":
            yield name


def pasted(text: str) -> Iterator[re.Pattern[str]]:
    """What the names look like that macros make of pieces: a parameter may stand for anything."""
    for parameters, body in DEFINE.findall(uncommented(text)):
        anything = {each.strip() for each in parameters.split(",")} | {"__VA_ARGS__"}
        for made in re.findall(r"\w+(?:\s*##\s*\w+)+", body):
            pieces = re.split(r"\s*##\s*", made)
            yield re.compile("".join(r"\w*" if piece in anything else re.escape(piece) for piece in pieces))
