"""Dumps in hexadecimal behind what a log puts before each line, with places of any form, in words of any length."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from redactfuzz.model.canary import mint, raw, token
from redactfuzz.report.dump_lines import verdict
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.matcher_set import MatcherSet
from redactfuzz.scan.views import Spelling
from redactfuzz.scan.views.spellings import origins, spelled

TOKEN, RAW = mint(81, "token", token(32), 1), mint(81, "raw", raw(32), 1)
NOW = "Nov 29 18:00:00 host app[123]: "
OTHERS = mint(82, "token", token(32), 1), mint(82, "raw", raw(32), 1)


def text(row: bytes) -> str:
    return "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)


def hexadecimal(row: bytes, between: str = " ") -> str:
    """As it is, with `between` in the middle."""
    first, second = (" ".join(f"{byte:02x}" for byte in half) for half in (row[:8], row[8:]))
    return (first + between + second if second else first).ljust(46 + len(between))


def words(row: bytes, form: str, size: int) -> str:
    padded = row + bytes(-len(row) % size)
    return " ".join(word(value, form) for (value,) in struct.iter_unpack(form, padded))


def word(value: int, form: str) -> str:
    return {"<I": f"{value:08x}", "<Q": f"{value >> 32:08x}`{value & 0xFFFFFFFF:08x}", "=Q": f"{value:016x}"}[form]


def place(at: int) -> str:
    return f"{0x7FF6:08x}`{0x12340000 + at:08x}"


def rows(row: Callable[[int, bytes], str], size: int = 16) -> Callable[[bytes], str]:
    return lambda data: "".join(row(at, data[at : at + size]) + "\n" for at in range(0, len(data), size))


WAYS: dict[str, Callable[[bytes], str]] = {
    "a dump in syslog": rows(lambda at, row: f"{NOW}{at:08x}  {hexadecimal(row, '  ')}  |{text(row)}|"),
    "xxd in syslog": rows(lambda at, row: f"{NOW}{at:08x}: {row.hex(' ', -2).ljust(39)}  {text(row)}"),
    "print_hex_dump": rows(lambda at, row: f"[   12.3456{at // 16:02}] key: {at:08x}: {hexadecimal(row)}  {text(row)}"),
    "print_hex_dump without text": rows(lambda at, row: f"[   12.3456{at // 16:02}] key: {at:08x}: {hexadecimal(row)}"),
    "mbedTLS": rows(lambda at, row: f"ssl_tls.c:0123: |4| {at:04x}:  {hexadecimal(row)}  {text(row)}"),
    "BIO_dump": rows(lambda at, row: f"{at:04x} - {hexadecimal(row, '-')}   {text(row)}"),
    "BIO_dump, indented": rows(lambda at, row: f"      {at:04x} - {hexadecimal(row, '-')}   {text(row)}"),
    "tshark": rows(lambda at, row: f"{at:04x}  {hexadecimal(row)}  {text(row)}"),
    "certutil": rows(lambda at, row: f"    {at:04x}  {hexadecimal(row, '  ')}   {text(row)}"),
    "WinDbg's db": rows(lambda at, row: f"{place(at)}  {hexadecimal(row, '-')}  {text(row)}"),
    "WinDbg's dd": rows(lambda at, row: f"{place(at)}  {words(row, '<I', 4)}"),
    "WinDbg's dq": rows(lambda at, row: f"{place(at)}  {words(row, '<Q', 8)}"),
    "WinDbg's dqs": rows(lambda at, row: f"{place(at)}  {words(row, '<Q', 8)}", 8),
    "a tombstone": rows(lambda at, row: f"    {0x7F12345670 + at:016x} {words(row, '=Q', 8)}  {text(row)}"),
    "four bytes a line": rows(lambda at, row: f"[   12.3456{at:02}] buf: {hexadecimal(row).rstrip()}", 4),
    "six bytes a line": rows(lambda at, row: f"[   12.3456{at:02}] buf: {hexadecimal(row).rstrip()}", 6),
    "four bytes a line with text": rows(lambda at, row: f"spi: {at:04x}  {hexadecimal(row).strip()}  |{text(row)}|", 4),
}


def log(written: str) -> bytes:
    return f"Nov 29 18:00:00 host app[1]: start\n{written}Nov 29 18:00:09 host app[1]: the end\n".encode()


def scanned(folder: Path, data: bytes) -> str:
    matcher_set = MatcherSet()
    matcher_set.plant([TOKEN, RAW], [])
    (folder / "dump").write_bytes(data)
    return verdict(scan_dump(folder / "dump", ScanRequest(matcher_set, KnownKeys(), canaries=(TOKEN, RAW))))


@pytest.mark.parametrize("way", WAYS)
def test_a_secret_is_found_and_not_in_the_twin(way: str, tmp_path: Path) -> None:
    for secret, other in zip((TOKEN, RAW), OTHERS, strict=True):
        assert scanned(tmp_path, log(WAYS[way](b"abc=" + secret.bytes + b"; path=/"))) == "LEAK"
        assert scanned(tmp_path, log(WAYS[way](b"abc=" + other.bytes + b"; path=/"))) == "CLEAN"


@pytest.mark.parametrize("size", [32, 33, 35, 121, 138, 250])
@pytest.mark.parametrize("way", WAYS)
def test_all_bytes_are_seen_whatever_the_last_row_holds(way: str, size: int) -> None:
    for seed in range(8):
        secret = random.Random(seed).randbytes(size)
        assert secret in spelled(Spelling.ROWS, log(WAYS[way](secret))), seed


@pytest.mark.parametrize("way", WAYS)
def test_text_beside_the_bytes_is_none_of_them(way: str) -> None:
    """It may look as hexadecimal does."""
    secret = b"deadbeef cafe 12 ab.ffff 00 feed" * 4
    assert secret in spelled(Spelling.ROWS, log(WAYS[way](secret)))


def test_each_byte_has_its_origin_and_two_dumps_are_two() -> None:
    written = log(WAYS["print_hex_dump"](RAW.bytes) + "a line between\n" + WAYS["WinDbg's dd"](TOKEN.bytes))
    data, places = spelled(Spelling.ROWS, written), origins(Spelling.ROWS, written)
    at = data.index(RAW.bytes)
    assert [int(written[places[index] :][:2], 16) for index in range(at, at + 32)] == list(RAW.bytes)
    assert TOKEN.bytes in data
    assert RAW.bytes + TOKEN.bytes not in data


@pytest.mark.parametrize(
    "prose",
    [
        "a line of a log that ends with 12 34\n" * 99,
        "2026-11-29 18:00:00 GET /a 200 12ab34cd\n" * 99,
        "the trace 0123456789abcdef of a request\n" * 99,
        "one row: 00 11 22 33 44 55 66 77 88 99 aa bb cc dd ee ff\n",
        "",
        "\n" * 99,
    ],
)
def test_what_is_no_dump_has_no_rows(prose: str) -> None:
    assert not spelled(Spelling.ROWS, prose.encode())


def test_no_more_is_written_than_there_is_room_for() -> None:
    short = b"0123456789abcdef 0123456789abcdee\n" * 2
    assert len(spelled(Spelling.ROWS, short)) <= len(short)
    draw = random.Random(5)
    for _ in range(300):
        noise = "".join(draw.choice("0123456789abcdef0123456789abcdef  --``\n\n|.x") for _ in range(400)).encode()
        assert len(spelled(Spelling.ROWS, noise)) <= len(noise)


@pytest.mark.parametrize("count", [2, 3, 9])
def test_first_bytes_that_look_as_if_they_counted_are_bytes_of_the_dump(count: int) -> None:
    """Sixteen bytes a row, of which the second row begins with a byte that is fifteen more than that of the first."""
    data = bytearray(random.Random(5).randbytes(16 * count))
    data[0], data[16] = 0x30, 0x3F
    dump = "".join(f"{NOW}{at:08x}  {hexadecimal(data[at : at + 16], '  ')}\n" for at in range(0, len(data), 16))
    assert bytes(data) in spelled(Spelling.ROWS, dump.encode())
    counted = "".join(f"{NOW}{at:02x} {hexadecimal(data[at : at + 16])}\n" for at in range(0, len(data), 16))
    assert bytes(data) in spelled(Spelling.ROWS, counted.encode())
