"""Bytes between what comes again and again, in wide decimals, odd hexadecimal, escapes and colours: they are seen."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from redactfuzz.model.canary import mint, raw, token
from redactfuzz.report.dump_lines import verdict
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.matcher_set import MatcherSet
from redactfuzz.scan.views import Allowance, Derived, Spelling, derived, texts_of
from redactfuzz.scan.views.spellings import spelled, stretches

TOKEN, RAW = mint(43, "token", token(32), 1), mint(43, "raw", raw(32), 1)
OTHERS = mint(44, "token", token(32), 1), mint(44, "raw", raw(32), 1)
PREFIX = "2026-11-28T20:00:00Z app[12]: "


def words(width: int, order: str, signed: bool = False) -> Callable[[bytes], list[int]]:
    def made(data: bytes) -> list[int]:
        pieces = (data[at : at + width] for at in range(0, len(data), width))
        return [int.from_bytes(each, "big" if order == "big" else "little", signed=signed) for each in pieces]

    return made


def extended(byte: int) -> int:
    return byte - 256 & 0xFFFFFFFF if byte > 127 else byte


def caret(byte: int) -> str:
    low = byte & 127
    return ("M-" if byte > 127 else "") + ("^" + chr(low ^ 64) if low < 32 or low == 127 else chr(low))


def each(form: str, between: str = "") -> Callable[[bytes], str]:
    """Each byte ``b`` with its index ``i``."""
    return lambda data: between.join(form.format(i=i, b=b, c=chr(b), x=extended(b)) for i, b in enumerate(data))


def hexyl(data: bytes) -> str:
    rows = (data[at : at + 16] for at in (0, 16))
    return "".join(
        f"│\x1b[90m{n:08x}\x1b[0m│ " + " ".join(f"\x1b[36m{b:02x}\x1b[0m" for b in row) + " │\n"
        for n, row in enumerate(rows)
    )


def xxd_b(data: bytes) -> str:
    rows = ((at, data[at : at + 6]) for at in range(0, len(data), 6))
    return "".join(f"{at:08x}: " + " ".join(f"{b:08b}" for b in row) + "  ......\n" for at, row in rows)


def erlang(data: bytes) -> str:
    return "".join(f"7F4A{0x1000 + 16 * i:08X}:lI{b}|H7F4A{0x1010 + 16 * i:08X}\n" for i, b in enumerate(data))


ANY: dict[str, Callable[[bytes], str]] = {
    "JSON of a typed array": lambda d: json.dumps({str(i): b for i, b in enumerate(d)}),
    "the same, indented": lambda d: json.dumps({str(i): b for i, b in enumerate(d)}, indent=2),
    "a dict": lambda d: str(dict(enumerate(d))),
    "print_r": each("    [{i}] => {b}\n"),
    "var_dump": each("  [{i}]=>\n  int({b})\n"),
    "serialize": each("i:{i};i:{b};"),
    "lldb": each("  [{i}] = 0x{b:02x}\n"),
    "gdb with indexes": each("[{i}] = 0x{b:x}", ", "),
    "XML": each("<item>{b}</item>"),
    "signed, with an index": lambda d: json.dumps({str(i): b - 256 if b > 127 else b for i, b in enumerate(d)}),
    "registers in JSON": lambda d: json.dumps({"x": [{"value": word} for word in words(8, "little")(d)]}),
    "words of 64 bits": lambda d: json.dumps(words(8, "little")(d)),
    "signed words of 32 bits, big-endian": lambda d: json.dumps({"words": words(4, "big", signed=True)(d)}),
    "od -tu4": lambda d: " ".join(map(str, words(4, "little")(d))),
    "od -td2": lambda d: " ".join(map(str, words(2, "little", signed=True)(d))),
    "hexyl": hexyl,
    "a colour for each byte": each("\x1b[32m{b:02x}\x1b[0m", " "),
    "hexadecimal in braces": each("\\x{{{b:x}}}"),
    "points of JavaScript": each("%u{b:04X}"),
    "points": each("U+{b:04X}", " "),
    "points of CSS": each("\\{b:06x}"),
    "xxd -b": xxd_b,
    "binary digits": each("{b:08b}"),
    "binary numbers": each("0b{b:b}", ", "),
    "MASM": each("0{b:02X}h", ", "),
    "Basic": each("&H{b:02X}", ", "),
    "Ada": each("16#{b:02X}", ", "),
    "calls": each("Chr({b})", " & "),
    "a sign extended, spaces": each("{x:x}", " "),
    "a sign extended, prefixed": each("0x{x:x}", ", "),
    "a number a line of a log": each(PREFIX + "key[{i}]={b:02x}\n"),
    "erl_crash.dump": erlang,
}
LETTERS: dict[str, Callable[[bytes], str]] = {
    "a colour for each letter": each("\x1b[31m{c}\x1b[0m"),
    "places to break a line": lambda d: "<wbr>".join(d.decode()[at : at + 4] for at in range(0, 32, 4)),
    "marks of no width": lambda d: "\u200b".join(d.decode()[at : at + 4] for at in range(0, 32, 4)),
    "points in braces": each("\\u{{{b:x}}}"),
    "strace": each('read(0, "{c}", 1) = 1\n'),
    "asciinema": lambda d: "".join(json.dumps([1 + i / 8, "o", chr(b)]) + "\n" for i, b in enumerate(d)),
    "deltas": lambda d: "".join(f'data: {{"delta":"{d.decode()[at : at + 3]}"}}\n\n' for at in range(0, 32, 3)),
    "seven letters a line": lambda d: "".join(f"{PREFIX}{d.decode()[at : at + 7]}\n" for at in range(0, 32, 7)),
}
BYTES: dict[str, Callable[[bytes], str]] = {
    "a sign extended": each("{x:02x}"),
    "cat -v": lambda d: "".join(map(caret, d)),
    "rsyslog": lambda d: "".join(chr(b) if 32 < b < 127 and chr(b) != "#" else f"#{b:03o}" for b in d),
}
CASES = [
    *((name, way, canary) for name, way in ANY.items() for canary in (TOKEN, RAW)),
    *((name, way, TOKEN) for name, way in LETTERS.items()),
    *((name, way, RAW) for name, way in BYTES.items()),
]


def log(written: str) -> bytes:
    return f"INFO start\nDEBUG value: {written}\nINFO the end of it\n".encode()


def scanned(folder: Path, data: bytes) -> str:
    matcher_set = MatcherSet()
    matcher_set.plant([TOKEN, RAW], [])
    (folder / "dump").write_bytes(data)
    return verdict(scan_dump(folder / "dump", ScanRequest(matcher_set, KnownKeys(), canaries=(TOKEN, RAW))))


def views(data: bytes) -> list[bytes]:
    texts = texts_of(Derived("", data, lambda start, end: (start, end)))
    return [one.data for text in texts for one in derived(text, Allowance.of(len(data)))]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}-{case[2].name}")
def test_what_is_written_so_is_seen(case: tuple[str, Callable[[bytes], str], object]) -> None:
    _, way, canary = case
    secret = (TOKEN if canary is TOKEN else RAW).bytes
    seen = views(log(way(secret)))
    assert any(part in view for view in seen for part in (secret, secret[:16], secret[16:]))


@pytest.mark.parametrize("surrounded", [False, True], ids=["in a log", "in memory"])
def test_a_scan_finds_it_in_each_carrier_and_nothing_of_another_execution(tmp_path: Path, surrounded: bool) -> None:
    around = random.Random(3).randbytes(4096) if surrounded else b""
    for name in ("print_r", "registers in JSON", "hexyl", "MASM", "erl_crash.dump", "xxd -b"):
        assert scanned(tmp_path, around + log(ANY[name](RAW.bytes)) + around) == "LEAK", name
    near = [log(way(OTHERS[canary is RAW].bytes)) for _, way, canary in CASES]
    assert scanned(tmp_path, around + bytes(around[:9]).join(near) + around) == "CLEAN"


def test_ordinary_logs_and_prose_are_no_tables() -> None:
    rng = random.Random(2)
    lines = (f"{PREFIX}request id={rng.randrange(10**6)} took {rng.randrange(500)} ms status=200\n" for _ in range(400))
    prose = "The quick, brown fox jumps over the lazy dog; and so it goes on. " * 200
    assert not spelled(Spelling.COLUMNS, "".join(lines).encode())
    assert not spelled(Spelling.COLUMNS, prose.encode())
    assert not any(data for kind, data in stretches(prose.encode()) if kind is not Spelling.BASE64)


def test_all_lists_in_one_pass_are_what_each_alone_is() -> None:
    rng = random.Random(9)
    numbers = ["5a", "0x7f", "255", "ffffff8a", "0b101", "1234567890", "00000010: "]
    pieces = [*numbers, " ", ", ", "\n", "  ", "h", "'a'", "word", "\0", "|"]
    for _ in range(300):
        text = "".join(rng.choices(pieces, k=200)).encode()
        assert all(spelled(kind, text) == data for kind, data in stretches(text))
