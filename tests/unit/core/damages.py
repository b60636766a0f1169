"""Damages to the tree of a certificate: each gives lines in which something is missing, or is not as it was."""

from __future__ import annotations

import contextlib
import copy
import io
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

import attrs
from trees import Line, Tree

from redactfuzz.check.order import DUMP
from redactfuzz.check.reading import Lines, Node, Rejected
from redactfuzz.check.standing import Process
from redactfuzz.check.tree import Place, Slept
from redactfuzz.check.tree import Tree as Tree_


@attrs.frozen
class Child:
    """Lines [first, end) of a tree: what was explored from a node by one of several processes."""

    first: int
    end: int
    last: bool
    """Of its node."""


def children(lines: Sequence[Line]) -> Iterator[Child]:
    """Those that have brothers."""
    at, born = {-1: 0}, defaultdict[int, list[int]](list)
    for number, line in enumerate(lines[1:], 1):
        born[at[line["step"] - 1]].append(number)
        at[line["step"]] = number
    for brothers in born.values():
        for first in brothers if len(brothers) > 1 else ():
            end = first + 1
            while end < len(lines) and lines[end]["step"] > lines[first]["step"]:
                end += 1
            yield Child(first, end, first == brothers[-1])


def new(lines: Sequence[Line], child: Child) -> bool:
    """Is there an execution in it that is no repetition of others? Without repetitions nothing is missing."""
    return any(line.get("leaf", "asleep") != "asleep" for line in lines[child.first : child.end])


def cut(tree: Tree, chance: random.Random) -> Iterator[list[Line]]:
    """A subtree is missing: the last of its node, so that nobody's sleep tells."""
    lines = tree.lines
    whole = [child for child in children(lines) if child.last and new(lines, child)]
    if whole:
        child = chance.choice(whole)
        yield [*lines[: child.first], *lines[child.end :]]


class Mending(Tree_):
    """Goes through a tree in which something is missing, and says who would be asleep at each of its nodes."""

    def __init__(self) -> None:
        super().__init__()
        self.asleep: list[int] = []

    def _place(self, node: Node, processes: dict[int, Process], asleep: dict[int, Slept]) -> Place:
        self.asleep.append(sum(1 << each for each in asleep))
        leaves = node.leaf in ("end", "over")
        return super()._place(node if leaves else node._replace(asleep=self.asleep[-1]), processes, asleep)


def cut_and_mended(tree: Tree, chance: random.Random) -> Iterator[list[Line]]:
    """A subtree is missing, any but the last of its node, and who sleeps elsewhere is as if it had never been."""
    lines = [dict(line) for line in tree.lines]
    whole = [child for child in children(lines) if not child.last and new(lines, child)]
    if not whole:
        return
    child = chance.choice(whole)
    del lines[child.first : child.end]
    mending, reading = Mending(), Lines(io.BytesIO())
    with contextlib.suppress(Rejected):  # as the checker will see as well
        for line in lines:
            mending.step(reading.step(dict(line))) if "step" in line else mending.root(reading.node(dict(line)))
    for line, asleep in zip(lines, mending.asleep, strict=False):
        line["asleep"] = asleep if line.get("leaf", "asleep") == "asleep" else line["asleep"]
    yield lines


def cut_short(tree: Tree, chance: random.Random) -> Iterator[list[Line]]:
    """An execution ends early, as if all were asleep, or had ended, or were ended by a step that cannot do so."""
    inner = [
        number
        for number, line in enumerate(tree.lines)
        if number and "leaf" not in line and all(words[0] for words in line["touched"])
    ]
    if inner:
        lines, number = [dict(line) for line in tree.lines], chance.choice(inner)
        depth, end = lines[number]["step"], number + 1
        while end < len(lines) and lines[end]["step"] > depth:
            end += 1
        lines[number] |= {"leaf": chance.choice(["asleep", "end", "over"]), "outcome": 0}
        yield [*lines[: number + 1], *lines[end:]]


def another_sleep(tree: Tree, chance: random.Random) -> Iterator[list[Line]]:
    """Somebody more is asleep at a node, or somebody less."""
    lines = list(copy.deepcopy(tree.lines))
    nodes = [line for line in lines if line["able"] and line.get("leaf") not in ("end", "over")]
    line = chance.choice(nodes)
    line["asleep"] ^= line["able"] & -line["able"]
    yield lines


