"""The page itself: one file, closed to the network, with every text of a journal as text."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import attrs
import pytest
import sample_nights as nights
import sample_reports as sample

from redactfuzz.model.finding import Finding
from redactfuzz.model.measured import Remaining
from redactfuzz.model.night import Alarm, AlarmKind, FindingMeasured, Life, NightEvent
from redactfuzz.model.outcome import Bug, BugKind
from redactfuzz.model.verdict import Verdict
from redactfuzz.report.night.digest import digest
from redactfuzz.report.night.page import html
from redactfuzz.report.night.told import Told

EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'`$(rm -rf ~)&amp;{{7*7}}{%raw%}</style>"
BIDI = "a\u202etxt.exe\u2066\x1b[31m\n\x00\u2028\ud800"
HUGE = "n" * 100_000
VOID = {"meta", "link", "input", "br", "rect", "path", "line", "img"}


class Read(HTMLParser):
    """Elements that are opened and closed in order, their attributes, and the text of each."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.said: dict[str, str] = {}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        where = self.open[-1] if self.open else ""
        self.said[where] = self.said.get(where, "") + data

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for each, attributes in self.tags if each == tag]


def page(events: tuple[NightEvent, ...], *, live: bool = False) -> str:
    return html(digest(Told.of(2, events), [Told.of(1, nights.FIRST)]), live=live)


def policy(text: str) -> str:
    metas = Read(text).named("meta")
    (found,) = [each["content"] for each in metas if each.get("http-equiv") == "Content-Security-Policy"]
    return found or ""


def spoiled(text: str) -> tuple[NightEvent, ...]:
    """A night in which every text that comes from elsewhere is this one."""
    step = attrs.evolve(sample.FINDING.steps[0], thread=text, file=text, function=text, source=text)
    finding: Finding = attrs.evolve(
        sample.FINDING,
        scenario=text,
        cause=text,
        repro=text,
        steps=(step, *sample.FINDING.steps[1:]),
        leaks=(
            attrs.evolve(sample.LEAK, canary=text, encoding=text, dump=text, where=text, hash_prefix=text, part=text),
        ),
    )
    bug = attrs.evolve(
        finding, verdict=Verdict.BUG, leaks=(), cause="", bug=Bug(BugKind.EXCEPTION, text, text, f"{text}\n{text}")
    )
    report = attrs.evolve(
        sample.VACUOUS,
        scenario=text,
        reason=attrs.evolve(sample.VACUOUS.reason, what=text, remedy=text),  # type: ignore[arg-type]
    )
    certified = nights.passed(f"{text} right")
    made = sample.MEASURED
    assert made.no_return is not None
    assert made.nearest is not None
    measured = attrs.evolve(
        made,
        no_return=attrs.evolve(made.no_return, at=step),
        nearest=attrs.evolve(made.nearest, shows=step, clean=step),
        remaining=Remaining(9, 1, (text,), (text,)),
        notes=(text,),
    )
    return (
        nights.started(tool=text, python=text, paths=(text,), corpus=text, shard=text),
        *nights.listed(text, f"{text} spared", spared=[f"{text} spared"]),
        *nights.ran(1, text, report),
        *nights.ran(2, text, None, how=text),
        *nights.ran(3, f"{text} right", attrs.evolve(certified, notes=(text,), strategy=text)),
        nights.met(1, Life.NEW, finding, text),
        nights.met(2, Life.FLAKY, bug, f"{text}2", 1, 3),
        FindingMeasured(text, text, measured),
        FindingMeasured(f"{text}2", text, None, text),
        Alarm(AlarmKind.DIED, text, text),
    )


@pytest.mark.parametrize("events", [nights.SECOND, nights.ALARMED, nights.CLEAN, nights.KILLED, nights.EMPTY])
def test_it_is_well_formed_and_each_name_is_given_once(events: tuple[NightEvent, ...]) -> None:
    read = Read(page(events))
    assert read.open == []
    names = [attributes["id"] for _, attributes in read.tags if "id" in attributes]
    assert len(names) == len(set(names))
    refers = [attributes["aria-labelledby"] for _, attributes in read.tags if "aria-labelledby" in attributes]
    assert set(refers) <= set(names)
    assert {(each["href"] or "")[1:] for each in read.named("a")} <= set(names)


def test_nothing_is_fetched_and_nothing_else_may_run() -> None:
    text = page(nights.ALARMED)
    read = Read(text)
    assert not {"src", "srcset", "action", "formaction", "style", "data", "poster"} & {
        name for _, each in read.tags for name in each
    }
    assert not [name for _, each in read.tags for name in each if name.startswith("on")]
    assert {each["href"] for each in read.named("link")} == {"data:,"}
    assert not re.search(r"https?://", text)
    rules = dict(rule.split(" ", 1) for rule in policy(text).split("; "))
    assert rules["default-src"] == "'none'"
    assert "connect-src" not in rules
    for tag in ("style", "script"):
        digest_of = base64.b64encode(hashlib.sha256(read.said[tag].encode()).digest()).decode()
        assert rules[f"{tag}-src"] == f"'sha256-{digest_of}'"


