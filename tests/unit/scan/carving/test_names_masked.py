"""No name in a report holds what it finds: a member of JSON, a file, or a member of an archive may be called so."""

from __future__ import annotations

import io
import json
import os
import random
import string
import tarfile
import zlib
from pathlib import Path

from redactfuzz.dumps.readers.opening import TOGETHER
from redactfuzz.model.canary import Canary, mint, raw
from redactfuzz.report.dump_lines import as_json
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.many import with_quiet_ones
from redactfuzz.scan.matcher_set import MatcherSet

DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
SECRET = mint(67, "secret", raw(32), 1)


def token(number: int) -> str:
    """One of GitHub, with its checksum."""
    body = "".join(random.Random(number).choices(DIGITS, k=30))
    left, checksum = zlib.crc32(body.encode()), ""
    while left:
        left, digit = divmod(left, 62)
        checksum = DIGITS[digit] + checksum
    return f"ghp_{body}{checksum.rjust(6, '0')}"


def shown(path: Path, *canaries: Canary) -> tuple[bool, str]:
    """Whether something is found in it, and all that is said of it, as bytes of names."""
    matcher_set = MatcherSet(thorough=True)
    matcher_set.plant(canaries, [])
    report = scan_dump(str(path), ScanRequest(matcher_set, KnownKeys(), canaries=canaries))
    return bool(report.keys or report.exposures), str(json.loads(as_json(report)))


def test_members_of_json_that_are_called_by_tokens(tmp_path: Path) -> None:
    tokens = [token(number) for number in range(40)]
    (tmp_path / "sessions.json").write_text(json.dumps({"tokens": {one: {"n": 1} for one in tokens}}))
    found, said = shown(tmp_path / "sessions.json")
    assert found
    assert said.count("$.tokens.<key>") >= len(tokens)
    assert not [one for one in tokens if one in said]


def test_a_file_and_a_member_that_are_called_by_the_token_that_they_hold(tmp_path: Path) -> None:
    one = token(7)
    with tarfile.open(tmp_path / f"of {one}.tar", "w") as file:
        member = tarfile.TarInfo(f"{one}.txt")
        member.size = len(one) + 1
        file.addfile(member, io.BytesIO(f"{one}\n".encode()))
    found, said = shown(tmp_path / f"of {one}.tar")
    assert found
    assert one not in said


def test_files_without_secrets_that_are_called_by_tokens_alone_and_together(tmp_path: Path) -> None:
    """What is downloaded is called as its address was, with the token of the query."""
    tokens = [token(number) for number in range(2 * TOGETHER)]
    for one in tokens:
        (tmp_path / f"download?token={one}&of=7").write_text("hello\n")
    found, said = shown(tmp_path / f"download?token={tokens[0]}&of=7")
    assert not found
    assert "download?token=" in said
    assert tokens[0] not in said
    wanted = ScanRequest(MatcherSet(thorough=True), KnownKeys())
    reports = [quiet for _, quiet in with_quiet_ones([str(path) for path in tmp_path.iterdir()], wanted) if quiet]
    assert len(reports) == len(tokens)
    said = "".join(as_json(report) for report in reports)
    assert not [one for one in tokens if one in said]


def test_a_file_that_is_called_by_the_bytes_of_a_canary(tmp_path: Path) -> None:
    name = os.fsdecode(SECRET.bytes.replace(b"/", b"_").replace(b"\0", b"_"))
    (tmp_path / name).write_bytes(b"here: " + SECRET.bytes)
    found, said = shown(tmp_path / name, SECRET)
    assert found
    assert "canary secret>" in said
    encoded = said.encode("utf-8", "surrogateescape")
    assert not [at for at in range(24) if SECRET.bytes[at : at + 8] in encoded]
