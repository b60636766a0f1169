"""What is compressed and then written as text in any way: found, and told once; of what only looks so, nothing."""

from __future__ import annotations

import base64
import bz2
import gzip
import json
import lzma
import random
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from containers import NOISE, multipart, tar, zipped, zstd
from test_containers import KEY, TEXT, scanned

from redactfuzz.dumps.readers.opening import UnpackLimits
from redactfuzz.model.exposure import Severity
from redactfuzz.report.dump_lines import verdict
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.matcher_set import MatcherSet

Pack = Callable[[bytes], bytes]
Write = Callable[[bytes], bytes]


def prefixed(data: bytes) -> bytes:
    """One line of base64 behind each prefix of a log."""
    lines = base64.encodebytes(data).splitlines()
    return b"".join(b"2026-11-29T00:00:%02dZ app[71]: %s\n" % (n % 60, line) for n, line in enumerate(lines))


def xxd(data: bytes) -> bytes:
    lines = (data[at : at + 16] for at in range(0, len(data), 16))
    hexes = ((b" ".join(line[at : at + 2].hex().encode() for at in range(0, 16, 2)), len(line)) for line in lines)
    return b"".join(b"%08x: %s  %s\n" % (16 * n, digits, b"." * size) for n, (digits, size) in enumerate(hexes))


PACKED: dict[str, Pack] = {
    "gzip": gzip.compress,
    "zlib": zlib.compress,
    "zstd": zstd,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zip": lambda d: zipped({"log.txt": d}),
    "tar.gz": lambda d: gzip.compress(tar({"log.txt": d})),
}
WRITTEN: dict[str, Write] = {
    "a secret of Helm": lambda d: b"kind: Secret\ndata:\n  release: " + base64.b64encode(base64.b64encode(d)) + b"\n",
    "JSON with escaped signs": lambda d: b'{"log": "%s"}'
    % base64.b64encode(d).replace(b"+", b"\\u002B").replace(b"/", b"\\u002F").replace(b"=", b"\\u003D"),
    "base64 behind prefixes": prefixed,
    "base64 in UTF-16": lambda d: base64.b64encode(d).decode().encode("utf-16-le"),
    "hexadecimal in UTF-16": lambda d: d.hex().encode("utf-16-be"),
    "hexadecimal behind 0x": lambda d: b"data: 0x" + d.hex().encode() + b"\n",
    "hexadecimal with colons": lambda d: d.hex(":").encode(),
    "xxd": xxd,
    "an array of C": lambda d: b"const char log[] = {" + b", ".join(b"0x%02x" % one for one in d) + b"};\n",
    "a list of numbers": lambda d: json.dumps({"type": "Buffer", "data": list(d)}).encode(),
    "numbers, one a line": lambda d: json.dumps(list(d), indent=1).encode(),
    "octal numbers": lambda d: b" ".join(b"%03o" % one for one in d),
    "repr": lambda d: b"body=" + repr(d).encode() + b"\n",
    "percent": lambda d: b"POST body=" + b"".join(b"%%%02X" % one for one in d) + b"\n",
    "base64 of hexadecimal": lambda d: base64.b64encode(d.hex().encode()) + b"\n",
    "JSON in JSON": lambda d: json.dumps(
        {"a": json.dumps({"b": base64.b64encode(base64.b64encode(d)).decode()})}
    ).encode(),
}
"""How bytes stand in a text."""


@pytest.mark.parametrize("packed", PACKED)
@pytest.mark.parametrize("written", WRITTEN)
def test_the_canary_and_the_key_are_found_in(tmp_path: Path, written: str, packed: str) -> None:
    report = scanned(tmp_path, b"begins\n" + WRITTEN[written](PACKED[packed](TEXT)) + b"\nends\n")
    assert verdict(report) == "LEAK"
    assert [one.severity for one in report.exposures] == [Severity.TOTAL]
    assert [key.detector for key in report.keys] == ["pem"]
    wholes = [one.where.image for one in report.exposures[0].fragments if one.whole and one.encoding == "utf-8"]
    assert len(wholes) == 1, "told once, in however many forms it is written"
    assert report.skipped == (), "one was read to its end"


