"""Dumps as od, hexdump, xxd, readelf and objdump write them, down to a last line that is not full."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

import pytest

from redactfuzz.scan.views import Allowance, Derived, derived, texts_of

C = {0: "\\0", 7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r"}
"""As `od -c` has them."""
A = dict(enumerate(re.findall("...", "nulsohstxetxeotenqackbel bs ht nl vt ff cr so sidledc1dc2dc3dc4naksynetbcan emsub"
                              "esc fs gs rs us sp"))) | {127: "del"}  # fmt: skip
"""As `od -a` has them."""
PEM = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMG ByqGSM49\t\r\n\x7f\x1b\n-----END PRIVATE KEY-----\n"


def views(written: str) -> list[bytes]:
    data = f"INFO start\n{written}INFO the end of it\n".encode()
    texts = texts_of(Derived("", data, lambda start, end: (start, end)))
    return [one.data for text in texts for one in derived(text, Allowance.of(len(data)))]


def text(data: bytes) -> str:
    return "".join(chr(byte) if 32 <= byte < 127 else "." for byte in data)


def character(byte: int) -> str:
    return C.get(byte) or (chr(byte) if 32 <= byte < 127 else f"{byte:03o}")


def rows(row: Callable[[int, bytes], str], last: str = "") -> Callable[[bytes], str]:
    """Sixteen bytes in each, and what is written of the place behind the last."""
    return lambda data: "".join(row(at, data[at : at + 16]) + "\n" for at in range(0, len(data), 16)) + (
        format(len(data), last) + "\n" if last else ""
    )


def cells(form: Callable[[int], str], width: int) -> Callable[[bytes], str]:
    """As od has them: octal places."""
    return rows(lambda at, row: f"{at:07o}" + "".join(form(byte).rjust(width) for byte in row), "07o")


def groups(row: bytes, size: int, order: str) -> str:
    """Each group with a space before it, so wide as a whole line."""
    pieces = (row[at : at + size] for at in range(0, 16, size))
    turned = (piece[:: 1 if order == "big" else -1].hex() for piece in pieces)
    return "".join(" " + (piece.ljust if order == "big" else piece.rjust)(2 * size) for piece in turned)


WAYS: dict[str, Callable[[bytes], str]] = {
    "od -c": cells(character, 4),
    "hexdump -c": rows(lambda at, row: f"{at:07x}" + "".join(character(byte).rjust(4) for byte in row).ljust(64)),
    "od -b": cells(lambda byte: f"{byte:03o}", 4),
    "od -td1": cells(lambda byte: str(byte - 256 if byte > 127 else byte), 5),
    "od -tu1": cells(str, 4),
    "xxd -e": rows(lambda at, row: f"{at:08x}:{groups(row, 4, 'little')}  {text(row)}"),
    "xxd -e -g2": rows(lambda at, row: f"{at:08x}:{groups(row, 2, 'little')}  {text(row)}"),
    "xxd -e -g8": rows(lambda at, row: f"{at:08x}:{groups(row, 8, 'little')}  {text(row)}"),
    "readelf -x": rows(lambda at, row: f"  0x{at + 0x404000:08x}{groups(row, 4, 'big')} {text(row)}"),
    "objdump -s": rows(lambda at, row: f" {at:04x}{groups(row, 4, 'big')}  {text(row)}"),
}


@pytest.mark.parametrize("size", [32, 33, 35, 121, 138, 250])
@pytest.mark.parametrize("way", WAYS)
def test_all_bytes_are_seen_whatever_the_last_line_holds(way: str, size: int) -> None:
    for seed in range(8):
        secret = random.Random(seed).randbytes(size)
        assert any(secret in view for view in views(WAYS[way](secret))), seed


@pytest.mark.parametrize("way", WAYS)
def test_text_in_the_column_beside_the_bytes_is_none_of_them(way: str) -> None:
    """It may look as hexadecimal does."""
    secret = b"deadbeef cafe 12 ab.ffff 00 feed" * 4
    assert any(secret in view for view in views(WAYS[way](secret)))


def test_letters_are_seen_in_od_a_which_leaves_out_the_eighth_bit() -> None:
    def name(byte: int) -> str:
        return A.get(byte) or chr(byte)

    written = cells(name, 4)(PEM.encode())
    assert "del esc" in written
    assert any(PEM.encode() in view for view in views(written))


def test_cells_of_other_widths_are_no_characters() -> None:
    secret = bytes(range(33, 97))
    assert any(secret in view for view in views(cells(chr, 4)(secret)))
    assert not any(secret in view for width in (3, 5) for view in views(cells(chr, width)(secret)))
