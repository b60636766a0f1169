"""Secrets in long lines that a container runtime split in their midst, and in lines that are whole."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from apart_writers import github
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from redactfuzz.model.canary import mint, token
from redactfuzz.model.exposure import DumpReport
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.matcher_set import MatcherSet
from redactfuzz.scan.views.split_lines import joined

SIZE = 16_384
CANARY = mint(31, "canary", token(32), 1)
DER = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
FILLING = " ".join(f"field{number}=value{number * 7 % 101}" for number in range(2_000))


SECRETS = {
    "token": github(5),
    "base64": base64.b64encode(DER).decode(),
    "hexadecimal": DER.hex(),
    "numbers": json.dumps(list(DER))[1:-1],
}


def cri(line: str, stream: str = "stdout", mark: str = "P") -> list[str]:
    parts = [line[at : at + SIZE] for at in range(0, len(line), SIZE)]
    tagged = [f"{mark} {part}" for part in parts[:-1]] + [f"F {parts[-1]}"]
    return [f"2026-11-30T10:41:19.{at:09}Z {stream} {part}\n" for at, part in enumerate(tagged)]


def docker(line: str, stream: str = "stdout") -> list[str]:
    parts = [(line + "\n")[at : at + SIZE] for at in range(0, len(line) + 1, SIZE)]
    when = "2026-11-30T10:41:19.123456789Z"
    return [json.dumps({"log": part, "stream": stream, "time": when}, separators=(",", ":")) + "\n" for part in parts]


def long_line(secret: str, before: float) -> str:
    """Of the secret so much stands before the place where the line is split."""
    return FILLING[: SIZE - 8 - int(len(secret) * before)] + " secret=" + secret + " " + FILLING[:3_000]


def scanned(folder: Path, text: str) -> DumpReport:
    matcher_set = MatcherSet()
    matcher_set.plant([CANARY], [])
    (folder / "dump").write_text(text)
    return scan_dump(folder / "dump", ScanRequest(matcher_set, KnownKeys(), canaries=(CANARY,)))


@pytest.mark.parametrize("before", [0.3, 0.5, 0.8])
@pytest.mark.parametrize("kind", SECRETS)
@pytest.mark.parametrize("split", [cri, docker])
def test_a_secret_is_found_in_whose_midst_a_line_was_split(
    split: Callable[[str], list[str]], kind: str, before: float, tmp_path: Path
) -> None:
    text = "".join([*split("start"), *split(long_line(SECRETS[kind], before)), *split("done")])
    (key,) = scanned(tmp_path, text).keys
    (where,) = key.where
    assert "lines that were split" in where.span
    found = text[where.offset : where.offset + where.length]
    assert SECRETS[kind][:8] in found
    assert found.count("\n") == 1


@pytest.mark.parametrize("split", [cri, docker])
def test_lines_of_another_stream_between_the_parts_are_no_hindrance(
    split: Callable[[str, str], list[str]], tmp_path: Path
) -> None:
    parts = split(long_line(SECRETS["token"], 0.5), "stdout")
    others = split("of another stream", "stderr")
    assert [key.detector for key in scanned(tmp_path, parts[0] + others[0] + parts[1]).keys] == ["token"]


def test_a_canary_is_found_whole(tmp_path: Path) -> None:
    for split in (cri, docker):
        (exposure,) = scanned(tmp_path, "".join(split(long_line(CANARY.text, 0.5)))).exposures
        assert any(one.where.length > len(CANARY.text) for one in exposure.fragments), "over the place of the split"


def test_lines_that_were_not_split_are_not_put_together() -> None:
    """As those of a container. What a long word leaves that goes on in the next line is for unfolded lines to read."""
    line = long_line(SECRETS["token"], 0.5)
    whole = "".join(cri(line, mark="F"))
    assert joined(whole.encode()) is None
    assert joined("".join(docker("a") + docker("b")).encode()) is None
    assert joined(b'{"log":"' + b"\\" * 100_001) is None
    assert joined(b'{"log":"a') is None


def test_each_byte_lies_where_the_text_has_it() -> None:
    text = "".join([*cri(FILLING), *docker(FILLING[::-1]), *cri("the end")]).encode()
    lines = joined(text)
    assert lines is not None
    assert lines.data.count(b"\n") == 2
    for at, byte in enumerate(lines.data):
        start, end = lines.place(at, at + 1)
        assert end == start + 1
        assert byte == 10 or text[start] == byte