@pytest.mark.parametrize("packed", PACKED)
@pytest.mark.parametrize("written", WRITTEN)
def test_nothing_is_said_where_nothing_is_hidden(tmp_path: Path, written: str, packed: str) -> None:
    report = scanned(tmp_path, b"begins\n" + WRITTEN[written](PACKED[packed](b"nothing of note\n" * 400)) + b"\nends\n")
    assert (report.skipped, report.exposures, report.keys) == ((), (), ())


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("packed", ["gzip", "zlib", "xz", "zip", "bzip2", "zstd"])
def test_what_is_cut_off_is_never_clean(tmp_path: Path, written: str, packed: str) -> None:
    report = scanned(tmp_path, WRITTEN[written](PACKED[packed](NOISE + TEXT)[: len(NOISE) + 400]) + b"\nends\n")
    assert verdict(report) != "CLEAN"


def test_a_member_that_goes_on_in_another_text_and_ends_there_by_chance_is_not_read_to_its_end(tmp_path: Path) -> None:
    """Texts are put together: deflate comes to an end in what follows for one in three, and its checksum is another."""
    verdicts = []
    for seed in range(12):
        noise = random.Random(seed).randbytes(len(NOISE))
        cut = zipped({"log.txt": noise + TEXT})[: len(noise) + 400]
        (tmp_path / str(seed)).mkdir()
        verdicts.append(verdict(scanned(tmp_path / str(seed), WRITTEN["base64 in UTF-16"](cut) + b"\nends\n")))
    assert verdicts == ["INCOMPLETE"] * 12


@pytest.mark.parametrize("written", WRITTEN)
def test_numbers_drawn_at_random_hide_nothing(tmp_path: Path, written: str) -> None:
    data = random.Random(written).randbytes(100_000)
    assert scanned(tmp_path, WRITTEN[written](data)).skipped == ()


def test_a_long_stream_that_reaches_over_blocks_is_read_once_and_whole(tmp_path: Path) -> None:
    """The views of a block hold a part of it alone, which was opened in the image itself already."""
    noise = random.Random(4).randbytes(7 << 20)
    for pack in (gzip.compress, lambda data: zipped({"noise": data, "other": data[:9000]})):
        report = scanned(tmp_path, b"log: " + base64.b64encode(pack(noise + TEXT)) + b"\n")
        assert report.skipped == ()
        assert [one.severity for one in report.exposures] == [Severity.TOTAL]


def test_how_deep_it_lies_is_limited_and_told(tmp_path: Path) -> None:
    data = TEXT
    for _ in range(7):
        data = base64.b64encode(base64.b64encode(gzip.compress(data)))
    (tmp_path / "dump").write_bytes(data)
    matcher_set = MatcherSet(thorough=True)
    matcher_set.plant([KEY], [])
    report = scan_dump(tmp_path / "dump", ScanRequest(matcher_set, KnownKeys(), limits=UnpackLimits(depth=3)))
    assert verdict(report) == "INCOMPLETE"
    assert any("lie inside one another" in gap.reason for gap in report.skipped)


def test_a_place_in_it_is_named_by_all_that_is_around_it(tmp_path: Path) -> None:
    report = scanned(tmp_path, b"x: " + base64.b64encode(base64.b64encode(gzip.compress(TEXT))) + b"\n")
    (image,) = {one.where.image for one in report.exposures[0].fragments}
    assert image.removeprefix(str(tmp_path / "dump")) == "!base64 at 0x3!gzip in base64 at 0x0"


