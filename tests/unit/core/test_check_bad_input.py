"""A certificate that is none: a clear rejection with its line, never a traceback, and in little memory."""

from __future__ import annotations

import ast
import gzip
import io
import json
import random
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from core_model import EventKind
from trees import HEADER, Line, certificate, why_rejected

import redactfuzz.check
from redactfuzz.check import Rejected, check
from redactfuzz.check.order import Path as Path_
from redactfuzz.check.order import conflict
from redactfuzz.check.reading import Access
from redactfuzz.model.plan import Policy, Stage
from redactfuzz.schedule.engine import Act, Engine
from redactfuzz.schedule.record import record_of

pytestmark = pytest.mark.once


def tree_of(*kinds: EventKind) -> list[Line]:
    """Of two threads that each do this to one variable."""
    engine = Engine((Stage(Policy.DPOR, proof=True),), 0, threads=8, steps=100)
    text = b""
    while engine.begin():
        done = [0, 0]
        for thread in (0, 1):
            engine.pend(thread, site=1, kind=kinds[0], object=1)
        while (choice := engine.choose()).action is not Act.NOTHING:
            done[choice.thread] += 1
            if done[choice.thread] < len(kinds):
                engine.pend(choice.thread, site=2, kind=kinds[done[choice.thread]], object=1)
        engine.end()
        text += record_of(engine)
    assert engine.report(0).exhausted
    return [json.loads(line) for line in text.splitlines()]


TREE = tree_of(EventKind.READ, EventKind.WRITE)
WHOLE = certificate(TREE)
TEXT = gzip.decompress(WHOLE)


TRAILER = b'{"sha256":"","lines":2,"executions":0,"repeated":0,"exhausted":true,"cut":false}\n'


def packed(text: bytes) -> bytes:
    return gzip.compress(text, 1, mtime=0)


def with_line(number: int, line: bytes) -> bytes:
    lines = TEXT.split(b"\n")
    return packed(b"\n".join([*lines[: number - 1], line, *lines[number:]]))


def test_the_tree_of_two_increments_is_accepted() -> None:
    found = check(io.BytesIO(WHOLE))
    assert (found.executions, found.repeated, found.steps) == (4, 0, 13)


def test_a_stage_that_records_nothing_tells_nothing() -> None:
    engine = Engine((Stage(Policy.DPOR), Stage(Policy.RANDOM, limit=2)), 0)
    told = []
    while engine.begin():
        engine.pend(0, site=1, kind=EventKind.READ, object=1)
        engine.choose()
        engine.end()
        told.append(record_of(engine))
    assert told == [b""] * 3


