"""Executions of a certificate: a few of its leaves, drawn by chance, each with all steps from the root to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random
from typing import IO, Any

import attrs

from redactfuzz.check.reading import Lines, Node, Step, Told, ensure


@attrs.frozen
class Leaf:
    """An execution, as its record has it."""

    number: int
    """From 1, in the order of the file."""
    line: int
    """Of its last step."""
    root: Node
    steps: tuple[Step, ...]

    @property
    def whole(self) -> bool:
        """It came to an end of its own: what follows one that was left as a repetition is not in the file."""
        return self.steps[-1].node.leaf != "asleep"

    @property
    def threads(self) -> Mapping[int, int]:
        """Of each process: a thread, or a crash."""
        told = [*self.root.told, *(each for step in self.steps for each in step.node.told)]
        return {each.process: each.thread for each in told}


@attrs.frozen
class Sample:
    """What was drawn of a file."""

    leaves: tuple[Leaf, ...]
    """In their order."""
    whole: tuple[Leaf, ...]
    """Those of them that came to an end of their own; where there is none, another one that did."""
    executions: int
    """Of the file."""
    facts: Mapping[str, Any]
    """Its header, with what its trailer adds."""


def sampled(file: IO[bytes], count: int, chance: Random) -> Sample:
    """Draws so many leaves, or all of them where there are not so many, each as likely as any other.

    ``file`` was accepted before. In memory are those that are drawn (Vitter's algorithm R, 1985).
    """
    drawn: list[Leaf] = []
    some, wholes, executions = None, 0, 0
    facts: dict[str, Any] = {}
    for leaf in _leaves(Lines(file), facts):
        executions += 1
        at = chance.randrange(executions)
        if len(drawn) < count:
            drawn.append(leaf)
        elif at < count:
            drawn[at] = leaf
        if leaf.whole:
            wholes += 1
            some = leaf if chance.randrange(wholes) == 0 else some
    drawn.sort(key=lambda leaf: leaf.number)
    whole = [leaf for leaf in drawn if leaf.whole] or ([some] if some is not None else [])
    return Sample(tuple(drawn), tuple(whole), executions, facts)


def _leaves(lines: Lines, facts: dict[str, Any]) -> Iterator[Leaf]:
    root, path, number = None, list[Step](), 0
    for line in lines:
        if "step" in line:
            step = lines.step(line)
            del path[step.depth :]
            path.append(step)
            if step.node.leaf and root is not None:
                number += 1
                yield Leaf(number, lines.number, root, tuple(path))
        elif "told" in line:
            root, path = lines.node(line), []
        else:
            further = {name: line[name] for name in ("sources", "packages") if facts and type(line.get(name)) is dict}
            facts |= {name: facts.get(name, {}) | files for name, files in further.items()} if facts else line


def one_of(file: IO[bytes]) -> tuple[Node, tuple[Step, ...], bool] | None:
    """The one execution that a record has, and whether it was left in its midst, where its last node is not known.

    None where it has none. Raises Rejected.
    """
    lines, root, left = Lines(file), None, False
    steps: list[Step] = []
    for line in lines:
        if left:
            break
        ensure(lines.number, "lost" not in line, "the execution has no whole record")
        if left := line.get("leaf") == "none":
            line["leaf"] = ""
        if "step" in line:
            steps.append(lines.step(line))
        else:
            root, steps = lines.node(line), []
    return None if root is None else (root, tuple(steps), left)


def new_in(step: Step, known: set[int]) -> list[Told]:
    """Processes that were first announced behind a step; they are known from then on."""
    found = [each for each in step.node.told if each.process not in known]
    known |= {each.process for each in found}
    return found