def test_a_live_page_may_ask_its_own_server_and_no_other() -> None:
    live, still = page(nights.SECOND, live=True), page(nights.SECOND)
    assert "connect-src 'self'" in policy(live)
    assert "connect-src" not in policy(still)
    assert "EventSource" in live
    assert "EventSource" not in still


@pytest.mark.parametrize("text", [EVIL, BIDI, HUGE], ids=["html", "bidi", "huge"])
def test_texts_of_a_journal_stay_texts(text: str) -> None:
    made = page(spoiled(text))
    read = Read(made)
    assert read.open == []
    clean = Read(page(spoiled("plain")))
    assert [tag for tag, _ in read.tags] == [tag for tag, _ in clean.tags]
    assert {name for _, each in read.tags for name in each} == {name for _, each in clean.tags for name in each}
    assert not re.search("[\x00-\x08\x1b\u202a-\u202e\u2066-\u2069\u2028]", made)
    assert len(made) < 400_000
    made.encode("utf-8")


def test_the_text_that_would_be_html_is_there_to_read() -> None:
    made = page(spoiled(EVIL))
    assert "&lt;script&gt;alert(1)" in made
    assert "{{7*7}}" in made


def test_no_canary_byte_could_be_on_it_as_a_finding_has_none() -> None:
    """What lies in a dump is drawn of offset and length alone."""
    hexes = re.findall(r"<pre [^>]*Layout[^>]*>(.*?)</pre>", page(nights.SECOND), re.DOTALL)
    assert len(hexes) == 3
    for each in hexes:
        signs = re.sub(r"</?b>|^[0-9a-f]{8}|[0-9]+ more rows of it", "", each, flags=re.MULTILINE)
        assert set(signs) == set("•· \n")


def test_the_first_line_is_the_heading() -> None:
    assert Read(page(nights.ALARMED)).said["h1"].startswith("ALARM: a control failed")


def test_the_window_the_crash_and_each_lane_are_drawn() -> None:
    made = page((nights.started(), nights.met(1, Life.NEW, nights.CROWDED, "k")))
    read = Read(made)
    assert [each.get("title") for each in read.named("span") if each.get("title")] == [
        "scrubber",
        "signer",
        "archiver",
        "crash",
    ]
    kinds = [each["class"] or "" for each in read.named("tr") if "class" in each]
    assert sum("crash" in each.split() for each in kinds) == 1
    assert "opens in" in kinds
    assert "closes in" in kinds
    assert any({"at", "step", "in", "p0"} <= set(each.split()) for each in kinds)
    assert all(each.get("scope") for each in read.named("th"))


def test_the_likelihood_along_the_schedule_is_drawn_where_it_was_measured() -> None:
    events = (nights.started(), nights.met(1, Life.NEW, nights.finding(), "k"))
    assert "Likelihood" not in page(events)
    measured = FindingMeasured("k", "a", sample.MEASURED)
    drawn = page((*events, measured))
    assert "Likelihood along the schedule" in drawn
    at = [each for each in Read(drawn).named("line") if each.get("class") == "mark"]
    assert [each["x1"] for each in at] == ["502.7"]  # 7 of 9 steps, between 64 and 628
    assert drawn.count("<th scope=\"row\" class=\"n\">") == len(sample.MEASURED.along)
    assert "7 of 20, 35 % (18 to 57 %)" in drawn
    for said in ("Point of no return", "Nearest clean schedule", "Without this window"):
        assert f"<dt>{said}</dt>" in drawn


def test_a_finding_that_could_not_be_measured_says_why() -> None:
    events = (nights.started(), nights.met(1, Life.NEW, nights.finding(), "k"))
    made = page((*events, FindingMeasured("k", "a", None, f"was killed by {EVIL}")))
    assert "<dt>Not measured</dt><dd>was killed by &lt;script&gt;" in made
    assert "<svg viewBox=\"0 0 640 160\" role=\"img\" aria-label=\"Likelihood" not in made


def test_what_an_earlier_night_has_measured_stays_on_the_page() -> None:
    before = Told.of(1, (*nights.FIRST, FindingMeasured("k", "a", sample.MEASURED)))
    night = Told.of(2, (nights.started(), nights.met(0, Life.KNOWN, nights.finding(), "k")))
    assert "Likelihood along the schedule" in html(digest(night, [before]))


def test_how_far_a_proof_is_is_drawn_beside_last_night() -> None:
    bar, proved = re.findall(r'<svg class="part".*?</svg>', page(nights.SECOND), re.DOTALL)
    assert 'aria-label="100 % of the classes of schedules, 100 % last night"' in proved
    assert 'aria-label="50 % of the classes of schedules, 50 % last night"' in bar
    assert [float(each) for each in re.findall(r'width="([0-9.]+)" height="8"', bar)] == [60, 30]


def test_two_hundred_findings_are_a_page_of_a_few_megabytes() -> None:
    made = page(nights.many())
    assert made.count('<article class="finding"') == 200
    assert len(made.encode()) < 4_000_000
    assert Read(made).open == []
