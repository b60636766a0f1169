"""A canary and a key in a hundred containers: found, or named as unread; and nothing is said of what is none."""

from __future__ import annotations

from pathlib import Path

import pytest
from containers import NAMED, NEAR_MISSES, OPENED
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from rare_containers import DAMAGED, RARE, SIMILAR
from self_packed import NOT_PACKED, SELF_PACKED

from redactfuzz.model.canary import Canary, mint, token
from redactfuzz.model.exposure import DumpReport, Severity
from redactfuzz.report.dump_lines import as_json, verdict
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.matcher_set import MatcherSet

KEY: Canary = mint(21, "key", token(32), 1)
# A fixed key: of two keys in a hundred the pieces below can be joined again, and the key is found in them too.
FIXED = ec.derive_private_key(0x3F1D << 240, ec.SECP256R1())
PEM = FIXED.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def pieces(data: bytes) -> bytes:
    """So that a compressor refers to them, and leaves no stretch of the secret as it is."""
    return b"".join(data[at : at + 3] + b"#%d\n" % at for at in range(0, len(data), 3))


LOG = b"".join(b"12:0%d GET /a/b?c=%d\n" % (n % 10, n * n) for n in range(200))
TEXT = LOG + pieces(KEY.text.encode()) + pieces(PEM) + b"token=" + KEY.text.encode() + b"\n" + PEM + b"end\n" * 50


def scanned(tmp_path: Path, data: bytes) -> DumpReport:
    matcher_set = MatcherSet(thorough=True)
    matcher_set.plant([KEY], [])
    (tmp_path / "dump").write_bytes(data)
    return scan_dump(tmp_path / "dump", ScanRequest(matcher_set, KnownKeys(), canaries=(KEY,)))


@pytest.mark.parametrize("name", [*OPENED, *RARE])
def test_the_canary_and_the_key_are_found_in(tmp_path: Path, name: str) -> None:
    report = scanned(tmp_path, {**OPENED, **RARE}[name](TEXT))
    (exposure,) = report.exposures
    assert exposure.severity == Severity.TOTAL
    assert any(fragment.whole for fragment in exposure.fragments)
    assert [key.detector for key in report.keys] == ["pem"]
    assert KEY.text not in as_json(report)


@pytest.mark.parametrize("name", [*NAMED, *DAMAGED, *SELF_PACKED])
def test_what_is_not_opened_is_never_clean(tmp_path: Path, name: str) -> None:
    report = scanned(tmp_path, {**NAMED, **DAMAGED, **SELF_PACKED}[name](TEXT))
    assert verdict(report) != "CLEAN"
    assert any(not gap.harmless for gap in report.skipped)


@pytest.mark.parametrize("name", [*NEAR_MISSES, *SIMILAR, *NOT_PACKED])
def test_nothing_is_said_of(tmp_path: Path, name: str) -> None:
    report = scanned(tmp_path, {**NEAR_MISSES, **SIMILAR, **NOT_PACKED}[name])
    assert report.skipped == ()
    assert verdict(report) == "CLEAN"


@pytest.mark.parametrize("name", ["tar", "tar of tar", "ar", "cpio", "zip, stored"])
def test_what_lies_in_a_member_as_it_is_is_reported_once(tmp_path: Path, name: str) -> None:
    report = scanned(tmp_path, OPENED[name](TEXT))
    # The pieces, one a line, are read as a column, which is another form of it.
    (where,) = (one.where for one in report.exposures[0].fragments if one.whole and one.encoding == "utf-8")
    assert where.image.endswith("log.txt")
    assert [where.image for where in report.keys[0].where] == [where.image]


def test_what_lies_beside_a_member_as_well_is_reported_twice(tmp_path: Path) -> None:
    report = scanned(tmp_path, TEXT + OPENED["zip, stored"](TEXT))
    assert len({where.image for where in report.keys[0].where}) == 2


def test_the_place_of_a_stream_is_named(tmp_path: Path) -> None:
    report = scanned(tmp_path, OPENED["gzip behind noise"](TEXT))
    assert report.exposures[0].fragments[0].where.image.endswith("!gzip at 0x1770")