def woken(lines: Sequence[Line], child: Child) -> bool:
    """Does what sleeps there from then on wake in one of its brothers, and by nothing but what both touch?"""
    process, depth = lines[child.first]["by"], lines[child.first]["step"]
    asleep = {depth: True}
    for line in lines[child.end :]:
        at = line["step"]
        if at < depth:
            return False
        slept, asleep[at + 1] = asleep.get(at, False), False
        if slept and line["by"] != process:
            told = {words[0] for words in line["told"]}
            asleep[at + 1] = bool(line["asleep"] >> process & 1)
            plain = not line["ends"] and process not in told and line.get("leaf") not in ("end", "over")
            if plain and not asleep[at + 1]:
                return True
    return False


def forgotten(tree: Tree, chance: random.Random) -> Iterator[list[Line]]:
    """What a sleeper touches is not told, though somebody woke it by that."""
    found = [
        child
        for child in children(tree.lines)
        if not tree.lines[child.first]["ends"] and not child.last and woken(tree.lines, child)
    ]
    if found:
        lines = list(copy.deepcopy(tree.lines))
        lines[chance.choice(found).first]["touched"] = []
        yield lines


def left_out(tree: Tree, chance: random.Random) -> Iterator[list[Line]]:
    """Somebody could go on at a node, who is not among those that could be chosen."""
    lines = list(copy.deepcopy(tree.lines))
    line = chance.choice([line for line in lines if line["able"]])
    line["able"] &= line["able"] - 1
    yield lines


def leaked(tree: Tree, chance: random.Random) -> Iterator[list[Line]]:
    """A secret came out."""
    lines = list(copy.deepcopy(tree.lines))
    chance.choice([line for line in lines if "leaf" in line])["outcome"] = 1
    yield lines


def told(lines: Sequence[Line]) -> Iterator[tuple[int, list[int]]]:
    """Each step that was chosen as it was announced, with what was: the words, of which the fifth is the object."""
    at: dict[int, dict[int, list[int]]] = {-1: {}}
    for number, line in enumerate(lines):
        before = at[line.get("step", 0) - 1]
        if line.get("how") == 1 and len(before[line["by"]]) > 4:
            yield number, before[line["by"]]
        at[line.get("step", -1)] = before | {words[0]: words for words in line["told"]}


def not_what_was_told(tree: Tree, chance: random.Random) -> Iterator[list[Line]]:
    """A step has not touched what it announced: another object, or nothing."""
    steps = [number for number, words in told(tree.lines) if words[4] not in (0, DUMP)]
    steps = [number for number in steps if not any(words[0] == 0 for words in tree.lines[number]["touched"])]
    if steps:
        lines, number = list(copy.deepcopy(tree.lines)), chance.choice(steps)
        lines[number]["touched"] = [[77, *words[1:]] for words in lines[number]["touched"]] * chance.randint(0, 1)
        yield lines


def told_otherwise(tree: Tree, chance: random.Random) -> Iterator[list[Line]]:
    """Another object is announced than the one that is touched."""
    steps = [(number, words) for number, words in told(tree.lines) if words[4] not in (0, DUMP)]
    steps = [(at, words) for at, words in steps if not any(each[0] == 0 for each in tree.lines[at]["touched"])]
    if steps:
        _, wanted = chance.choice(steps)
        lines = [dict(line) for line in tree.lines]
        for line in lines:
            line["told"] = [[*each[:4], 77, *each[5:]] if each is wanted else each for each in line["told"]]
        yield lines


def another_thread(tree: Tree, chance: random.Random) -> Iterator[list[Line]]:
    """A process is another thread from some announcement on."""
    lines = list(copy.deepcopy(tree.lines))
    later = [words for line in lines if "step" in line for words in line["told"] if words[0] == line["by"]]
    if later:
        chance.choice(later)[1] += 60
        yield lines


def crashed_in_secret(tree: Tree, chance: random.Random) -> Iterator[list[Line]]:
    """A crash has not touched everything, or not what a dump shows."""
    lines = list(copy.deepcopy(tree.lines))
    crashes = [line for line in lines if line.get("how") == 3]
    if crashes:
        del chance.choice(crashes)["touched"][chance.randint(0, 1)]
        yield lines


def leaked_on_the_way(tree: Tree, chance: random.Random) -> Iterator[list[Line]]:
    """A secret came out where an execution does not end."""
    lines = list(copy.deepcopy(tree.lines))
    chance.choice([line for line in lines if "leaf" not in line])["outcome"] = 1
    yield lines


Damage = Callable[[Tree, random.Random], Iterator[list[Line]]]


DAMAGES = (
    *(cut, cut_and_mended, cut_short, another_sleep, forgotten, left_out, leaked, leaked_on_the_way),
    *(not_what_was_told, told_otherwise, another_thread, crashed_in_secret),
)
