"""Secrets in names of hosts: what of them is found where a program has made punycode of a text (RFC 3492)."""

from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redactfuzz.dumps.readers.region import Region
from redactfuzz.model.canary import Canary, Shape, Source, literal, mint, token
from redactfuzz.model.canary.secret import mask_bytes
from redactfuzz.model.outcome import Dump, Leak
from redactfuzz.scan import Inspector
from redactfuzz.scan.layers import layers
from redactfuzz.scan.matcher import Hit, Matcher, Planted, encodings
from redactfuzz.scan.matcher_set import MatcherSet, Sighting

TOKEN = mint(3, "token", token(32), 3)
BASIC = "aQ7-xW2-mK9-tR4-vB6-"
"""What is ASCII in the next one."""
MIXED = mint(3, "mixed", literal("aQ7é-xW2ß-mK9ž-tR4ø-vB6ł-"), 3)
CYRILLIC = mint(3, "cyrillic", literal("жЮщЪэёфЫцХъдБгЛйпЗнУ"), 3)


def form(text: str, fold: str = "as it is") -> bytes:
    """As Python writes it, and as a name in DNS may be folded."""
    plain = text.encode("punycode")
    return {"as it is": plain, "lower": plain.lower(), "upper": plain.upper()}[fold]


def host(label: str, fold: str = "as it is") -> bytes:
    return b"GET https://xn--" + form(label, fold) + b".example/ HTTP/1.1"


def scanned(data: bytes, canary: Canary) -> list[Sighting]:
    matcher_set = MatcherSet(thorough=True)
    matcher_set.plant([canary], [])
    return list(matcher_set.search(Region("bytes", data), layers(data)))


def leaked(data: bytes, canary: Canary) -> tuple[Leak, ...]:
    """In the runtime, where forms that few programs write are not looked for."""
    return Inspector(3)([Dump("d", data)], {canary.name: canary}, {}, 3).leaks


@pytest.mark.parametrize("fold", ["as it is", "lower", "upper"])
@pytest.mark.parametrize("label", ["bücher-{}", "{}-пример", "{}ü", "ü{}"])
def test_a_canary_in_ascii_is_found_in_a_label_by_the_scan_and_by_the_runtime(label: str, fold: str) -> None:
    """It stands as it is, before the hyphen."""
    data = host(label.format(TOKEN.text), fold)
    (seen,) = scanned(data, TOKEN)
    assert seen.whole
    assert data[seen.offset : seen.end].lower() == TOKEN.text.lower().encode()
    (leak,) = leaked(data, TOKEN)
    assert leak.offset == seen.offset
    other = host(label.format(mint(3, "token", token(32), 4).text), fold)
    assert scanned(other, TOKEN) == []
    assert leaked(other, TOKEN) == ()


@pytest.mark.parametrize("fold", ["as it is", "lower"])
@pytest.mark.parametrize("canary", [MIXED, CYRILLIC], ids=lambda canary: canary.name)
def test_a_literal_with_other_letters_is_found_whole_by_the_scan(canary: Canary, fold: str) -> None:
    data = host(canary.text, fold)
    best = max(scanned(data, canary), key=lambda seen: seen.length)
    assert best.whole
    assert data[best.offset : best.end] == form(canary.text, fold)
    assert best.encoding.startswith("punycode")
    assert scanned(host(canary.text[::-1], fold).replace(BASIC.encode(), b""), canary) == []


def test_in_a_longer_label_the_letters_of_ascii_alone_are_found() -> None:
    """Where the others belong depends on the whole text."""
    (seen,) = {(seen.offset, seen.length): seen for seen in scanned(host("до-" + MIXED.text), MIXED)}.values()
    assert not seen.whole
    assert BASIC.encode() in host("до-" + MIXED.text)[seen.offset - 1 : seen.end + 1]
    assert scanned(host("до-" + CYRILLIC.text), CYRILLIC) == []


def test_the_runtime_finds_of_other_letters_what_is_ascii_in_a_row() -> None:
    apart, together = ("жЮщЪэёaQ7xW2mK9tR4", "aжQЮ7щxЪWэ2ёmфK9tR4")
    for text, shown in ((apart, True), (together, False)):
        canary = mint(3, "literal", literal(text), 3)
        assert bool(leaked(host(text), canary)) is shown


def hits(text: str, data: bytes) -> list[Hit]:
    matcher = Matcher()
    matcher.plant([Planted(Source(Shape.TEXT, mask_bytes(text.encode()), 400.0), 0)])
    return matcher.scan(data)


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=8, max_size=60))
def test_it_is_what_python_writes(text: str) -> None:
    written = form(text).removesuffix(b"-") if text.isascii() else form(text)
    found = [hit for hit in hits(text, b"\xff" + written + b"\xff") if hit.whole and hit.offset == 1]
    assert any(hit.length == len(written) for hit in found)
    if not text.isascii():
        assert {"punycode", "punycode in lower case"} >= {encodings()[hit.encoding] for hit in found}


def test_a_text_that_fits_no_label_is_not_written_so() -> None:
    long = "".join(string.ascii_letters[at % 52] for at in range(1023)) + "é"
    assert any(hit.whole for hit in hits(long, form(long)))
    assert not any(hit.whole for hit in hits("a" + long, form("a" + long)))
