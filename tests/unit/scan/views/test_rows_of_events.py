"""Dumps in hexadecimal whose rows are events in JSON, members of a journal, elements of a list, lines of `xxd -i`."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from apart_writers import CANARY, DERS, OTHER, found, told

from redactfuzz.scan.views.spellings import Spelling, spelled

RNG = random.Random(12)


def xxd(data: bytes) -> list[str]:
    rows = ((at, data[at : at + 16]) for at in range(0, len(data), 16))
    return [f"{at:08x}: {row.hex(' ', 2):39}  {shown(row)}" for at, row in rows]


def hexdump(data: bytes) -> list[str]:
    rows = ((at, data[at : at + 16]) for at in range(0, len(data), 16))
    return [f"{at:08x}  {row[:8].hex(' '):23}  {row[8:].hex(' '):23}  |{shown(row)}|" for at, row in rows]


def shown(row: bytes) -> str:
    return "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)


def events(rows: list[str]) -> list[dict[str, object]]:
    at = 1764509821000
    return [{"timestamp": at + i, "message": x, "ingestionTime": at + i * 3} for i, x in enumerate(rows)]


def journal(rows: list[str]) -> str:
    members = "__CURSOR=s=abc;i={i:x};b=def\n__REALTIME_TIMESTAMP={t}\nPRIORITY=6\n_PID=123\nMESSAGE={x}\n\n"
    return "".join(members.format(i=i, t=1764509821000000 + i * 137, x=x) for i, x in enumerate(rows))


FORMS = {"xxd": xxd, "hexdump": hexdump}
CARRIERS: dict[str, Callable[[list[str]], str]] = {
    "events in one line": lambda rows: json.dumps({"events": events(rows)}),
    "events in lines": lambda rows: json.dumps({"events": events(rows)}, indent=4),
    "a journal": journal,
    "a list of Python": repr,
}


def packed(secret: bytes) -> bytes:
    return gzip.compress(b"line\n" * 3 + b"token=" + secret + b"\n" + random.Random(5).randbytes(300))


def source(data: bytes) -> str:
    rows = (data[at : at + 12] for at in range(0, len(data), 12))
    body = ",\n".join("  " + ", ".join(f"0x{byte:02x}" for byte in row) for row in rows)
    return f"unsigned char key[] = {{\n{body}\n}};\nunsigned int key_len = {len(data)};"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("carrier", CARRIERS)
def test_rows_between_which_other_members_stand_are_put_together(carrier: str, form: str, tmp_path: Path) -> None:
    for der in DERS.values():
        assert found(tmp_path, CARRIERS[carrier](FORMS[form](der))) == ["der"]
    assert told(tmp_path, CARRIERS[carrier](FORMS[form](packed(CANARY.bytes)))) == "LEAK"
    assert told(tmp_path, CARRIERS[carrier](FORMS[form](packed(OTHER.bytes)))) == "CLEAN"


def test_rows_of_bytes_with_commas_are_put_together_behind_a_prefix(tmp_path: Path) -> None:
    for data, said in ((DERS["rsa"], "LEAK"), (packed(CANARY.bytes), "LEAK"), (packed(OTHER.bytes), "CLEAN")):
        text = "".join(f"Nov 30 13:37:01 host app[123]: {line}\n" for line in source(data).split("\n"))
        assert told(tmp_path, text) == said


def test_a_dump_that_has_ended_does_not_go_on_behind_other_lines() -> None:
    first, second = (bytes(RNG.choices(range(1, 256), k=size)) for size in (40, 48))
    text = "\n".join([*xxd(first), "", "and another one:", *xxd(second)]).encode()
    assert {first, second} <= set(spelled(Spelling.ROWS, text).split(bytes(4)))


def test_rows_too_far_apart_are_not_put_together() -> None:
    data = RNG.randbytes(64)
    lines = [line + "\n" * 60 for line in xxd(data)]
    assert data not in spelled(Spelling.ROWS, "".join(lines).encode())
    assert data in spelled(Spelling.ROWS, "".join(line[: line.index("\n")] + "\nof it\n" for line in lines).encode())
