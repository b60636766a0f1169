"""Secrets in memory that is written as records of Intel's hexadecimal format, or of Motorola's."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from redactfuzz.model.canary import mint, token
from redactfuzz.model.exposure import DumpReport
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.matcher_set import MatcherSet
from redactfuzz.scan.views.hex_records import records

CANARY = mint(31, "canary", token(32), 1)
KEY = ec.generate_private_key(ec.SECP256R1())
DER = KEY.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def intel(data: bytes, size: int = 16) -> str:
    lines = [":020000040800F2"]
    for at in range(0, len(data), size):
        piece = data[at : at + size]
        record = bytes([len(piece)]) + (at % 65536).to_bytes(2, "big") + b"\0" + piece
        lines.append(f":{(record + bytes([-sum(record) % 256])).hex().upper()}")
    return "\n".join([*lines, ":00000001FF", ""])


def motorola(kind: int) -> Callable[[bytes], str]:
    def written(data: bytes) -> str:
        lines = ["S00F000068656C6C6F202020202000003C"]
        for at in range(0, len(data), 28):
            piece = at.to_bytes(kind + 1, "big") + data[at : at + 28]
            record = bytes([len(piece) + 1]) + piece
            lines.append(f"S{kind}{(record + bytes([255 - sum(record) % 256])).hex().upper()}")
        return "\r\n".join([*lines, "S9030000FC", ""])

    return written


FORMS = {"intel": intel, "S1": motorola(1), "S2": motorola(2), "S3": motorola(3)}


def scanned(folder: Path, text: str) -> DumpReport:
    matcher_set = MatcherSet()
    matcher_set.plant([CANARY], [])
    (folder / "dump").write_text(text)
    return scan_dump(folder / "dump", ScanRequest(matcher_set, KnownKeys(), canaries=(CANARY,)))


@pytest.mark.parametrize("before", [0, 5, 300])
@pytest.mark.parametrize("form", FORMS)
def test_a_key_and_a_canary_are_found_whole_where_they_are_written(form: str, before: int, tmp_path: Path) -> None:
    noise = random.Random(before).randbytes
    text = FORMS[form](noise(before) + DER + noise(40) + CANARY.bytes + noise(9))
    report = scanned(tmp_path, text)
    (key,) = report.keys
    assert key.detector == "der"
    assert key.where[0].span.startswith("records in hexadecimal")
    found = text[key.where[0].offset : key.where[0].offset + key.where[0].length]
    assert found.startswith(DER[:4].hex().upper())
    (exposure,) = report.exposures
    assert exposure.known == exposure.entropy


def test_lines_whose_sums_are_wrong_are_no_records(tmp_path: Path) -> None:
    text = intel(DER)
    wrong = "\n".join(line[:-1] + ("0" if line[-1:] != "0" else "1") for line in text.splitlines())
    assert records(wrong.encode()) is None
    assert not scanned(tmp_path, wrong).leaks
    for nothing in (b"", b":", b"S1", b":00000001FF", b":0300300002337A1", b"S1130000285F245F2212226A"):
        assert records(nothing) is None


@pytest.mark.parametrize("form", FORMS)
def test_each_byte_lies_where_its_digits_are(form: str) -> None:
    data = random.Random(3).randbytes(500)
    text = FORMS[form](data).encode()
    found = records(text)
    assert found is not None
    assert found.data == data
    for at, byte in enumerate(data):
        start, end = found.place(at, at + 1)
        assert text[start:end] == b"%02X" % byte
