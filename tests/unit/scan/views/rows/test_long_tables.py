"""Keys as numbers, one a line, behind what a log puts before each: tables of any length are one."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric import rsa

from redactfuzz.report.dump_lines import verdict
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.matcher_set import MatcherSet
from redactfuzz.scan.views import Spelling
from redactfuzz.scan.views.spellings import origins, spelled

ROWS: dict[str, Callable[[int, int], str]] = {
    "an application": lambda i, b: f"2026-11-30T10:41:19.123456Z host app: byte {b}\n",
    "a kernel": lambda i, b: f"[ {100 + i // 900:5d}.{i * 1111 % 1000000:06d}] usb 1-1: rx {b:02x}\n",
    "CSV": lambda i, b: f"2026-11-30 10:41:{i // 60 % 60:02d},{i},{b}\n",
    "syslog": lambda i, b: f"Nov 30 10:41:19 host app[1234]: byte {i} of 5000: {b}\n",
    "logcat": lambda i, b: f"11-30 10:41:19.{i % 1000:03d}  1234  1250 D KeyStore: b[{i}]={b}\n",
}
BEFORE, BEHIND = "hello\n" * 100, "bye\n" * 100


BLOCK = 4 << 20


@functools.cache
def key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


def der(bits: int = 2048) -> bytes:
    return key(bits).private_bytes(form.Encoding.DER, form.PrivateFormat.TraditionalOpenSSL, form.NoEncryption())


def pem() -> bytes:
    return key().private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())


def rows(row: Callable[[int, int], str], data: bytes) -> str:
    return "".join(row(index, byte) for index, byte in enumerate(data))


def scanned(folder: Path, text: str) -> str:
    (folder / "log").write_text(text)
    return verdict(scan_dump(folder / "log", ScanRequest(MatcherSet(), KnownKeys())))


def columns(text: str) -> list[bytes]:
    return [each for each in spelled(Spelling.COLUMNS, text.encode()).split(bytes(4)) if each]


def listed(data: bytes) -> bytes:
    return b"".join(b"%d " % byte for byte in data)


@pytest.mark.parametrize("writer", ROWS)
def test_a_key_of_a_thousand_rows_is_found_and_a_public_one_is_none(tmp_path: Path, writer: str) -> None:
    assert scanned(tmp_path, BEFORE + rows(ROWS[writer], der()) + BEHIND) == "LEAK"
    assert scanned(tmp_path, BEFORE + rows(ROWS[writer], pem()) + BEHIND) == "LEAK"
    public = key().public_key().public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo)
    other = random.Random(1).randbytes(1200)
    assert scanned(tmp_path, BEFORE + rows(ROWS[writer], public + other) + BEHIND) == "CLEAN"


def test_a_key_is_found_anywhere_in_a_table_that_is_longer(tmp_path: Path) -> None:
    rng = random.Random(2)
    row = ROWS["syslog"]
    around = "".join(row(index, rng.randrange(100_000)) for index in range(3000))
    broken = around + "Nov 30 10:41:19 host app[1234]: byte 1 of 5000: none\n"
    for before in (around, broken, broken + around):
        assert scanned(tmp_path, before + rows(row, der()) + broken) == "LEAK"
    assert scanned(tmp_path, broken + around + rows(row, der()[: len(der()) // 5]) + broken) == "CLEAN"


@pytest.mark.parametrize("part", [0.1, 0.25, 0.3, 0.35, 0.5, 0.9])
def test_a_key_in_long_rows_is_found_across_blocks_that_are_read_at_once(tmp_path: Path, part: float) -> None:
    written = rows(lambda _, b: f"{'x' * 300} byte {b}\n", der(4096))
    before = "nothing here at all\n" * ((BLOCK - int(len(written) * part)) // 20)
    assert scanned(tmp_path, before + written + BEHIND) == "LEAK"


@pytest.mark.parametrize("size", [100, 1000, 20_000])
def test_what_a_column_holds_is_written_as_one_however_long_it_is(size: int) -> None:
    data = random.Random(3).randbytes(size)
    for name in ("an application", "CSV", "syslog", "logcat"):
        assert listed(data) in columns(rows(ROWS[name], data)), name
    text = rows(ROWS["CSV"], data).encode()
    at, places = spelled(Spelling.COLUMNS, text).index(listed(data)), origins(Spelling.COLUMNS, text)
    assert text[: places[at]].endswith(b"10:41:00,0,")


def test_numbers_that_count_are_left_out_of_each_part_of_a_long_column() -> None:
    data = random.Random(4).randbytes(5000)
    between = "".join(f"<{i}> <{b}>\n" for i, b in enumerate(data))
    counting = "".join(f"<{i}> <{i + 7}>\n" for i in range(5000))
    assert columns(counting) == []
    assert listed(data) in columns(between)
    assert any(listed(data[1024:]) in each for each in columns(counting + between))


def test_pieces_of_a_text_go_on_where_the_numbers_of_their_column_are_a_secret_too() -> None:
    rng = random.Random(5)
    words = ["".join(rng.choices("ghijkl", k=3)) for _ in range(3000)]
    data = rng.randbytes(3000)
    text = "".join(f"event: <{each}>\n" for each in (*words, *data, *words))
    seen = columns(text)
    assert any("".join(words).encode() in each for each in seen)
    assert any(listed(data) in each for each in seen)


def test_what_is_written_of_tables_fits_whatever_they_hold() -> None:
    rng = random.Random(6)
    cells = [*(str(rng.randrange(1 << bits)) for bits in range(1, 40)), "a", "ghi", "n/a", "-7", "'x_y'", "word"]
    for _ in range(60):
        between = rng.choices([",", ";", "\n", ": ", "|", "="], k=rng.randrange(2, 6))
        text = "".join(rng.choice(cells) + between[at % len(between)] for at in range(rng.randrange(20_000))).encode()
        found = spelled(Spelling.COLUMNS, text)
        assert len(found) <= 2 * len(text)
        places = origins(Spelling.COLUMNS, text)
        assert all(found[at] in (0, 32, text[places[at]]) for at in range(len(found)))
