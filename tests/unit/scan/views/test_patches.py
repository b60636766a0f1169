"""Secrets in patches: base64 behind the marks of its lines, and files that git writes packed."""

from __future__ import annotations

import base64
import gzip
import random
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.unit.scan.views.apart_writers import CANARY, DERS, OTHER, PUBLIC, report, told

from redactfuzz.report.dump_lines import verdict
from redactfuzz.scan.views.patches import changed, unpatched

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
        assert "lines of a patch" in key.where[0].span
        written = text.encode()[key.where[0].offset :][: key.where[0].length].decode()
        assert len(written) > len(der)
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
        return bytes(16) + random.Random(1).randbytes(400) + b"token=" + secret + b"\n" + random.Random(2).randbytes(400)

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


def test_each_byte_of_a_patch_lies_where_its_line_has_it() -> None:
    text = b"\n".join(b"+" + line.encode() for line in lines(DERS["rsa"])) + b"\nend\n"
    parts = changed(text)
    assert parts is not None
    for at, byte in enumerate(parts.data):
        start, _ = parts.place(at, at + 1)
        assert byte in {0, 10} or text[start] == byte


def test_what_is_no_patch_gives_nothing() -> None:
    rows = "".join("+" + line[1:] + "\n" for line in lines(DERS["rsa"]))
    for text in ("+ a\n+ b\n- c\n", "-" * 60 + "\n+a\n", rows, "GIT binary patch\nliteral 5\nzzzzz\n\n"):
        assert changed(text.encode()) is None
        assert unpatched(text.encode()) is None
