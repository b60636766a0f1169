"""Bytes in rows at the end of lines, behind what a log or a language puts before each of them."""

from __future__ import annotations

import base64
import itertools
import pprint
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from apart_writers import CANARY, DERS, OTHER, report, told

from redactfuzz.scan.views.row_tails import tails

PREFIXES = {
    "syslog": "Nov 30 10:00:{:02} host app[7]: ",
    "RFC 3339": "2026-11-30T10:00:{:02}.123Z app[7]: ",
    "the kernel": "[   12.3456{:02}] ",
    "a level": "DEBUG: ",
    "CRI": "2026-11-30T10:00:{:02}.123456789Z stdout F ",
    "Go": "2026/11/30 10:00:{:02} main.go:42: ",
    "Java": "10:00:{:02}.123 [main] DEBUG c.e.App - ",
    "compose": "app_1  | ",
}
FORMS: dict[str, Callable[[bytes], str]] = {
    "decimal": lambda row: ", ".join(map(str, row)) + ",",
    "Go's": lambda row: "[" + " ".join(map(str, row)) + "]",
    "padded": lambda row: " ".join(f"{byte:3}" for byte in row),
    "signed": lambda row: ", ".join(str(byte - 256 if byte > 127 else byte) for byte in row) + ",",
    "with colons": lambda row: row.hex(":") + ":",
    "octal": lambda row: " ".join(f"{byte:03o}" for byte in row),
    "hexadecimal": lambda row: row.hex(),
    "base64": lambda row: base64.b64encode(row).decode(),
    "escapes": lambda row: f'"{escaped(row)}"',
}
FEW = [form for form in FORMS if form not in ("hexadecimal", "base64")]
LITERALS: dict[str, Callable[[list[str]], str]] = {
    "C": lambda rows: "const char k[] =\n" + "\n".join(f'  "{row}"' for row in rows) + ";",
    "Go": lambda rows: "var k = " + " +\n\t".join(f'"{row}"' for row in rows),
    "Python": lambda rows: "k = (\n" + "\n".join(f'    b"{row}"' for row in rows) + "\n)",
    "Rust": lambda rows: 'let k = b"' + "\\\n  ".join(rows) + '";',
    "Perl": lambda rows: "$k = " + "\n  . ".join(f'"{row}"' for row in rows) + ";",
    "a shell": lambda rows: "\n".join(f"printf '{row}' >> key" for row in rows),
    "msfvenom": lambda rows: 'buf =  b""\n' + "\n".join(f'buf += b"{row}"' for row in rows),
}


def escaped(row: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in row)


def plain(row: bytes) -> str:
    """With letters as they are."""
    return "".join(chr(byte) if chr(byte).isascii() and chr(byte).isalpha() else f"\\x{byte:02x}" for byte in row)


