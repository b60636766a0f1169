"""Text of a page whose letters have spaces of their own between them, as most programs write it into a PDF."""

from __future__ import annotations

import random
import string
import zlib
from pathlib import Path

import pytest

from redactfuzz.model.canary import mint, token
from redactfuzz.model.exposure import DumpReport, Severity
from redactfuzz.report.dump_lines import verdict
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.matcher_set import MatcherSet
from redactfuzz.scan.views.kerned import kerned

KEY, OTHER = (mint(number, "key", token(32), 1) for number in (91, 92))
DRAW = random.Random(7)


def scanned(tmp_path: Path, data: bytes) -> DumpReport:
    matcher_set = MatcherSet(thorough=True)
    matcher_set.plant([KEY], [])
    (tmp_path / "dump").write_bytes(data)
    return scan_dump(tmp_path / "dump", ScanRequest(matcher_set, KnownKeys(), canaries=(KEY,)))


def array(text: str, most: int, between: str) -> bytes:
    """Pieces of a few letters, with numbers between them."""
    pieces, at = list[str](), 0
    while at < len(text):
        size = DRAW.randint(1, most)
        pieces.append(f"({text[at : at + size]})")
        at += size
    kerned = "".join(f"{piece}{between % DRAW.uniform(-90, 90)}" for piece in pieces)
    return f"BT\n/F1 12 Tf\n0 0 Td\n[ {kerned} ] TJ\nET\n".encode()


def page(content: bytes) -> bytes:
    packed = zlib.compress(b"0.8 w 1 0 0 rg\n" * 9 + content)
    head = b"%%PDF-1.4\n1 0 obj\n<< /Length %d /Filter /FlateDecode >>\nstream\n" % len(packed)
    return head + packed + b"\nendstream\nendobj\ntrailer\n<< >>\n%%EOF\n"


@pytest.mark.parametrize("most", [1, 3])
@pytest.mark.parametrize("between", ["%.0f", " %.6f ", "\n%.2f "])
def test_a_secret_between_whose_letters_are_spaces_is_found(tmp_path: Path, most: int, between: str) -> None:
    (exposure,) = scanned(tmp_path, page(array(f"token {KEY.text}", most, between))).exposures
    assert exposure.severity is Severity.TOTAL
    assert verdict(scanned(tmp_path, page(array(f"token {OTHER.text}", most, between)))) == "CLEAN"


def test_a_token_that_nobody_planted_is_found_as_well(tmp_path: Path) -> None:
    body = "".join(DRAW.choices(string.ascii_letters + string.digits, k=20))
    report = scanned(tmp_path, page(array(f"token glpat-{body}", 2, "%.0f")))
    assert [key.what for key in report.keys] == ["GitLab personal access token"]


def test_places_are_those_of_the_letters() -> None:
    parts = kerned(b"BT [(ab)-20(cd\\))3(e)] TJ [ 4 (x) ]TJ")
    assert parts is not None
    assert parts.data == b"abcd\\)e\nx\n"
    assert parts.place(1, 5) == (6, 15)
    assert kerned(b"[(ab) 3 (cd)] of TJ, [] TJ, [1 2] TJ") is None


@pytest.mark.parametrize("unit", [b"[(x)", b"[(x[)", b"[", b"[(", b"(x)", b"[([", b"[(x)]", b"[(x\\", b"[(x) ] TJ ["])
def test_a_large_text_of_beginnings_is_read_once(unit: bytes) -> None:
    """Who read it from each of them anew would not come to an end here."""
    data = unit * ((1 << 20) // len(unit) - 2) + b"] TJ"
    parts = kerned(data)
    assert parts is None or len(parts.data) < len(data)
