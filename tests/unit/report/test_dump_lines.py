"""The table of `scan` and its line of JSON: everything that was found and everything that was not read."""

from __future__ import annotations

import json
import re

import attrs
import dump_reports as sample
import pytest

from redactfuzz.model.exposure import DumpReport
from redactfuzz.report.dump_lines import SHOWN, as_json, table, verdict


def lines(report: DumpReport) -> list[str]:
    return list(table(report))


@pytest.mark.parametrize(
    ("report", "told"),
    [
        (sample.WHOLE, "CLEAN"),
        (sample.CLEAN, "CLEAN"),
        (sample.UNMARKED, "INCOMPLETE"),
        (sample.TRUNCATED, "INCOMPLETE"),
        (sample.NOTHING, "INCOMPLETE"),
        (sample.LEAKING, "LEAK"),
        (attrs.evolve(sample.LEAKING, exposures=()), "LEAK"),
        (attrs.evolve(sample.LEAKING, keys=(), marked=False), "LEAK"),
        (sample.MANY, "LEAK"),
        (sample.NOTED, "NOTED"),
        (attrs.evolve(sample.NOTED, marked=False), "INCOMPLETE"),
        (attrs.evolve(sample.NOTED, skipped=(sample.CUT,)), "INCOMPLETE"),
    ],
)
def test_the_verdict(report: DumpReport, told: str) -> None:
    assert verdict(report) == told
    assert lines(report)[0].startswith(f"{told}  {report.dump}: ")
    assert json.loads(as_json(report))["verdict"] == told


def test_the_table_of_a_leak() -> None:
    assert lines(sample.LEAKING) == [
        "LEAK  a.core: 12,345,678 of 12,345,678 bytes read, 1 file inside it, 0.0 s",
        "    a.core: ELF core, x86-64, 64 bit, 3 threads",
        "    a.core.gz!gzip: text",
        "  ! signing key (token, deadbeef) TOTAL: the whole secret is there",
        "      torn: bytes 0 to 8 are gone: it was wiped from the front",
        "      a.core at 0x1040, segment 6 rw- at 0x7f3100001040, EVP_x+12, /usr/lib/libssl.so, thread 4711: utf-8,"
        " whole, 190 bits",
        "          61 **",
        "      a.core.gz!gzip at 0x7, line 3 $.a: base64 (shift 1), bytes 3 to 19 of 44, 70 bits",
        "      and 5 more places",
        "  ! AES-128 key schedule (aes, 0badcafe) LOW: a key is there",
        "      a.core at 0x1040, segment 6 rw- at 0x7f3100001040, EVP_x+12, /usr/lib/libssl.so, thread 4711",
        "      and 2 more places",
        "  ? not read: a.core at 0x2000 (4,096 bytes): segment 9 is cut off",
        "  - not in it, as usual for its kind: 1 stretch, 1,048,576 bytes; --json names them",
    ]


def test_the_table_of_what_does_not_fail_says_why() -> None:
    told = lines(sample.NOTED)
    assert told[2] == "  - signing key (token, deadbeef) TOTAL: the whole secret is there"
    assert told[3] == "      does not fail: below --fail-on high"
    assert f"      does not fail: {sample.PASSES}" in told
    assert "  - and 1,234 more: AES-128 key schedule (aes) LOW" in told
    assert not [line for line in told if line.startswith("  !")]


def test_the_table_of_what_was_not_read() -> None:
    assert lines(sample.NOTHING) == [
        "INCOMPLETE  fifo: 0 of 0 bytes read, 0.0 s",
        "  ? not read: fifo: the path is a FIFO, not a file",
    ]
    assert lines(sample.TRUNCATED)[2:4] == [
        "  ? not read: a.core at 0x2000 (4,096 bytes): segment 9 is cut off",
        "  ? not read: a.core.gz: the gzip data ends in the middle of a frame",
    ]
    assert "marker" in lines(sample.UNMARKED)[-1]


def test_of_many_places_the_first_are_shown_and_the_others_counted() -> None:
    many = attrs.evolve(sample.EXPOSURE, fragments=sample.EXPOSURE.fragments[1:] * 20, more=1000)
    told = lines(attrs.evolve(sample.WHOLE, exposures=(many,)))
    assert sum("base64" in line for line in told) == SHOWN
    assert told[-1] == f"      and {20 - SHOWN + 1000:,} more places"


@pytest.mark.parametrize("report", sample.EVERY)
def test_no_name_in_a_dump_reaches_a_terminal_as_a_control_character(report: DumpReport) -> None:
    for line in (*lines(report), as_json(report)):
        assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", line)


def test_the_line_of_json_has_every_place_and_gap() -> None:
    told = json.loads(as_json(sample.LEAKING))
    assert (told["bytes"], told["bytes_read"], told["complete"]) == (12345678, 12345678, False)
    (exposure,) = told["exposures"]
    assert exposure["severity"] == "total"
    assert [fragment["where"]["offset"] for fragment in exposure["fragments"]] == [0x1040, 7]
    assert told["keys"][0]["identity"] == "0badcafe"
    assert [gap["harmless"] for gap in told["skipped"]] == [False, True]
    assert json.loads(as_json(sample.NOTHING))["bytes_read"] == 0
