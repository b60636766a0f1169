"""Secrets spelt out in pieces: lists of numbers, groups of digits, wrapped text, each with any separators."""

import base64
import json
import random
import textwrap

import pytest

from redactfuzz.model.canary import integer, mint, raw, token
from redactfuzz.model.outcome import Dump
from redactfuzz.scan import Inspector
from redactfuzz.scan.matcher import Origins, densify

TOKEN = mint(3, "token", token(), 1)
RAW = mint(3, "raw", raw(32), 1)
INTEGER = mint(3, "integer", integer(256), 1)


def signed(data: bytes) -> list[int]:
    return [byte - 256 if byte > 127 else byte for byte in data]


def xxd(data: bytes) -> str:
    rows = (data[at : at + 16] for at in range(0, len(data), 16))
    return "\n".join(f"{n * 16:08x}: {row.hex(' ', 2)}  {'.' * len(row)}" for n, row in enumerate(rows))


def byte_forms(data: bytes) -> dict[str, str]:
    return {
        "one number a line": "\n".join(map(str, data)),
        "JSON with indent": json.dumps({"key": list(data)}, indent=2),
        "JSON with tabs": json.dumps(list(data), indent="\t"),
        "signed list": str(signed(data)),
        "signed, one a line": "\n".join(map(str, signed(data))),
        "xxd": xxd(data),
        "hex in groups of 4": data.hex(" ", 4),
        "hex in lines": "\n".join(textwrap.wrap(data.hex(), 16)),
        "C array": ", ".join(f"0x{byte:02x}" for byte in data),
        "C array in upper case": "{" + ",\n  ".join(f"0X{byte:02X}" for byte in data) + "}",
        "octal escapes": "".join(f"\\{byte:03o}" for byte in data),
        "reversed hex": data.hex()[::-1],
        "base64 in short lines": "\n".join(textwrap.wrap(base64.b64encode(data).decode(), 12)),
        "base64 of base64": base64.b64encode(b"k" + base64.b64encode(b"id" + data)).decode(),
        "base32": base64.b32encode(b"k" + data).decode(),
        "base32 in lower case": base64.b32encode(b"key" + data).decode().lower(),
        "JSON in JSON": json.dumps(json.dumps(list(data), indent=1)),
    }


FORMS = [
    *(("raw", name, form, RAW) for name, form in byte_forms(RAW.bytes).items()),
    *(("token", name, form, TOKEN) for name, form in byte_forms(TOKEN.bytes).items()),
    ("token", "zero padded entities", "".join(f"&#x{ord(letter):04X};" for letter in TOKEN.text), TOKEN),
    ("token", "list of characters", str(list(TOKEN.text)), TOKEN),
    ("token", "joined by dashes", "-".join(TOKEN.text), TOKEN),
    ("integer", "grouped by underscores", f"{INTEGER.int:_}", INTEGER),
    ("integer", "grouped by commas", f"{INTEGER.int:,}", INTEGER),
]
IDS = [f"{kind}-{name}" for kind, name, *_ in FORMS]


def search(canary, text):
    return Inspector(3)([Dump("d", text)], {canary.name: canary}, {}, 1).leaks


@pytest.mark.parametrize(("kind", "name", "form", "canary"), FORMS, ids=IDS)
def test_a_secret_is_found_whatever_separates_its_pieces(kind, name, form, canary):
    leaks = search(canary, f"before\n{form}\nafter")
    assert leaks
    share = 0.45 if name in ("xxd",) else 0.9  # the offsets of xxd stand between its rows
    assert max(leak.recovered for leak in leaks) >= share * canary.bits


@pytest.mark.parametrize(("kind", "name", "form", "canary"), FORMS, ids=IDS)
def test_a_random_fragment_of_separated_pieces_is_found_where_it_lies(kind, name, form, canary):
    if name == "xxd":
        form = form.splitlines()[1][10:49]
    rng = random.Random(name)
    size = len(form) * 7 // 10  # of 190 bits and more: far above the threshold, however uneven the form
    for _ in range(8):
        start = rng.randint(0, len(form) - size)
        leaks = search(canary, "#~\n" + form[start : start + size] + "~#")
        assert leaks, (start, size)
        assert all(leak.offset >= 3 and leak.offset + leak.length <= 3 + size for leak in leaks)


@pytest.mark.parametrize(("kind", "name", "form", "canary"), FORMS, ids=IDS)
def test_other_text_of_the_same_look_is_not_accused(kind, name, form, canary):
    other = mint(4, canary.name, canary.kind, 1)
    assert search(other, form) == ()


def test_numbers_grids_and_prose_are_not_accused():
    rng = random.Random(0)
    grid = "\n".join(", ".join(str(rng.randrange(256)) for _ in range(40)) for _ in range(400))
    words = "the quick-brown fox_jumps: over 0x41 \\n the lazy dog; " * 400
    for canary in (TOKEN, RAW, INTEGER):
        assert search(canary, grid) == ()
        assert search(canary, words) == ()


def test_a_secret_in_clear_is_told_as_such_and_without_what_stands_beside_it():
    (leak,) = search(TOKEN, f"[{TOKEN.text}-{TOKEN.text[:1]}]")
    assert (leak.encoding, leak.offset, leak.length) == ("utf-8", 1, len(TOKEN.text))


def test_separators_are_left_out_and_every_byte_knows_where_it_stood():
    text = b'{0x41, "b"-C\\x44\\n\\u0045 &#x46; 10x2 0y/+=\x00\xff}'
    dense = densify(text)
    assert dense == b"41bC440045462\x00\xff".replace(b"2\x00", b"10x20y/+\x00")
    origins = Origins(text, dense=True)
    assert bytes(text[origins.at(at)] for at in range(len(dense))) == dense
    assert origins.at(len(dense)) == len(text)
