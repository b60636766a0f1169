"""What was packed with a dictionary is recognised and not opened; what only begins like it is nothing."""

from __future__ import annotations

import base64
import random
import re
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zstandard
from containers import NOISE, zstd
from test_containers import scanned

from redactfuzz.dumps.readers.carving.marks import next_mark
from redactfuzz.dumps.readers.carving.zstd_frames import is_frame, names_dictionary
from redactfuzz.report.dump_lines import verdict

Write = Callable[[bytes], bytes]
_RANDOM = random.Random(5)
_WORDS = ["".join(_RANDOM.choices("abcdefghijklmnopqrstuvwxyz", k=_RANDOM.randrange(3, 9))) for _ in range(3000)]
LOG = "\n".join(" ".join(_RANDOM.choices(_WORDS, k=9)) for _ in range(1000)).encode()
HELD = LOG[:8000]
TRAINED = zstandard.train_dictionary(4096, [LOG[at : at + 400] for at in range(0, 40_000, 200)])
NEW = LOG[-3000:]
PAIRS = [
    bytes((high, low))
    for high in range(8, 0x80, 16)
    for low in range(256)
    if low & 0x20 and (high << 8 | low) % 31 == 0
]
"""How zlib begins that was given a dictionary."""
WHERE: dict[str, Write] = {
    "as a file": lambda data: data,
    "behind noise": lambda data: NOISE + data,
    "in noise": lambda data: NOISE + data + NOISE,
    "in a program": lambda data: b"\x7fELF" + bytes(4092) + data + bytes(4096),
    "in base64": lambda data: b"body: " + base64.b64encode(data) + b"\n",
    "in hexadecimal": lambda data: b"body: " + data.hex().encode() + b"\n",
    "in a string": lambda data: b'{"body": "' + base64.b64encode(data).replace(b"/", rb"\/") + b'"}\n',
}


def deflated(data: bytes, level: int = 9, window: int = 15, strategy: int = 0, dictionary: bytes = HELD) -> bytes:
    packer = zlib.compressobj(level, zlib.DEFLATED, window, 9, strategy, dictionary)
    return packer.compress(data) + packer.flush()


def framed(data: bytes, level: int = 9, **how: bool) -> bytes:
    return zstandard.ZstdCompressor(level=level, dict_data=TRAINED, **how).compress(data)


PACKED = {
    "zlib": deflated(NEW),
    "zlib of a level": deflated(NEW, 1, 12),
    "zlib without a table": deflated(NEW, strategy=zlib.Z_FIXED),
    "zstd": framed(NEW),
    "zstd with a checksum, without a size": framed(NEW, write_checksum=True, write_content_size=False),
    "zstd of more than a block": framed(random.Random(1).randbytes(300) + LOG * 4, 1),
}


@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("packed", PACKED)
def test_what_needs_a_dictionary_is_a_gap_wherever_it_begins(tmp_path: Path, packed: str, where: str) -> None:
    report = scanned(tmp_path, WHERE[where](PACKED[packed]))
    assert verdict(report) == "INCOMPLETE"
    if "zstd" not in packed or "noise" in where:
        assert any("needs a dictionary" in gap.reason and "unpack it with that" in gap.reason for gap in report.skipped)


@pytest.mark.parametrize("where", WHERE)
def test_the_same_without_a_dictionary_is_opened(tmp_path: Path, where: str) -> None:
    for packed in (zlib.compress(NEW, 9), zstd(NEW)):
        report = scanned(tmp_path, WHERE[where](packed))
        assert (verdict(report), report.skipped) == ("CLEAN", ())


def test_it_is_said_of_one_that_is_cut_off_and_of_one_of_a_few_bytes(tmp_path: Path) -> None:
    for packed in (PACKED["zlib"], PACKED["zstd"]):
        assert verdict(scanned(tmp_path, NOISE + packed[: len(packed) // 2])) == "INCOMPLETE"
    few = b"eur_qu: 7f3-Xk9 WsTzd=Bn" + NEW[:100]
    assert verdict(scanned(tmp_path, NOISE + deflated(few, strategy=zlib.Z_FIXED))) == "INCOMPLETE"
    assert verdict(scanned(tmp_path, NOISE + framed(NEW[:40]))) == "INCOMPLETE"


def test_a_frame_that_is_damaged_or_needs_a_dictionary_that_it_does_not_name_is_a_gap(tmp_path: Path) -> None:
    raw = zstandard.ZstdCompressionDict(LOG[:20_000])
    unnamed = zstandard.ZstdCompressor(level=19, dict_data=raw).compress(LOG[:20_000] + NEW)
    good = zstd(NEW)
    wrong = good[:20] + NOISE[:60] + good[80:]
    for data in (unnamed, wrong):
        assert is_frame(data)
        assert not names_dictionary(data)
        assert verdict(scanned(tmp_path, NOISE + data + NOISE)) == "INCOMPLETE"


def _chances() -> Iterator[bytes]:
    rng = random.Random(7)
    for at in range(4000):
        yield rng.choice(PAIRS) + rng.randbytes(60)
        if at % 20 == 0:
            yield b"\x28\xb5\x2f\xfd" + rng.randbytes(60)
    prose = " ".join(rng.choices(_WORDS, k=4000)).replace("e ", "x ").replace("a ", "x} ").encode()
    yield b"".join(b"80\0.L.str.%d\0.L.str.%d\0" % (570 - at, 1070 - at) for at in range(500))
    yield from (prose, prose.replace(b" ", b""), re.sub(rb"[aeiou]", b"x ", prose))


def test_chance_and_prose_need_no_dictionary(tmp_path: Path) -> None:
    report = scanned(tmp_path, b"".join(_chances()))
    assert (verdict(report), report.skipped) == ("CLEAN", ())


def test_constants_of_a_program_are_no_frame(tmp_path: Path) -> None:
    code = b"\x81\x3f\x28\xb5\x2f\xfd\x74\x0f\x48\x89\xfe\xe8\x11\x22\x33\x00\x0f\x1f\x40\x00\xc3"
    tables = b"\x28\xb5\x2f\xfd\x04\x22\x4d\x18\x50\x2a\x4d\x18" + bytes(64)
    report = scanned(tmp_path, b"\x7fELF" + bytes(600) + code * 40 + tables * 40 + NOISE)
    assert (verdict(report), report.skipped) == ("CLEAN", ())


def test_what_begins_like_zlib_with_a_dictionary_is_rarely_tried() -> None:
    data = b"".join(_chances())
    places, at = 0, -1
    while (at := next_mark(data, at + 1, len(data))) < len(data):
        places += data[at : at + 2] in PAIRS
    assert 0 < places < 100