SEALED: dict[str, bytes] = {
    "lzip": b"LZIP\1\x10\0" + NOISE,
    "lzop": b"\x89LZO\0\r\n\x1a\n\x10\x30\x20\xa0\x09\x40\1\5" + NOISE,
    "snappy": b"\xff\6\0\0sNaPpY\0\x40\x10\0" + NOISE,
    "kdump": b"KDUMP   \6\0\0\0Linux\0" + bytes(60) + NOISE,
    "diskdump": b"DISKDUMP\6\0\0\0Linux\0" + bytes(60) + NOISE,
    "flattened kernel dump": b"makedumpfile\0\0\0\0" + bytes(7) + b"\1" + bytes(7) + b"\1" + NOISE,
    "squashfs": b"hsqs" + bytes(8) + b"\0\0\2\0" + bytes(6) + b"\x11\0" + bytes(4) + b"\4\0\0\0" + NOISE,
    "qcow2": b"QFI\xfb\0\0\0\3" + bytes(12) + (16).to_bytes(4, "big") + bytes(80) + NOISE,
    "a dump of QEMU": b"KDUMP   \6\0\0\0" + bytes(260) + b"x86_64".ljust(65, b"\0") + bytes(65) + NOISE,
    "a dump of QEMU on s390x": b"KDUMP   \0\0\0\6" + bytes(260) + b"s390x".ljust(65, b"\0") + bytes(65) + NOISE,
    "snappy behind padding": b"\xff\6\0\0sNaPpY\xfe\4\0\0abcd\0\x40\x10\0" + NOISE,
    "qcow": b"QFI\xfb\0\0\0\1" + bytes(24) + b"\x0c" + bytes(40) + NOISE,
    "pipable Windows image": b"WLPWM\0\0\0\xd0\0\0\0\0\x0d\1\0" + NOISE,
    "Windows image": b"MSWIM\0\0\0\xd0\0\0\0\0\x0d\1\0" + NOISE,
    "zpaq": b"7kSt\xa0\x31\x83\xd3\x8c\xb2\x28\xb0\xd3zPQ\1\1" + NOISE,
}
"""What nothing here opens: the headers as their formats say."""
AROUND: dict[str, Write] = {
    "behind a program": lambda d: b"\x7fELF\2\1\1" + NOISE + d,
    "in a multipart body": lambda d: multipart(d, "x-other"),
    "in base64": lambda d: b"data: " + base64.b64encode(d) + b"\n",
    "in hexadecimal": lambda d: b"data: " + d.hex().encode() + b"\n",
    "in base64 in UTF-16": lambda d: base64.b64encode(d).decode().encode("utf-16-le"),
}


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("name", SEALED)
def test_what_nothing_opens_is_told_wherever_it_begins(tmp_path: Path, name: str, around: str) -> None:
    report = scanned(tmp_path, AROUND[around](SEALED[name]))
    assert verdict(report) == "INCOMPLETE"
    assert any("which is not opened: unpack it" in gap.reason for gap in report.skipped)


@pytest.mark.parametrize("name", SEALED)
def test_its_signature_alone_says_nothing(tmp_path: Path, name: str) -> None:
    """As in the table of a program that knows such files, or in its source."""
    signature = SEALED[name][: {"lzip": 4, "zpaq": 13}.get(name, 8)]
    table = b"".join(signature + bytes(n) for n in range(40)) + signature + b"is how it begins; " + NOISE
    assert scanned(tmp_path, bytes(16) + table).skipped == ()


def test_lines_behind_prefixes_are_put_together_whatever_letters_they_begin_with(tmp_path: Path) -> None:
    """Some look by chance as if a key began there."""
    for seed in range(60):
        rng = random.Random(seed)
        log = b"".join(b"%d %d\n" % (rng.randrange(10**9), rng.randrange(10**9)) for _ in range(60))
        report = scanned(tmp_path, b"begins\n" + prefixed(gzip.compress(log + TEXT)))
        assert [key.detector for key in report.keys] == ["pem"], seed
        assert report.skipped == (), seed


@pytest.mark.parametrize("beginning", [b"MIG", b"MII", b"MIL"])
def test_three_letters_of_a_key_that_are_there_by_chance_do_not_move_what_is_packed(
    tmp_path: Path, beginning: bytes
) -> None:
    """Base64 is read from where a key begins in it, in case that other letters stand before."""
    named = base64.b64decode(b"H4sICAAAAAAC/3h4" + b"y" + beginning) + b"\0"  # a header with the name of a file
    packed = named + gzip.compress(TEXT, mtime=0)[10:]
    assert gzip.decompress(packed) == TEXT
    report = scanned(tmp_path, b"begins\n" + prefixed(packed))
    assert [key.detector for key in report.keys] == ["pem"]
    assert [each.secret for each in report.exposures] == ["key"]
