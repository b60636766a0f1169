"""What an entry of ``--allow`` lets pass: what it was written for, and what is less."""

from __future__ import annotations

import datetime

import attrs
import pytest

from redactfuzz.model.exposure import DumpReport, Exposure, KeyFinding, Severity
from redactfuzz.scan.threshold import Threshold, entries, fingerprint

PIECE = Exposure("T", "token", "abcd", Severity.LOW, "nine letters", 54.0, 190.0, ())
RANKS = [*Severity]


def fails(found: Severity, written_for: Severity) -> bool:
    entry = fingerprint(attrs.evolve(PIECE, severity=written_for))
    threshold = Threshold(allowed={entry: "allowed until then: it is the key id"})
    report = DumpReport("dump", exposures=(attrs.evolve(PIECE, severity=found),))
    (judged,) = threshold.judged(report).exposures
    return not judged.passes


@pytest.mark.parametrize("written_for", Severity)
def test_an_entry_for_a_piece_lets_nothing_worse_pass(written_for: Severity) -> None:
    for found in Severity:
        assert fails(found, written_for) == (RANKS.index(found) < RANKS.index(written_for))


def test_an_entry_is_for_one_canary_alone() -> None:
    other = attrs.evolve(PIECE, hash_prefix="ef01")
    assert fingerprint(other) != fingerprint(PIECE)
    assert fingerprint(PIECE) == fingerprint(attrs.evolve(PIECE, known=50.0))


def test_what_two_dumps_show_alike_is_written_once_for_those_who_allow() -> None:
    key = KeyFinding("pem", "a private key", "id", Severity.HIGH, "whole", ())
    reports = [DumpReport(name, exposures=(PIECE,), keys=(key, key)) for name in ("one", "two")]
    written = "".join(entries(reports, datetime.date(2026, 1, 1)))
    assert [written.count(f'key = "{fingerprint(each)}"') for each in (PIECE, key)] == [1, 1]
    assert written.count("[[suppressed]]") == 2


def test_what_passes_is_not_written_for_those_who_allow() -> None:
    report = DumpReport("one", exposures=(attrs.evolve(PIECE, passes="allowed"),))
    assert list(entries([report], datetime.date(2026, 1, 1))) == []
