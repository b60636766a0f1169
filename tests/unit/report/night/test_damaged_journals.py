"""Whatever became of a journal, each page of it can be made: what can still be read of it is said."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
import sample_nights as nights

from redactfuzz.model import written
from redactfuzz.night import journal
from redactfuzz.report.night.digest import digest
from redactfuzz.report.night.files import junit, sarif
from redactfuzz.report.night.markdown import markdown
from redactfuzz.report.night.page import html
from redactfuzz.report.night.told import Told

LINES = [written.dumps(event).encode() for event in (*nights.ALARMED, *nights.CLEAN)]
WRONG = [None, 0, -1, 1e308, float("nan"), float("inf"), "", "x" * 300, "\0", "\ud800", "../..", "::", "a::b::c", "\n",
         [], {}, True, 10**30, -(10**30), "LEAK", "2027", "é\u202e", -0.5, 1e-320]  # fmt: skip
PAGES = (junit, sarif, markdown, html)


def places(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Ways to all that lies in a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value[:6]) if isinstance(value, list) else ()
    return [way, *(each for key, held in inner for each in places(held, (*way, key)))]


def spoiled(line: bytes, chance: random.Random) -> bytes:
    """With another value at one place, or without it, or cut off."""
    try:
        event = json.loads(line)
    except ValueError:  # it is already
        return line
    if chance.random() < 0.1:
        return line[: chance.randrange(len(line))]
    *way, last = chance.choice(places(event)[1:])
    holder = event
    for each in way:
        holder = holder[each]
    if chance.random() < 0.15:
        del holder[last]
    else:
        holder[last] = chance.choice(WRONG)
    return json.dumps(event).encode()


def damaged(chance: random.Random) -> list[bytes]:
    lines = list(LINES)
    for _ in range(chance.choice([1, 2, 4])):
        at = chance.randrange(len(lines))
        match chance.randrange(6):
            case 0:
                del lines[at]
            case 1:
                lines.insert(chance.randrange(len(lines)), lines[at])
            case 2:
                chance.shuffle(lines)
            case _:
                lines[at] = spoiled(lines[at], chance)
    return lines


def pages(path: Path) -> int:
    """Of a journal, with another night before it, and before another night; how many events were read."""
    read = journal.read(path)
    night, other = Told.of(1, read.events), Told.of(2, nights.SECOND)
    for shown, before in ((night, [other]), (other, [night]), (night, [])):
        made = digest(shown, before, unread=read.unread)
        for page in PAGES:
            assert page(made).encode()
    return len(read.events)


@pytest.mark.parametrize("seed", range(8))
def test_each_page_of_a_damaged_journal_is_made(tmp_path: Path, seed: int) -> None:
    chance, path = random.Random(seed), tmp_path / "0001.jsonl"
    read = []
    for _ in range(25):
        path.write_bytes(b"".join(line + b"\n" for line in damaged(chance)))
        read.append(pages(path))
    assert max(read) > len(LINES) // 2


def test_a_finding_that_shows_neither_a_leak_nor_a_bug_is_told(tmp_path: Path) -> None:
    path = tmp_path / "0001.jsonl"
    events = [json.loads(line) for line in LINES]
    met = [each for each in events if each["event"] == "FindingMet"]
    for each in met:
        each["finding"] |= {"leaks": [], "bug": None}
    path.write_text("".join(f"{json.dumps(each)}\n" for each in events), "utf-8")
    assert met
    assert pages(path) == len(LINES)
