"""A detector that fails costs what it would have found: not what others find, nor the canaries."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import pkcs12
from key_writers import cng_elliptic, pfx

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.canary import mint, token
from redactfuzz.model.exposure import DumpReport, Severity
from redactfuzz.report.dump_lines import as_json, verdict
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.keys.written import empty_passphrase
from redactfuzz.scan.keys.written.pkcs12 import Pkcs12Stores
from redactfuzz.scan.keys.written.windows_blobs import WindowsBlobs
from redactfuzz.scan.matcher_set import MatcherSet

CANARY = mint(32, "key", token(), 1)


def scanned(path: Path, data: bytes) -> DumpReport:
    path.write_bytes(data)
    matcher_set = MatcherSet(thorough=True)
    matcher_set.plant([CANARY], [])
    return scan_dump(path, ScanRequest(matcher_set, KnownKeys(), canaries=(CANARY,)))


@pytest.mark.parametrize("form", [bytes, bytes.hex], ids=["as it lies", "in hexadecimal"])
def test_a_detector_that_fails_is_named_and_the_rest_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: object
) -> None:
    def fail(*_: object) -> None:
        raise KeyError(CANARY.text)

    written = form(cng_elliptic())  # type: ignore[operator]
    data = bytes(40) + (written if isinstance(written, bytes) else written.encode()) + bytes(40) + CANARY.bytes
    before = scanned(tmp_path / "before", data)
    assert [key.detector for key in before.keys] == ["windows-blob"]
    monkeypatch.setattr(Pkcs12Stores, "find", fail)
    report = scanned(tmp_path / "dump", data)
    assert [key.detector for key in report.keys] == ["windows-blob"]
    assert [one.secret for one in report.exposures] == ["key"]
    assert report.images[0].read == len(data)
    assert any("itself failed in its detector pkcs12 (KeyError)" in gap.reason for gap in report.skipped)
    assert CANARY.text not in as_json(report)
    assert verdict(report) == "LEAK"


def test_without_anything_found_a_detector_that_fails_makes_a_dump_incomplete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ValueError

    data = random.Random(1).randbytes(400)
    assert verdict(scanned(tmp_path / "before", data)) == "CLEAN"
    monkeypatch.setattr(WindowsBlobs, "find", fail)
    assert verdict(scanned(tmp_path / "dump", data)) == "INCOMPLETE"


def test_a_store_whose_key_the_library_does_not_know_is_a_store(monkeypatch: pytest.MonkeyPatch) -> None:
    """As one with a key on SM2."""
    from cryptography.exceptions import UnsupportedAlgorithm

    def unknown(*_: object) -> None:
        raise UnsupportedAlgorithm("curve 1.2.156.10197.1.301 is not supported")

    monkeypatch.setattr(pkcs12, "load_key_and_certificates", unknown)
    assert empty_passphrase._loads(b"any") is None
    monkeypatch.setattr("redactfuzz.scan.keys.written.pkcs12.opens", lambda _: None)
    findings = Pkcs12Stores().find(Image("dump", pfx(b"secret")), KnownKeys())
    assert [(one.what, one.severity) for one in findings] == [("private key (PKCS#12 store)", Severity.MEDIUM)]
    assert ["empty passphrase" in gap.reason for gap in findings.gaps] == [True]


def test_where_the_search_for_public_keys_fails_the_rest_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ValueError

    monkeypatch.setattr("redactfuzz.scan.looked.harvested", fail)
    report = scanned(tmp_path / "dump", bytes(40) + cng_elliptic() + CANARY.bytes)
    assert [key.detector for key in report.keys] == ["windows-blob"]
    assert [one.secret for one in report.exposures] == ["key"]
    assert any("search for public keys (ValueError)" in gap.reason for gap in report.skipped)
