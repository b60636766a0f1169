"""What was not read is listed up to a bound, of each kind and in all, and the rest is counted."""

from __future__ import annotations

import json
import struct
import zlib
from pathlib import Path

from redactfuzz.model.exposure import Gap
from redactfuzz.model.outcome import Dump
from redactfuzz.report.dump_lines import as_json, table, verdict
from redactfuzz.report.sarif import sarif
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.inspector import Inspector
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.matcher_set import MatcherSet
from redactfuzz.scan.telling.gaps import LISTED, MOST, Gaps

DATED = 0x5B7D


def encrypted(name: bytes) -> bytes:
    """A member of a zip archive that asks for a password."""
    sizes = (zlib.crc32(b"a"), 13, 1, len(name), 0)
    return struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, 1, 0, 0x6000, DATED, *sizes) + name + bytes(13)


def test_members_by_the_thousand_that_cannot_be_opened_are_counted(tmp_path: Path) -> None:
    count = 5 * LISTED
    (tmp_path / "dump").write_bytes(b"\0" + b"".join(encrypted(b"f%05d" % number) for number in range(count)))
    report = scan_dump(tmp_path / "dump", ScanRequest(MatcherSet(), KnownKeys(), detect=False))
    assert verdict(report) == "INCOMPLETE"
    assert len(report.skipped) == LISTED + 1
    assert sum(gap.more or 1 for gap in report.skipped) == count
    more = f"and {count - LISTED:,} more"
    assert more in [*table(report)][-1]
    assert more in sarif([report])
    assert json.loads(as_json(report))["skipped"][-1]["more"] == count - LISTED


def test_another_kind_is_listed_behind_many_of_one() -> None:
    gaps = Gaps(Gap("a", f"the member {str(number)!r} is encrypted", number) for number in range(2 * LISTED))
    gaps.append(Gap("a", "it is cut off", 7))
    gaps.append(Gap("b", "the member 'x' is encrypted", 0))
    told = gaps.told("dump")
    assert [gap.image for gap in told].count("a") == LISTED + 2
    assert Gap("a", "it is cut off", 7) in told
    assert Gap("b", "the member 'x' is encrypted", 0) in told
    assert (told[-1].image, told[-1].more, told[-1].offset) == ("a", LISTED, None)


def test_of_many_images_no_more_than_so_many_gaps_are_listed() -> None:
    told = Gaps(Gap(f"image {number}", "it is cut off") for number in range(MOST + 500)).told("dump")
    assert len(told) == MOST + 1
    assert (told[-1].image, told[-1].more) == ("dump", 500)


def test_what_is_harmless_stays_so_and_its_bytes_are_added() -> None:
    told = Gaps(Gap("a", "a hole", number, 10, harmless=True) for number in range(LISTED + 3)).told("dump")
    assert (told[-1].more, told[-1].length, told[-1].harmless) == (3, 30, True)
    assert all(gap.harmless for gap in told)


def test_what_was_counted_before_is_kept() -> None:
    first = Gaps(Gap("a", "it is cut off", number) for number in range(LISTED + 9)).told("dump")
    again = Gaps((*first, Gap("a", "it is cut off", 1))).told("dump")
    assert sum(gap.more or 1 for gap in again) == LISTED + 10


def test_a_campaign_says_of_a_dump_no_more_than_that(tmp_path: Path) -> None:
    (tmp_path / "dump").write_bytes(b"\0" + b"".join(encrypted(b"f%05d" % number) for number in range(2 * LISTED)))
    found = Inspector(1)([Dump("dump", tmp_path / "dump")], {}, {}, 1)
    assert len(found.unreadable) == LISTED + 1
    assert found.unreadable[-1] == f"dump: and {LISTED} more, which are not listed"
