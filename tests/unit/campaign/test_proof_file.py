"""The file of a certificate: whole in its place, or not there; the search goes on whatever becomes of it."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path

import pytest

from redactfuzz.campaign.files.proof import ProofFile
from redactfuzz.model.plan import StageReport

REPORT = StageReport(3, 3.0, exhausted=True, truncated=False, repeated=1)


def test_its_trailer_counts_and_digests_what_comes_before(tmp_path: Path) -> None:
    proof = ProofFile(tmp_path / "p.gz", lambda _: {"sources": {"a.c": "00"}})
    proof.begin({})
    proof.write(b'{"told":')
    proof.write(b"[]}\n{}\n")
    proof.end(REPORT)
    proof.place()
    text = gzip.decompress((tmp_path / "p.gz").read_bytes())
    header, first, second, trailer = text.splitlines(keepends=True)
    assert json.loads(header) == {"canaries": {}, "rfproof": 1, "sources": {"a.c": "00"}}
    ends = json.loads(trailer)
    assert ends["sha256"] == hashlib.sha256(header + first + second).hexdigest()
    assert (ends["lines"], ends["executions"], ends["repeated"]) == (4, 3, 1)
    assert (ends["exhausted"], ends["cut"], proof.whole) == (True, False, True)


def test_of_two_batches_the_last_one_counts(tmp_path: Path) -> None:
    proof = ProofFile(tmp_path / "p.gz", dict)
    proof.begin({})
    proof.write(b'{"first":1}\n')
    proof.begin({})
    proof.write(b'{"second":1}\n')
    proof.end(REPORT)
    proof.place()
    text = gzip.decompress((tmp_path / "p.gz").read_bytes())
    assert b"second" in text
    assert b"first" not in text
    assert [path.name for path in tmp_path.iterdir()] == ["p.gz"]


def test_without_a_report_nothing_is_left(tmp_path: Path) -> None:
    proof = ProofFile(tmp_path / "p.gz", dict)
    proof.begin({})
    proof.end(None)
    proof.place()
    assert (proof.left, proof.whole, proof.failed) == ("which did not come to its end", False, "")
    assert list(tmp_path.iterdir()) == []


def test_where_it_cannot_be_written_that_is_said_and_nothing_raised(tmp_path: Path) -> None:
    proof = ProofFile(tmp_path / "no" / "such" / "p.gz", dict)
    proof.begin({"key": b"1234567890"})
    proof.write(b"{}\n")
    proof.end(REPORT)
    proof.place()
    assert "cannot be written" in proof.failed
    assert list(tmp_path.iterdir()) == []


def test_when_the_disk_is_full_what_was_there_stays_and_nothing_is_left_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "p.gz").write_bytes(b"before")
    proof = ProofFile(tmp_path / "p.gz", dict)
    proof.begin({})

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(gzip.GzipFile, "write", full)
    proof.write(b"{}\n")
    proof.write(b"{}\n")
    proof.end(REPORT)
    proof.place()
    assert "No space left" in proof.failed
    assert [path.name for path in tmp_path.iterdir()] == ["p.gz"]
    assert (tmp_path / "p.gz").read_bytes() == b"before"
