"""A night as Markdown, for the page of a job: never larger than code hosts take, whatever was found."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from redactfuzz.report.lines import count
from redactfuzz.report.night.digest import Digest
from redactfuzz.report.night.marks import MARK
from redactfuzz.report.night.of_findings import FindingView
from redactfuzz.report.night.of_targets import TargetView
from redactfuzz.report.night.words import percent, shown, times

MOST = 96_000
"""Bytes: the page of a job at GitHub takes ten times as much, but is read by people."""
_SIGNS = {"bad": "❌", "alarm": "🚨", "warn": "⚠️", "good": "✅", "none": "▫️"}
_SPECIAL = re.compile(r"([\\`*_\[\]<>|~#&!@$(){}])")
_TEXT = 300
_BAR = 20


def markdown(digest: Digest, most: int = MOST) -> str:
    """The page, in at most ``most`` bytes of UTF-8. What is left out is said."""
    head = f"{_SIGNS[digest.tone]} **{_text(digest.headline, 600)}** {MARK}\n"
    blocks = [_about(digest), *_alarms(digest), _news(digest), *_findings(digest), *_targets(digest)]
    return head + _within(blocks, most - len(head.encode()))


def _within(blocks: Iterable[str], room: int) -> str:
    """As many as there is room for, in their order."""
    blocks = list(blocks)
    note = "\n*Left out, for want of room: {}. `redactfuzz report` writes all of it as HTML.*\n"
    room -= len(note.encode()) + 40
    kept: list[str] = []
    for index, block in enumerate(blocks):
        size = len(block.encode()) + 1
        if size > room:
            return "\n".join([*kept, note.format(count(len(blocks) - index, "block"))])
        kept.append(block)
        room -= size
    return "\n".join(kept)


def _about(digest: Digest) -> str:
    first = ", ".join(each for each in (f"Night {digest.number}", digest.began, digest.state) if each)
    figures = [f"{each.value} {each.name}" + (f" ({each.beside})" if each.beside else "") for each in digest.figures]
    return f"{_text(first)}. {_text(', '.join(figures))}.\n"


def _alarms(digest: Digest) -> Iterator[str]:
    if digest.alarms:
        yield "### Alarms\n"
    for each in digest.alarms:
        about = f" {_code(each.title)}:" if each.title else ""
        yield f"- **{_text(each.kind)}**:{about} {_text(each.what)}"
    if digest.alarms:
        yield ""


def _news(digest: Digest) -> str:
    if not digest.compared:
        return ""
    lines = [f"### New since {digest.compared}\n"]
    lines += [f"- {_text(each.what)}: {_code(each.title)}: {_text(each.text)}" for each in digest.news[:_BAR]]
    if len(digest.news) > _BAR:
        lines.append(f"- and {len(digest.news) - _BAR:,} more")
    return "\n".join(lines if digest.news else [*lines, "Nothing."]) + "\n"


def _findings(digest: Digest) -> Iterator[str]:
    if digest.findings:
        yield f"### Findings ({len(digest.findings):,})\n"
    yield from map(_finding, digest.findings)
    if digest.suppressed:
        yield f"*Suppressed: {', '.join(_code(f'{each.title} ({each.key})') for each in digest.suppressed[:_BAR])}*\n"


def _finding(each: FindingView) -> str:
    again = f" {each.again}" if each.again else ""
    lines = [
        f"<details><summary>{_html(f'{each.verdict} {each.life}{again}: {each.title}')}</summary>\n",
        f"{_text(each.cause)}\n",
        f"{_text(each.headline)}; {_text(each.found)}. {_text(each.window)} First met in {_text(each.since)}.\n",
    ]
    lines += [
        f"- {_code(place.canary)} in {_code(place.dump)}: {place.length} bytes at "
        f"{place.address or f'offset {place.offset:,}'}, {_text(place.encoding)} {_text(place.where)}".rstrip()
        for place in each.places
    ]
    if each.measured is not None:
        lines += [f"- {_text(name)}: {_text(text)}" for name, text in each.measured.said]
    replay = f"\n{_block(each.replay)}\n" if each.replay else "\nThere is no repro file for this finding.\n"
    return "\n".join([*lines, replay, "</details>\n"])


def _targets(digest: Digest) -> Iterator[str]:
    if not digest.targets:
        return
    names = ("scenario", "verdict", "classes run", "executions", "a second", "next one is new", "leak at most")
    head = f"| {' | '.join(names)} |\n|---|---|--:|--:|--:|--:|--:|"
    yield f"### Scenarios ({len(digest.targets):,})\n\n{head}"
    yield from map(_target, sorted(digest.targets, key=lambda each: (each.tone == "good", each.title)))
    yield f"\n*{_text(digest.assumed)}*\n"


def _target(each: TargetView) -> str:
    speed = f"{each.speed:,.0f}" if each.speed else ""
    cells = (
        _code(each.title),
        f"{_SIGNS[each.tone]} {each.verdict or 'not explored'}"
        + (f": {each.bound}" if each.bound else "")
        + (" (spared)" if each.spared else ""),
        percent(each.part) if each.part is not None else "",
        f"{each.executions:,}" if each.executions else "",
        f"{speed} ({times(each.ratio)})" if speed and each.ratio is not None else speed,
        _text(each.chance.unseen),
        percent(each.chance.bound) if each.chance.bound is not None else "",
    )
    return f"| {' | '.join(cells)} |"


def _text(text: str, most: int = _TEXT) -> str:
    """Prose in which nothing is a link, a mention or a tag (CommonMark 2.4; GFM 6.9)."""
    return _SPECIAL.sub(r"\\\1", shown(text, most)).replace("://", ":\\//").replace("www.", "www\\.")


def _code(text: str) -> str:
    """A code span with longer fences than it holds itself (CommonMark 6.1); a bar would end the cell of a table."""
    text = shown(text, _TEXT).replace("|", "¦") or " "
    fence = "`" * (1 + max((len(each) for each in re.findall("`+", text)), default=0))
    pad = " " if text[:1] == "`" or text[-1:] == "`" else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _block(text: str) -> str:
    fence = "`" * max(3, 1 + max((len(each) for each in re.findall("`+", text)), default=0))
    return f"{fence}sh\n{text}\n{fence}"


def _html(text: str) -> str:
    """Inside of a tag, where nothing is Markdown."""
    return shown(text, _TEXT).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
