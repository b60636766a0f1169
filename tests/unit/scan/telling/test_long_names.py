"""A name that somebody chose is shown as far as one looks at it, at however many places it stands."""

from __future__ import annotations

import io
import random
import string
import tarfile
from pathlib import Path

import pytest

from redactfuzz.model.exposure import DumpReport, KeyFinding, Severity, Where
from redactfuzz.model.texts.shortened import LONGEST, SHOWN, bearable, shortened
from redactfuzz.report.dump_lines import as_json
from redactfuzz.report.sarif import sarif
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.masker import ReportMasker
from redactfuzz.scan.matcher_set import MatcherSet

MEMBERS = 40


def tokens(count: int) -> list[bytes]:
    source, letters = random.Random(3), string.ascii_letters + string.digits
    return [f"glpat-{''.join(source.choices(letters, k=20))}".encode() for _ in range(count)]


def scanned(path: Path) -> DumpReport:
    matcher_set = MatcherSet(thorough=True)
    matcher_set.plant((), [])
    return scan_dump(path, ScanRequest(matcher_set, KnownKeys()))


def outputs(report: DumpReport) -> list[str]:
    return [as_json(report), sarif([report])]


def archive(path: Path, name: str) -> None:
    """One name for all members, which stands once in it."""
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT, pax_headers={"path": name}) as made:
        for token in tokens(MEMBERS):
            member = tarfile.TarInfo("x")
            member.size = len(token)
            made.addfile(member, io.BytesIO(token))


@pytest.mark.parametrize("length", [LONGEST, 200_000])
def test_one_name_of_all_members_is_not_told_as_often_as_it_is_long(tmp_path: Path, length: int) -> None:
    archive(tmp_path / "a.tar", "some/words" * (length // 10))
    report = scanned(tmp_path / "a.tar")
    assert len(report.keys) == MEMBERS
    assert all(len(one) < 6 * MEMBERS * SHOWN for one in outputs(report))


def test_a_mapping_is_not_told_at_each_place_as_often_as_it_is_long() -> None:
    mapping = "/" + "some/words" * 400
    places = tuple(Where("a.core", 64 * at, 26, "segment 1 rw-", mapping=mapping) for at in range(MEMBERS))
    key = KeyFinding("token", "a token", "00", Severity.TOTAL, "", places)
    report = ReportMasker(())(DumpReport("a.core", keys=(key,)))
    assert all(where.mapping.endswith("some/words") for where in report.keys[0].where)
    assert all(len(one) < 6 * MEMBERS * SHOWN for one in outputs(report))


@pytest.mark.parametrize("before", range(336, 400, 8))
def test_no_part_of_a_secret_is_shown_where_a_name_is_cut(tmp_path: Path, before: int) -> None:
    (token,) = tokens(1)
    archive(tmp_path / "a.tar", "a b " * (before // 4) + token.decode() + " c d" * 300)
    told = "".join(outputs(scanned(tmp_path / "a.tar")))
    assert "a b a b" in told
    assert not [at for at in range(6, len(token) - 6) if token[at : at + 6].decode() in told]


def test_the_name_of_the_dump_itself_is_shown_whole(tmp_path: Path) -> None:
    path = tmp_path.joinpath(*["folder" * 30] * 5)
    path.mkdir(parents=True)
    archive(path / "a.tar", "b" * 1000)
    report = scanned(path / "a.tar")
    assert len(str(path)) > SHOWN
    assert report.dump == str(path / "a.tar")
    assert all(image.name.startswith(f"{report.dump}!") for image in report.images[1:])


def test_a_text_is_cut_in_its_middle_once_and_says_how_long_it_was() -> None:
    text = "a" * 500 + "b" * 500
    cut = shortened(text)
    assert len(cut) == SHOWN
    assert cut.startswith("aaa")
    assert cut.endswith("bbb")
    assert "[... 1,000 characters ...]" in cut
    assert shortened(cut) == cut
    assert shortened("a" * SHOWN) == "a" * SHOWN
    assert bearable("a" * LONGEST) == "a" * LONGEST
    assert bearable("a" * (LONGEST + 1)) == "(a name of 4,097 characters)"