FILES: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "cut off"),
    "a text": (TEXT, "cannot be unpacked"),
    "NUL bytes": (b"\0" * 5000, "cannot be unpacked"),
    "cut off in the middle": (WHOLE[: len(WHOLE) // 2], "cut off"),
    "cut off at its end": (WHOLE[:-1], "cut off"),
    "packed bytes that changed": (WHOLE[:30] + bytes([WHOLE[30] ^ 255]) + WHOLE[31:], ""),
    "its sum is wrong": (WHOLE[:-8] + b"\0" * 8, "cannot be unpacked"),
    "followed by another": (WHOLE + WHOLE, "more follows the end"),
    "followed by a byte": (WHOLE + b"\0", "more follows the end"),
    "no trailer": (packed(TEXT[: TEXT.rindex(b"{")]), "no trailer"),
    "a last line without an end": (packed(TEXT[:-1]), "has no end"),
    "a line after the trailer": (packed(TEXT + TEXT.splitlines()[-1] + b"\n"), "more follows the trailer"),
    "NUL bytes in a line": (with_line(3, b"\0\0"), "line 3: it is no object of JSON"),
    "no JSON": (with_line(3, b"{"), "line 3: it is no object of JSON"),
    "a list": (with_line(3, b"[1]"), "line 3: it is no object of JSON"),
    "other characters": (with_line(3, b'{"step":"\xff"}'), "line 3: it is no object of JSON"),
    "deep": (with_line(3, b"[" * 100_000), "line 3: it is no object of JSON"),
    "a number of 5,000 digits": (with_line(3, b'{"step":' + b"1" * 5000 + b"}"), "line 3: it is no object of JSON"),
    "a long line": (with_line(3, b" " * (3 << 20) + b"{}"), "line 3: it is longer than"),
    "an execution that is lost": (with_line(3, b'{"lost":1}'), "line 3: an execution has no whole record"),
    "two roots": (with_line(3, TEXT.split(b"\n")[1]), "line 3: there is another root"),
    "no root": (with_line(2, TEXT.split(b"\n")[2]), "line 2: nothing goes on"),
    "neither root nor steps": (packed(TEXT.partition(b"\n")[0] + b"\n" + TRAILER), "line 2: it has no root"),
    "an execution left in its midst": (
        with_line(3, TEXT.split(b"\n")[2][:-1] + b',"leaf":"none"}'),
        "line 3: an execution has no whole record",
    ),
    "no header": (packed(TEXT.partition(b"\n")[2]), "line 1: this is no certificate"),
}


@pytest.mark.parametrize("name", FILES)
def test_what_is_no_certificate_is_rejected_with_a_reason(name: str) -> None:
    file, reason = FILES[name]
    said = why_rejected(file)
    assert said.startswith("line ")
    assert reason in said


def test_lines_are_counted_from_one() -> None:
    said = [why_rejected(b""), why_rejected(packed(b"")), why_rejected(packed(TEXT[: TEXT.rindex(b"{")]))]
    assert [each.partition(":")[0] for each in said] == ["line 1", "line 1", f"line {len(TREE) + 2}"]


@pytest.mark.parametrize("version", [2, 10**9])
def test_a_newer_version_is_named(version: int) -> None:
    assert "newer" in why_rejected(certificate(TREE, {**HEADER, "rfproof": version}))


@pytest.mark.parametrize("version", [0, -1, True, 1.0, "1", None, [1]])
def test_what_is_no_version_is_no_certificate(version: Any) -> None:
    assert "this is no certificate" in why_rejected(certificate(TREE, {**HEADER, "rfproof": version}))


@pytest.mark.parametrize("sources", [None, [], {"a.c": 1}, "a.c"])
def test_a_header_without_sources_is_rejected(sources: Any) -> None:
    assert "header" in why_rejected(certificate(TREE, {**HEADER, "sources": sources}))


NUMBERS = ("step", "by", "how", "on", "ends", "there", "able", "unfair", "asleep", "outcome")
STRANGE: tuple[Any, ...] = (-1, 2**64, 10**40, 1.0, True, "0", None, [], {})


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", STRANGE, ids=repr)
def test_a_number_out_of_its_range_is_rejected(name: str, value: Any) -> None:
    lines = [dict(line) for line in TREE]
    at = next(number for number, line in enumerate(lines) if name in line and "step" in line)
    lines[at][name] = value
    assert why_rejected(certificate(lines)).startswith(f"line {at + 2}: a number is missing, or out of its range")


@pytest.mark.parametrize("name", ["touched", "told"])
@pytest.mark.parametrize(
    "value",
    [None, 1, {}, [1], [[]], [[0] * 5], [[0] * 7], [[0, 0, 0, 3, 0, 0]], [[-1] * 6], [[2**32] * 6], [[0] * 6] * 600],
    ids=lambda value: repr(value)[:20],
)
def test_what_is_touched_and_told_has_its_form(name: str, value: Any) -> None:
    lines = [dict(line) for line in TREE]
    lines[1][name] = value
    assert why_rejected(certificate(lines)).startswith("line 3: ")


@pytest.mark.parametrize("change", [lambda line: line.pop("able"), lambda line: line.update(more=1)])
def test_the_fields_are_those_of_the_format(change: Callable[[Line], Any]) -> None:
    lines = [dict(line) for line in TREE]
    change(lines[1])
    assert "fields" in why_rejected(certificate(lines))


def test_of_thousands_of_damaged_files_none_is_accepted_and_none_ends_otherwise() -> None:
    chance = random.Random(5)
    said = set()
    for number in range(2_000):
        text = bytearray(TEXT if number % 2 else WHOLE[:4] + WHOLE[10:])  # not when it was packed, and where
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(number % 2 or 4, len(text))
            text[at] = (text[at] + chance.randrange(1, 256)) % 256
        said.add(why_rejected(packed(bytes(text)) if number % 2 else bytes(text[:4] + WHOLE[4:10] + text[4:])))
    assert "" not in said
    assert len({each.partition(": ")[2] for each in said}) > 6


def test_one_of_a_gigabyte_is_read_in_pieces() -> None:
    """A line that does not end is left when it is known to be too long."""
    pack = zlib.compressobj(1, wbits=31)
    block = pack.compress(b" " * (1 << 20)) + pack.flush(zlib.Z_FULL_FLUSH)
    head, again = block[:10], block[10:]
    tracemalloc.start()
    try:
        with pytest.raises(Rejected, match="longer than"):
            check(io.BytesIO(head + again * 1024))
        assert tracemalloc.get_traced_memory()[1] < 32 << 20
    finally:
        tracemalloc.stop()


def test_the_checker_has_at_most_500_lines_of_code() -> None:
    found = 0
    for path in Path(redactfuzz.check.__file__).parent.glob("*.py"):
        text = path.read_text("utf-8")
        texts = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Expr) and is_text(node.value)]
        said = {line for node in texts for line in range(node.lineno, (node.end_lineno or 0) + 1)}
        code = (line.strip() for at, line in enumerate(text.splitlines(), 1) if at not in said)
        found += sum(bool(line) and not line.startswith("#") for line in code)
    assert 300 < found <= 500


def is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def test_looks_at_one_object_are_not_compared_with_one_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """An execution has hundreds of thousands of steps, and all of Python look at what a dump shows."""
    compared, path = 0, Path_()

    def counted(one: Access, two: Access) -> bool:
        nonlocal compared
        compared += 1
        return conflict(one, two)

    monkeypatch.setattr("redactfuzz.check.order.conflict", counted)
    for number in range(1000):
        path.push(path.event(number % 2, (Access(5, 0, 0, 0, 0, 0),), 0, ()))
    assert compared == 0
    assert path.event(2, (Access(5, 0, 0, 1, 0, 0),), 0, ()).races == (999, 998)
    assert compared == 2  # the last look of each process
    path.cut(0)
    assert path.event(2, (Access(5, 0, 0, 1, 0, 0),), 0, ()).races == ()


def test_memory_does_not_grow_with_the_number_of_executions() -> None:
    file = certificate(tree_of(*[EventKind.WRITE] * 7))
    text = len(gzip.decompress(file))
    check(io.BytesIO(certificate(tree_of(*[EventKind.WRITE] * 6))))  # the interpreter keeps some thousand freed tuples
    tracemalloc.start()
    try:
        assert check(io.BytesIO(file)).executions == 3_432  # 14! / (7! 7!)
        assert tracemalloc.get_traced_memory()[1] < text / 3
    finally:
        tracemalloc.stop()