def in_rows(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def log(data: bytes, size: int, prefix: str, form: str, between: str = "") -> str:
    rows = (PREFIXES[prefix].format(at % 60) + FORMS[form](row) for at, row in enumerate(in_rows(data, size)))
    return "start\n" + "".join(f"{row}\n{between}" for row in rows) + "end\n"


def changed(der: bytes) -> bytes:
    """One bit of what is secret is another one."""
    at = 40
    return der[:at] + bytes([der[at] ^ 1]) + der[at + 1 :]


@pytest.mark.parametrize("size", [12, 16])
@pytest.mark.parametrize("form", FORMS)
def test_a_key_in_rows_of_a_log_is_found(form: str, size: int, tmp_path: Path) -> None:
    assert DERS
    assert PREFIXES
    for (name, der), prefix in zip(itertools.cycle(DERS.items()), PREFIXES, strict=False):
        text = log(der, size, prefix, form)
        (key,) = report(tmp_path, text).keys
        (where,) = key.where
        assert 0 < where.offset < where.offset + where.length <= len(text), (name, prefix)


@pytest.mark.parametrize("form", FORMS)
def test_lines_of_another_writer_may_stand_between(form: str, tmp_path: Path) -> None:
    other = "2026-11-30T10:00:00.124Z web[9]: GET /item/42 200\n"
    for der in DERS.values():
        assert told(tmp_path, log(der, 16, "syslog", form, other)) == "LEAK"
        assert told(tmp_path, log(changed(der), 16, "syslog", form, other)) == told(tmp_path, changed(der))


@pytest.mark.parametrize("size", [2, 3, 4, 5, 6])
@pytest.mark.parametrize("form", FEW)
def test_a_canary_in_rows_of_few_bytes_is_found_and_not_another_one(form: str, size: int, tmp_path: Path) -> None:
    for prefix in ("RFC 3339", "a level"):
        assert told(tmp_path, log(b"password=" + CANARY.bytes + b";", size, prefix, form)) == "LEAK"
        assert told(tmp_path, log(b"password=" + OTHER.bytes + b";", size, prefix, form)) == "CLEAN"


@pytest.mark.parametrize("language", LITERALS)
def test_a_key_in_literals_of_several_lines_is_found(language: str, tmp_path: Path) -> None:
    for der in DERS.values():
        written = LITERALS[language]([escaped(row) for row in in_rows(der, 16)])
        assert len(report(tmp_path, written).keys) == 1
        assert tails(LITERALS[language]([f"line {at} of a text that is long\\n" for at in range(9)]).encode()) is None


def test_literals_as_formatters_write_them_are_read(tmp_path: Path) -> None:
    """Rows of unequal length, of which some are between other quotes, and octal numbers that end with a row."""
    for der in DERS.values():
        assert len(report(tmp_path, pprint.pformat({"key": der})).keys) == 1
        assert len(report(tmp_path, pprint.pformat(der)).keys) == 1
        few = "\n".join(f'buf += b"{plain(row)}"' for row in in_rows(der, 4))  # of which some are letters
        assert len(report(tmp_path, few).keys) == 1
        octal = "\n".join('\t.ascii "' + "".join(f"\\{byte:o}" for byte in row) + '"' for row in in_rows(der, 1))
        assert len(report(tmp_path, octal).keys) == 1


def test_other_members_may_stand_behind_a_row(tmp_path: Path) -> None:
    for at, der in enumerate(DERS.values()):
        lines = (f'{{"data":"{FORMS["decimal"](row)}","time":"10:00:0{at}"}}\n' for row in in_rows(der, 16))
        assert len(report(tmp_path, "".join(lines)).keys) == 1


def test_a_time_or_a_number_of_a_process_is_no_byte_of_a_row() -> None:
    rows = tails(b"".join(b"2026-11-30 10:00:%02d 48 129 %d 2 1\n" % (at, at) for at in range(9)))
    assert rows is not None
    assert rows.data.split(b"\0")[0] == b"".join(b"48 129 %d 2 1\n" % at for at in range(9))


@pytest.mark.parametrize(
    "prose",
    [
        "a line of a log that ends with a word\n" * 99,
        "2026-11-29 18:00:00 GET /a 200\n" * 9,
        "import numbers_of_a_long_name\n" * 99,
        "48, 129, 17, 12, 98, 12,\n" * 99,  # read as it stands
        'print("a\\nb")\n' * 99,
        "",
        "\n" * 99,
    ],
)
def test_what_is_no_row_or_has_nothing_around_it_is_left(prose: str) -> None:
    assert tails(prose.encode()) is None


def test_each_byte_is_where_it_is_written_and_there_is_room_for_all() -> None:
    draw, seen = random.Random(5), 0
    pieces = ["\n", " ", '"', "\\x30", "\\1", "\\", "48", ", ", "UA==", "MIGHAgEAMBMGByqG", "}", "\0", "log: ", "+"]
    for _ in range(2000):
        row = "".join(draw.choices(pieces, k=4)) + "\n"
        text = (row * draw.randrange(30) + "".join(draw.choices(pieces, k=40))).encode()
        rows = tails(text)
        if rows is not None:
            places = [rows.place(at, at + 1) for at in range(len(rows.data))]
            assert all(0 <= start < end <= len(text) for start, end in places)
            seen += 1
    assert seen > 100
