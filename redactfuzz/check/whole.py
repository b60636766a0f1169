"""A whole certificate: its header, the tree, its trailer."""

from __future__ import annotations

from typing import IO, Any, NamedTuple

from redactfuzz.check.reading import Lines, Rejected
from redactfuzz.check.tree import Tree

VERSION = 1
"""Of the format."""


class Accepted(NamedTuple):
    """A certificate in which nothing is missing."""

    header: dict[str, Any]
    executions: int
    repeated: int
    steps: int


def check(file: IO[bytes]) -> Accepted:
    """Reads a certificate to its end. Raises Rejected with the line and the reason, OSError where it cannot be read."""
    lines, tree = Lines(file), Tree()
    found: Accepted | None = None
    header: dict[str, Any] | None = None
    for line in lines:
        tree.line = lines.number
        if found is not None:
            raise Rejected(lines.number, "more follows the trailer")
        if header is None:
            header = _header(line)
        elif "sha256" in line:
            found = _trailer(line, lines, header, tree)
        elif "lost" in line:
            raise Rejected(lines.number, "an execution has no whole record")
        elif "step" in line:
            tree.step(lines.step(line))
        else:
            tree.root(lines.node(line))
    if found is None:
        raise Rejected(lines.number, "it has no trailer: the search was not written to its end")
    return found


def _header(line: dict[str, Any]) -> dict[str, Any]:
    version = line.get("rfproof")
    if type(version) is not int or version < 1:
        raise Rejected(1, "this is no certificate of redactfuzz (rfproof)")
    if version > VERSION:
        raise Rejected(1, f"it is of version {version}, which is newer than {VERSION}: update redactfuzz")
    sources = line.get("sources")
    if type(sources) is not dict or not all(type(each) is str for each in sources.values()):
        raise Rejected(1, "its header has not the fields that its format says")
    return line


def _trailer(line: dict[str, Any], lines: Lines, header: dict[str, Any], tree: Tree) -> Accepted:
    if line.keys() != {"sha256", "lines", "executions", "repeated", "exhausted", "cut"}:
        raise Rejected(lines.number, "the trailer has not the fields that its format says")
    if line["exhausted"] is not True or line["cut"] is not False:
        raise Rejected(lines.number, "it says itself that the search did not come to its end, or left something out")
    tree.end()
    for name, counted in (("lines", lines.number), ("executions", tree.executions), ("repeated", tree.repeated)):
        if line[name] != counted or type(line[name]) is not int:
            raise Rejected(lines.number, f"the number of its {name} is not the {counted:,} that are there")
    if line["sha256"] != lines.digest:
        raise Rejected(lines.number, "its digest is of other lines")
    return Accepted(header, tree.executions, tree.repeated, tree.steps)
