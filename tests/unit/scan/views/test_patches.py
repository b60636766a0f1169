"""Secrets in patches: base64 behind the marks of its lines, and files that git writes packed."""

from __future__ import annotations

import base64
import gzip
import random
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from apart_writers import CANARY, DERS, OTHER, PUBLIC, report, told

from redactfuzz.report.dump_lines import verdict
from redactfuzz.scan.views.patches import unpatched

SIGNS: dict[str, Callable[[list[str]], str]] = {
    "added": lambda lines: "\n".join("+" + line for line in lines),
    "taken away": lambda lines: "".join("-" + line + "\n" for line in lines),
    "in a patch": lambda lines: "--- a/key\n+++ b/key\n@@ -1 +1,9 @@\n-none\n" + "".join(f"+{x}\r\n" for x in lines),
}
PACKED = gzip.compress(b"INFO a line\n" * 40 + CANARY.bytes + random.Random(4).randbytes(900))


def lines(data: bytes) -> list[str]:
    return base64.encodebytes(data).decode().split()


@pytest.mark.parametrize("way", SIGNS)
def test_base64_behind_the_signs_of_a_patch_is_read(way: str, tmp_path: Path) -> None:
    for der in DERS.values():
        (key,) = report(tmp_path, text := SIGNS[way](lines(der))).keys
        (where,) = key.where
        assert where.length > len(der)
        assert text[where.offset :].startswith("MI")
    assert told(tmp_path, SIGNS[way](lines(PACKED))) == "LEAK"
    assert told(tmp_path, SIGNS[way](PUBLIC.split("\n")[1:-2])) == "CLEAN"


def committed(folder: Path, *versions: bytes) -> bytes:
    """The last of several commits of a file, as a patch."""

    def git(*words: str) -> bytes:
        who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        return subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True).stdout

    folder.mkdir()
    git("init", "-q", ".")
    for version in versions:
        (folder / "file").write_bytes(version)
        git("add", ".")
        git("commit", "-qm", "one more")
    return git("format-patch", "--stdout", "--root", "HEAD")


def test_a_file_that_git_has_packed_is_read(tmp_path: Path) -> None:
    def text(secret: bytes) -> bytes:
        around = random.Random(1).randbytes(400), random.Random(2).randbytes(400)
        return bytes(16) + around[0] + b"token=" + secret + b"\n" + around[1]

    for name, secret, said in (("secret", CANARY.bytes, "LEAK"), ("other", OTHER.bytes, "CLEAN")):
        patch = committed(tmp_path / name, text(secret))
        assert b"GIT binary patch" in patch
        assert told(tmp_path, patch) == said
        delta = committed(tmp_path / f"{name}2", text(b"none"), text(secret))
        assert b"\ndelta " in delta
        assert told(tmp_path, delta) == said


def test_a_key_in_a_file_that_git_has_packed_is_read(tmp_path: Path) -> None:
    found = report(tmp_path, committed(tmp_path / "git", bytes(9) + DERS["ec"]))
    assert verdict(found) == "LEAK"


def test_a_line_of_base64_that_begins_with_a_sign_is_read_as_it_is(tmp_path: Path) -> None:
    data = b"\xfb" + DERS["rsa"]
    assert base64.b64encode(data).startswith(b"+")
    assert told(tmp_path, "\n".join(lines(data))) == "LEAK"


def test_what_is_no_patch_gives_nothing() -> None:
    for text in (b"literal 5\nzzzzz\n\n", b"none", b"literal 9\nJabcdefghijkl"):
        assert unpatched(b"GIT binary patch\n" + text) is None
