"""A match of a rule is found wherever it lies, as far as it goes; one that goes on beyond what is read is a gap."""

from __future__ import annotations

from pathlib import Path

import pytest

from redactfuzz.dumps.readers.image import Image
from redactfuzz.scan.keys import KnownKeys, read_rules
from redactfuzz.scan.keys.detector import Findings
from redactfuzz.scan.keys.tokens import custom, reaching
from redactfuzz.scan.keys.tokens.custom import FileTokens

CHUNK = custom._CHUNK
LETTERS = b"0123456789abcdef"


def find(folder: Path, regex: str, data: bytes) -> Findings:
    path = folder / "rules.toml"
    path.write_text(f"[[rules]]\nid = 'blob'\nregex = '''{regex}'''\n")
    return FileTokens().find(Image("log", data), KnownKeys(rules=read_rules(path)))


def places(findings: Findings) -> list[tuple[int, int]]:
    return [(where.offset, where.length) for one in findings for where in one.where]


@pytest.mark.parametrize("before", [0, 100, CHUNK - 11_300, CHUNK - 100, CHUNK - 1, CHUNK, CHUNK + 1])
@pytest.mark.parametrize("size", [700, 40_000])
def test_a_long_match_is_found_once_wherever_it_lies(tmp_path: Path, before: int, size: int) -> None:
    blob = b"BEGINX" + LETTERS * size + b"ENDX"
    space = b".\n" * (before // 2) + b"." * (before % 2)
    found = find(tmp_path, "BEGINX[0-9a-f]*ENDX", space + blob + b"\n" + space)
    assert places(found) == [(before, len(blob))]
    assert not found.gaps
    assert not places(find(tmp_path, "BEGINX[0-9a-f]*ENDX", space + blob[:-1] + b"\n" + space))


@pytest.mark.parametrize("before", [CHUNK - 50_000, CHUNK - 100])
@pytest.mark.parametrize("size", [20_000, 110_000])
def test_a_match_that_ends_nowhere_is_told_with_all_its_bytes(tmp_path: Path, before: int, size: int) -> None:
    """However much of it lies in the next pieces, and the rest of it is no match of its own."""
    found = find(tmp_path, "[0-9a-f]{32,}", b"\n" * before + LETTERS * size + b"\n" * CHUNK)
    assert places(found) == [(before, 16 * size)]


def test_a_secret_far_behind_where_its_match_begins_is_found(tmp_path: Path) -> None:
    data = b"\n" * (CHUNK - 20_000) + b"BEGINX" + LETTERS * 2000 + b"=(secret12)" + b"\n" * 9000
    assert places(find(tmp_path, r"BEGINX[0-9a-f]*=\((\w+)\)", data)) == [(CHUNK - 20_000 + 6 + 32_000 + 2, 8)]


def test_the_end_of_a_piece_is_not_the_end_of_the_text(tmp_path: Path) -> None:
    data = b"\n" * (CHUNK + custom._OVERLAP - 12) + b"secret123456"
    assert places(find(tmp_path, r"secret\d+$", data))
    assert not places(find(tmp_path, r"secret\d+$", data + b"\n" * 100))


def test_one_that_is_longer_than_is_read_is_a_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reaching, "LONGEST", 1 << 16)
    monkeypatch.setattr(custom, "_FAR", 1 << 14)
    data = b"\n" * (CHUNK - 5) + b"k_" + LETTERS * 20_000 + b"\n"
    found = find(tmp_path, "k_[0-9a-f]+", data)
    (gap,) = found.gaps
    assert "a match is longer" in gap.reason
    assert places(found)
    assert not find(tmp_path, "k_[0-9a-f]+", data[: CHUNK + 50_000]).gaps


@pytest.mark.parametrize(
    ("regex", "most"),
    [
        (r"k_[0-9a-f]{32}", 34),
        (r"(?i)\bacme[_-]key['=: ]{1,4}([a-z0-9]{24})\b", 36),
        (r"a{2,5}|b", 5),
    ],
)
def test_how_long_a_match_may_be_is_told(regex: str, most: int) -> None:
    assert reaching.width(regex) == most


@pytest.mark.parametrize("regex", ["a+", "a{2,}", r"\pL", r"[[:alpha:]]*"])
def test_of_what_is_not_bounded_or_not_known_a_match_may_be_long(regex: str) -> None:
    assert reaching.width(regex) > reaching.LONGEST


def test_however_often_a_match_reaches_the_end_of_a_piece_little_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In each piece it begins, and only the last byte of all says that it is none."""
    read = 0

    class Counted(bytes):
        def __getitem__(self, index: object) -> bytes:  # type: ignore[override]
            nonlocal read
            piece: bytes = super().__getitem__(index)  # type: ignore[call-overload]
            read += len(piece)
            return piece

    monkeypatch.setattr(custom, "_CHUNK", 1 << 14)
    monkeypatch.setattr(custom, "_OVERLAP", 1 << 9)
    monkeypatch.setattr(custom, "_FAR", 1 << 14)
    monkeypatch.setattr(reaching, "LONGEST", 1 << 15)
    counts = []
    for size in (1 << 18, 1 << 19):
        read = 0
        find(tmp_path, "BEGIN[^z]*$", Counted(b"BEGIN" * (size // 5) + b"z"))
        counts.append(read)
    assert counts[0] > 1 << 18
    assert counts[1] < 2.3 * counts[0]
