"""A stream that breaks off, or that nothing opens, is told once in however many forms it is read; none is lost."""

from __future__ import annotations

import base64
import gzip
import io
import json
import random
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from containers import NOISE
from test_containers import scanned

from redactfuzz.dumps.readers.carving.known import Known
from redactfuzz.model.exposure import DumpReport, Gap
from redactfuzz.report.dump_lines import verdict

Write = Callable[[bytes], bytes]
WORDS = b" ".join(b"%x word" % one for one in random.Random(3).choices(range(1 << 40), k=900))
OTHER = b" ".join(b"%x term" % one for one in random.Random(4).choices(range(1 << 40), k=900))
PACKED = gzip.compress(WORDS, mtime=0)
CUT: dict[str, bytes] = {
    "a gzip that is cut off": PACKED[: len(PACKED) // 2],
    "a gzip that is damaged": PACKED[:3000] + b"\x55\xaa\x55\xaa" * 4 + PACKED[3016:],
    "a zlib that is cut off": zlib.compress(WORDS)[:2000],
}


def wrapped(data: bytes) -> str:
    return base64.encodebytes(data).decode()


WRITTEN: dict[str, Write] = {
    "base64": lambda d: b"body=" + base64.b64encode(d) + b" done\n",
    "base64url": lambda d: b"body=" + base64.urlsafe_b64encode(d) + b" done\n",
    "lines of base64": lambda d: b"body=\n" + base64.encodebytes(d) + b"\n\ndone.\n",
    "base64 of base64": lambda d: b"body=" + base64.b64encode(base64.b64encode(d)) + b" done\n",
    "JSON": lambda d: json.dumps({"body": wrapped(d)}).encode(),
    "JSON in JSON": lambda d: json.dumps({"m": json.dumps({"body": wrapped(d)})}).encode(),
    "JSON in JSON in JSON": lambda d: json.dumps({"k": json.dumps({"m": json.dumps({"body": wrapped(d)})})}).encode(),
    "JSON with escaped signs": lambda d: b'{"a": "%s"}'
    % base64.b64encode(d).replace(b"/", b"\\/").replace(b"=", b"\\u003d"),
    "hexadecimal": lambda d: b"body=" + d.hex().encode() + b" done\n",
    "percent": lambda d: b"body=" + b"".join(b"%%%02x" % one for one in d) + b" done\n",
    "base64 in UTF-16": lambda d: f"body={base64.b64encode(d).decode()} done\n".encode("utf-16-le"),
    "markup": lambda d: b"<p>" + base64.b64encode(d).replace(b"=", b"&#61;").replace(b"+", b"&#43;") + b"</p>\n",
    "JSON among bytes": lambda d: bytes(40) + json.dumps({"body": wrapped(d)}).encode() + bytes(40),
    "a log that is packed itself": lambda d: gzip.compress(b"body=" + base64.b64encode(d) + b" done\n"),
}


def places(report: DumpReport) -> list[str]:
    return [gap.image.partition("dump!")[2] for gap in report.skipped]


@pytest.mark.parametrize("cut", CUT)
@pytest.mark.parametrize("written", WRITTEN)
def test_what_breaks_off_is_told_once_with_its_place(tmp_path: Path, written: str, cut: str) -> None:
    report = scanned(tmp_path, WRITTEN[written](CUT[cut]))
    assert verdict(report) == "INCOMPLETE"
    (place,) = places(report)
    assert place.rpartition("!")[2].split()[0] in ("gzip", "zlib")
    assert " at 0x" in place


@pytest.mark.parametrize("written", WRITTEN)
def test_of_what_is_whole_nothing_is_told(tmp_path: Path, written: str) -> None:
    assert scanned(tmp_path, WRITTEN[written](PACKED)).skipped == ()


@pytest.mark.parametrize("written", ["JSON", "JSON in JSON", "lines of base64"])
def test_of_two_that_break_off_each_is_told(tmp_path: Path, written: str) -> None:
    twice = WRITTEN[written](CUT["a gzip that is cut off"]) + b"\n--\n" + WRITTEN[written](zlib.compress(OTHER)[:2500])
    told = [one for one in places(scanned(tmp_path, twice)) if one]  # the document that goes on is told as well
    assert sorted(one.split()[0] for one in told) == ["gzip", "zlib"]


def archive(*, encrypted: bool, method: int = zipfile.ZIP_DEFLATED, first: bytes = WORDS) -> bytes:
    """Of two members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made:
        made.writestr("one.txt", first)
        made.writestr("two.txt", OTHER)
    data = bytearray(out.getvalue())
    for mark, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        at = data.find(mark)
        while at >= 0 and encrypted:
            data[at + flags] |= 1
            at = data.find(mark, at + 1)
    return bytes(data)


@pytest.mark.parametrize("written", ["base64", "JSON", "JSON in JSON"])
def test_each_member_of_an_archive_that_is_not_opened_is_told_once(tmp_path: Path, written: str) -> None:
    report = scanned(tmp_path, WRITTEN[written](archive(encrypted=True)))
    assert sorted(gap.reason.split("'")[1] for gap in report.skipped) == ["one.txt", "two.txt"]


def test_what_breaks_off_in_a_member_that_lies_there_as_it_is_is_told_of_the_member(tmp_path: Path) -> None:
    log = WRITTEN["base64"](CUT["a gzip that is cut off"])
    report = scanned(tmp_path, archive(encrypted=False, method=zipfile.ZIP_STORED, first=log))
    assert places(report) == ["one.txt!gzip in base64 at 0x5"]


@pytest.mark.parametrize("written", ["base64", "JSON", "JSON in JSON", "hexadecimal", "base64 in UTF-16"])
def test_what_nothing_opens_is_told_once(tmp_path: Path, written: str) -> None:
    report = scanned(tmp_path, WRITTEN[written](b"LZIP\1\x10\0" + NOISE))
    assert ["an lzip file begins here" in gap.reason for gap in report.skipped] == [True]


def cut_at(byte: int, name: str) -> tuple[Gap]:
    return (Gap(name, f"the gzip data ends at byte {byte}", byte),)


def test_another_reason_in_another_form_is_told_as_well() -> None:
    known = Known()
    known.opened(10, "d!gzip in base64 at 0xa", [Gap("d!gzip in base64 at 0xa!a.log", "why", 1)], (), counts=True)
    inside = [Gap("d!base64 at 0xa!gzip at 0x0!a.log", "why", 1), Gap("d!base64 at 0xa!gzip at 0x0!b.log", "why", 9)]
    known.opened(11, "d!base64 at 0xa!gzip at 0x0", inside, cut_at(7, "x"), counts=True)
    known.opened(12, "y", [], cut_at(8, "y"), counts=True)
    known.opened(40, "z", [], cut_at(8, "z"), counts=True)
    told = [(gap.image, gap.reason) for gap in known.gaps()]
    cut = ("x", "the gzip data ends at byte 7"), ("z", "the gzip data ends at byte 8")
    assert told == [("d!gzip in base64 at 0xa!a.log", "why"), (inside[1].image, "why"), *cut]


def test_what_another_form_reads_to_its_end_is_forgotten_and_no_more_than_that() -> None:
    known = Known()
    known.opened(10, "a", [], cut_at(7, "a"), counts=True)
    known.ended(10, 30)
    known.opened(50, "b", [], cut_at(7, "b"), counts=True)
    known.ended(50, 90)
    for at, end in ((11, 30), (50, 80)):
        known.opened(at, "c", [], (), counts=True)
        known.ended(at, end)
    assert [gap.image for gap in known.gaps()] == ["b"]
