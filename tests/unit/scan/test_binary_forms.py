"""Forms of a canary in which any byte may be: the code of HTTP's headers, and numbers as Java and bn.js keep them."""

from __future__ import annotations

import base64
import functools
import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from scan_reference import HPACK_CODES, digits, hpack, words_down

from redactfuzz.model.canary import Canary, mint, token
from redactfuzz.model.canary.kinds import KINDS
from redactfuzz.model.exposure import DumpReport, Severity
from redactfuzz.report.dump_lines import verdict
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.matcher_set import MatcherSet

TOKEN, OTHER = (mint(number, "token", token(32), 1) for number in (81, 82))
KEY, ANOTHER = (mint(number, "key", KINDS["rsa"](bits=1024), 1) for number in (81, 82))
NOISE = random.Random(6).randbytes(2000)


@functools.cache
def planted(canary: Canary) -> MatcherSet:
    matcher_set = MatcherSet(thorough=True)
    matcher_set.plant([canary], [])
    return matcher_set


def scanned(tmp_path: Path, canary: Canary, data: bytes) -> DumpReport:
    (tmp_path / "dump").write_bytes(data)
    return scan_dump(tmp_path / "dump", ScanRequest(planted(canary), KnownKeys(), canaries=(canary,)))


def headers(value: bytes) -> bytes:
    """A frame of HTTP/2 with a header whose value is written in the code (RFC 7541, 6.2.1)."""
    bits = "".join(HPACK_CODES[byte] for byte in b"Bearer " + value)
    bits += "1" * (-len(bits) % 8)
    block = b"\x82\x57" + bytes((0x80 | len(bits) // 8,)) + int(bits, 2).to_bytes(len(bits) // 8, "big")
    return len(block).to_bytes(3, "big") + b"\1\4\0\0\0\1" + block


def test_the_reference_writes_what_the_standard_shows() -> None:
    """RFC 7541, C.4.1; the last bits are those of its end."""
    assert hpack(b"www.example.com", 0) == bytes.fromhex("f1e3c2e5f23a6ba0ab90f4ff")[:-1]


WRITTEN: dict[str, Callable[[bytes], bytes]] = {
    "a frame": headers,
    "a frame amid others": lambda value: NOISE + headers(value) + NOISE,
    "base64": lambda value: b"frame: " + base64.b64encode(headers(value)) + b"\n",
    "hexadecimal": lambda value: b"frame: " + headers(value).hex().encode() + b"\n",
}


@pytest.mark.parametrize("how", WRITTEN)
def test_a_header_in_the_code_of_http_gives_a_canary_away(tmp_path: Path, how: str) -> None:
    (exposure,) = scanned(tmp_path, TOKEN, WRITTEN[how](TOKEN.bytes)).exposures
    assert exposure.severity is Severity.TOTAL
    assert exposure.fragments[0].encoding.startswith("Huffman code of HTTP")
    assert verdict(scanned(tmp_path, TOKEN, WRITTEN[how](OTHER.bytes))) == "CLEAN"


def words(width: int, number: int) -> list[int]:
    return [number >> at & (1 << width) - 1 for at in range(0, number.bit_length(), width)]


NUMBERS: dict[str, Callable[[int], bytes]] = {
    "Java": lambda n: bytes(64) + words_down(n) + bytes(64),
    "bn.js in memory": lambda n: bytes(64) + digits(n, 26) + bytes(64),
    "forge in memory": lambda n: bytes(64) + digits(n, 28) + bytes(64),
    "bn.js": lambda n: json.dumps({"p": {"negative": 0, "words": words(26, n), "length": 20}}).encode(),
    "bn.js in lines": lambda n: json.dumps({"p": {"words": words(26, n)}}, indent=2).encode(),
    "forge": lambda n: json.dumps({"p": {"data": words(28, n), "t": 19, "s": 0}}).encode(),
}


@pytest.mark.parametrize("how", NUMBERS)
def test_a_prime_as_java_and_javascript_keep_it_gives_a_key_away(tmp_path: Path, how: str) -> None:
    (exposure,) = scanned(tmp_path, KEY, NUMBERS[how](KEY.value.p)).exposures
    assert exposure.severity is Severity.TOTAL
    assert verdict(scanned(tmp_path, KEY, NUMBERS[how](ANOTHER.value.p))) == "CLEAN"


@pytest.mark.parametrize(("width", "kept"), [(26, 0.6), (28, 0.6)])
def test_the_lower_half_of_a_prime_in_digits_is_enough(tmp_path: Path, width: int, kept: float) -> None:
    written = digits(KEY.value.p, width)
    (exposure,) = scanned(tmp_path, KEY, NOISE + written[: int(len(written) * kept)] + NOISE).exposures
    assert exposure.severity is Severity.TOTAL
