"""A whole certificate: its header, the tree, its trailer."""

from __future__ import annotations

from typing import IO, Any

from redactfuzz.check.reading import Lines, ensure
from redactfuzz.check.tree import Tree

VERSION = 1
"""Of the format."""


def check(file: IO[bytes]) -> Tree:
    """Reads a certificate to its end, in which nothing is missing then.

    Raises Rejected with the line and the reason, OSError where it cannot be read.
    """
    lines, tree, ended = Lines(file), Tree(), False
    for line in lines:
        tree.line = lines.number
        ensure(lines.number, not ended, "more follows the trailer")
        ensure(lines.number, "lost" not in line and line.get("leaf") != "none", "an execution has no whole record")
        if lines.number == 1:
            tree.header = _header(line)
        elif "sha256" in line:
            _trailer(line, lines, tree)
            ended = True
        elif "step" in line:
            tree.step(lines.step(line))
        else:
            tree.root(lines.node(line))
    ensure(lines.number + 1, ended, "it has no trailer: the search was not written to its end")
    return tree


def _header(line: dict[str, Any]) -> dict[str, Any]:
    version: Any = line.get("rfproof")
    ensure(1, type(version) is int and version > 0, "this is no certificate of redactfuzz (rfproof)")
    ensure(1, version <= VERSION, f"it is of version {version}, which is newer than {VERSION}: update redactfuzz")
    ensure(1, _is_sources(line.get("sources")), "its header has not the fields that its format says")
    return line


def _is_sources(value: Any) -> bool:
    return type(value) is dict and all(type(each) is str for each in value.values())


def _trailer(line: dict[str, Any], lines: Lines, tree: Tree) -> None:
    right = line.keys() - {"sources", "packages"} == {"sha256", "lines", "executions", "repeated", "exhausted", "cut"}
    right = right and _is_sources(line.get("sources", {}))
    ensure(lines.number, right, "the trailer has not the fields that its format says")
    tree.header["sources"] |= line.get("sources", {})
    right = line["exhausted"] is True and line["cut"] is False
    ensure(lines.number, right, "it says itself that the search did not come to its end, or left something out")
    tree.end()
    for name, counted in (("lines", lines.number), ("executions", tree.executions), ("repeated", tree.repeated)):
        right = line[name] == counted and type(line[name]) is int
        ensure(lines.number, right, f"the number of its {name} is not the {counted:,} that are there")
    ensure(lines.number, line["sha256"] == lines.digest, "its digest is of other lines")
