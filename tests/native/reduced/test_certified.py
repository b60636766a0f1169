"""Certificates of programs: the checker accepts what the reduction has explored of them, and no less.

``drawn.c`` runs programs that its arguments say; how they are drawn is in ``test_reduction.py``.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from pathlib import Path

import attrs
import pytest
from modelled import LIMITS, executions, planted
from test_reduction import MOST, ONE_OF_EACH, TARGETS, Drawn, drawn

from redactfuzz.campaign.files.proof import ProofFile
from redactfuzz.check import Rejected, check
from redactfuzz.model.canary import token
from redactfuzz.model.plan import StageReport

RECORDED = attrs.evolve(ONE_OF_EACH, proof=True)


def certificate(lines: list[bytes], executions_: int) -> bytes:
    text = b'{"rfproof": 1, "sources": {}}\n' + b"".join(lines)
    ends = {
        "sha256": hashlib.sha256(text).hexdigest(),
        "lines": text.count(b"\n") + 1,
        "executions": executions_,
        "repeated": text.count(b'"leaf":"asleep"'),
        "exhausted": True,
        "cut": False,
    }
    return gzip.compress(text + json.dumps(ends).encode() + b"\n", 1)


def said(file: bytes) -> str:
    try:
        return f"{check(io.BytesIO(file)).executions} executions"
    except Rejected as error:
        return str(error)


def recorded(program: Drawn) -> tuple[int, list[bytes]]:
    """How many executions a program has, and the lines of its tree."""
    pieces: list[bytes] = []
    canaries = [planted("key", token(16))]
    events = executions(
        "drawn.c",
        *program.threads,
        crash=program.crash,
        stage=RECORDED,
        canaries=canaries,
        at_most=MOST,
        proof=pieces.append,
    )
    return len(events), b"".join(pieces).splitlines(keepends=True)


def harmless(lines: list[bytes]) -> list[bytes]:
    """The tree with outcomes in which nothing came out: here only what was explored is asked for."""
    return [line.replace(b'"outcome":1', b'"outcome":0').replace(b'"outcome":2', b'"outcome":0') for line in lines]


@pytest.mark.parametrize("crash", ["none", "kill"])
def test_the_trees_of_drawn_programs_are_accepted_and_without_their_last_branch_rejected(crash: str) -> None:
    accepted = rejected = 0
    for seed in (0, 2, 3, 4, 5, 6):
        many, lines = recorded(drawn(seed, crash))
        assert many < MOST
        lines = harmless(lines)
        assert said(certificate(lines, many)) == f"{many} executions", f"seed {seed}"
        accepted += 1
        leaves = [number for number, line in enumerate(lines) if b'"leaf"' in line]
        if many > 1 and b'"leaf":"asleep"' not in lines[-1]:  # without a repetition nothing is missing
            less = lines[: leaves[-2] + 1]
            assert " explored " in said(certificate(less, many - 1)), f"seed {seed}"
            rejected += 1
    assert (accepted, rejected) == (6, {"none": 5, "kill": 6}[crash])


def test_another_process_whose_memory_lies_elsewhere_has_the_same_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is executed again for `check --rerun` is compared with them by number: of threads that are joined too."""
    many, lines = recorded(drawn(3, "kill"))
    assert 1 < many < MOST
    monkeypatch.setitem(LIMITS, "frontier", LIMITS["frontier"] + (64 << 20))  # what is mapped first takes more room
    assert recorded(drawn(3, "kill")) == (many, lines)


def test_a_tree_in_which_a_secret_came_out_is_no_proof_however_whole_it_is() -> None:
    pieces: list[bytes] = []
    source = str(TARGETS / "split_write" / "vulnerable.c")
    canaries = [planted("session key", token(16))]
    events = executions(
        source, crash="SIGSEGV", stage=RECORDED, canaries=canaries, at_most=MOST, crashes=1, proof=pieces.append
    )
    lines = b"".join(pieces).splitlines(keepends=True)
    assert any(hit for event in events for hit in event.hits)
    assert "a secret came out" in said(certificate(lines, len(events)))
    assert said(certificate(harmless(lines), len(events))) == f"{len(events)} executions"


def test_no_byte_of_a_canary_is_in_it(tmp_path: Path) -> None:
    file = ProofFile(tmp_path / "a.gz", dict)
    value = bytes(range(1, 33))
    file.begin({"key": value})
    file.write(b'{"told":[]}\n')
    file.end(StageReport(1, 1.0, exhausted=True, truncated=False))
    file.place()
    text = gzip.decompress((tmp_path / "a.gz").read_bytes())
    assert [path.name for path in tmp_path.iterdir()] == ["a.gz"]
    assert value not in text
    assert value.hex().encode() not in text
    assert hashlib.sha256(value).hexdigest().encode() not in text
    assert len(json.loads(text.splitlines()[0])["canaries"]["key"]) == 64
