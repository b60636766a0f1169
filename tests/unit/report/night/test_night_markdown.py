"""The page of a job: below its limit whatever happens, and nothing in it but what we wrote is Markdown or HTML."""

from __future__ import annotations

import re

import pytest
import sample_nights as nights
import sample_reports as sample
from markdown_it import MarkdownIt
from markdown_it.token import Token
from test_night_page import BIDI, EVIL, HUGE, spoiled

from redactfuzz.model.night import FindingMeasured, Life, NightEvent
from redactfuzz.report.night.digest import digest
from redactfuzz.report.night.markdown import MOST, markdown
from redactfuzz.report.night.told import Told

OWN_TAGS = {"<details>", "</details>", "<summary>", "</summary>", "<!-- redactfuzz report -->"}
READER = MarkdownIt("commonmark", {"html": True}).enable("table")


def page(events: tuple[NightEvent, ...], most: int = MOST) -> str:
    return markdown(digest(Told.of(2, events), [Told.of(1, nights.FIRST)]), most)


@pytest.mark.parametrize(
    ("events", "sign"),
    [
        (nights.ALARMED, "🚨 **ALARM"),
        (nights.SECOND, "❌ **LEAK"),
        (nights.CLEAN, "✅ **No leak found"),
        (nights.EMPTY, "⚠️ **Nothing is known"),
    ],
)
def test_the_first_line_is_the_alarm_or_else_the_verdict(events: tuple[NightEvent, ...], sign: str) -> None:
    assert page(events).startswith(sign)


def test_a_finding_can_be_seen_again_from_it() -> None:
    made = page(nights.SECOND)
    assert "redactfuzz replay .redactfuzz/vulnerable-7f3a.rfz.json" in made
    assert "| `targets/python/lost_update/scenario.py::fixed` | ✅ NO\\_LEAK\\_FOUND |" in made.replace(
        "NO_LEAK", "NO\\_LEAK"
    ).replace("K_F", "K\\_F")


@pytest.mark.parametrize(
    "events", [nights.many(), nights.many(3), spoiled(HUGE), nights.SECOND], ids=["200", "3", "huge", "few"]
)
def test_it_is_below_its_limit_and_says_what_it_left_out(events: tuple[NightEvent, ...]) -> None:
    for most in (MOST, 5_000, 1_500):
        made = page(events, most)
        assert len(made.encode()) <= most
    assert len(page(nights.many()).encode()) > 50_000
    assert re.search(r"Left out, for want of room: [\d,]+ blocks", page(nights.many()))
    assert "Left out" not in page(nights.SECOND)


@pytest.mark.parametrize(
    "text", [EVIL, BIDI, "`", "``x`", "a|b", "[a](javascript:x)", "# @all #1 https://x.example ![i](u)"]
)
def test_texts_of_a_journal_are_no_markdown(text: str) -> None:
    made, clean = tokens(page(spoiled(text))), tokens(page(spoiled("plain")))
    html = [each.content for each in made if each.type in ("html_block", "html_inline")]
    assert set(re.findall(r"<[^>]*>", "".join(html))) == OWN_TAGS
    assert kinds(made) == kinds(clean)
    assert not [each.type for each in made if each.type in ("link_open", "image")]
    assert {"td_open", "code_inline", "fence", "html_block"} <= {each.type for each in made}


def test_what_was_measured_of_a_finding_stands_with_it() -> None:
    events = (nights.started(), nights.met(1, Life.NEW, nights.finding(), "k"))
    made = page((*events, FindingMeasured("k", "a", sample.MEASURED)))
    assert "- Point of no return: step 7, 'crash' goes on at ring.py:18" in made
    assert "- Without this window: in 200 executions also" in made
    assert "Point of no return" not in page(events)


@pytest.mark.parametrize("text", [BIDI, "see https://x.example and www.x.example"])
def test_what_readers_make_links_of_by_themselves_is_none(text: str) -> None:
    made = page(spoiled(text))
    elsewhere = [each.content for each in tokens(made) if each.type in ("code_inline", "fence", "html_block")]
    assert not re.search("[\x00-\x08\x1b\u202a-\u202e\u2066-\u2069\u2028]", made)
    for each in ("https://", "www."):
        assert made.count(each) == "".join(elsewhere).count(each)
    made.encode("utf-8")


def tokens(text: str) -> list[Token]:
    """All, those inside of others too."""
    return [token for block in READER.parse(text) for token in [block, *(block.children or [])]]


def kinds(found: list[Token]) -> list[str]:
    """Without where lines of texts end."""
    return [each.type for each in found if each.type not in ("text", "softbreak", "text_special")]
