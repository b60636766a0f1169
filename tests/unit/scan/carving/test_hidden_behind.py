"""What a header says of what lies behind it hides nothing, nor does what looks like an address in front of it."""

from __future__ import annotations

import base64
import contextlib
import gzip
import json
import random
import struct
import zlib
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from redactfuzz.cli.scan import scan as command
from redactfuzz.dumps.readers.carving import found as found_in
from redactfuzz.dumps.readers.carving import png_pixels
from redactfuzz.dumps.readers.carving.carver import carved, packed_in
from redactfuzz.dumps.readers.compressed import Frames
from redactfuzz.dumps.readers.image import Damaged, Image, Member
from redactfuzz.model.canary import mint, token
from redactfuzz.model.exposure import Gap
from redactfuzz.model.registry import Entry, Registry, registry_to_json

SEED = 31
PEM = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
PACKED = gzip.compress(b"x" * 99 + PEM, mtime=0)
_HEADER = struct.pack(">IIBBBBB", 900, 900, 8, 0, 0, 0, 0)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


CUT_PNG = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", _HEADER) + struct.pack(">I", 40_000) + b"IDAT"
CUT_PNG += zlib.compress(bytes(81_000))[:60]
EMPTY_MEMBER = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, 0, 8, 0, 0, 0, 64, 0, 1, 0) + b"a" * 13
LONG_HEADER = b"\x1f\x8b\x08\x0c" + bytes(6) + struct.pack("<H", 60_000)  # with a name, whose end is anywhere
IN_FRONT = {
    "a PNG that is cut off": CUT_PNG,
    "an empty member of a zip that says it is long": EMPTY_MEMBER,
    "a header of gzip that says it is long": LONG_HEADER,
}


def scan(folder: Path, data: bytes, *options: str) -> tuple[int, str]:
    path = folder / "dump.log"
    path.write_bytes(data)
    ran = CliRunner().invoke(command, [*options, str(path)], standalone_mode=False)
    assert ran.exception is None
    return ran.return_value, ran.output


def numbers(data: bytes) -> bytes:
    return json.dumps({"type": "Buffer", "data": list(data)}).encode()


def cookies(*members: bytes) -> bytes:
    lines = [base64.urlsafe_b64encode(zlib.compress(one)).rstrip(b"=") for one in members]
    return b"".join(b"10.0.0.1 GET session=.%s.Zx\n" % line for line in lines)


def others(count: int) -> list[bytes]:
    return [
        json.dumps({"_id": random.Random(number).randbytes(16).hex(), "u": number}).encode() for number in range(count)
    ]


@pytest.mark.parametrize("name", IN_FRONT)
def test_what_is_cut_off_or_says_too_much_hides_no_stream_behind_it(tmp_path: Path, name: str) -> None:
    for data in (IN_FRONT[name] + b"\n" + PACKED + b"\nend\n", numbers(IN_FRONT[name]) + b"\n" + numbers(PACKED)):
        assert scan(tmp_path, data)[0] == 1


@pytest.mark.parametrize("name", IN_FRONT)
def test_nor_what_lies_in_another_member_that_is_searched_with_it(tmp_path: Path, name: str) -> None:
    data = cookies(*others(10), numbers(IN_FRONT[name]), numbers(PACKED))
    assert scan(tmp_path, data)[0] == 1
    assert scan(tmp_path, cookies(*others(10), numbers(IN_FRONT[name])))[0] in (0, 5)


def test_pieces_of_a_whole_png_are_not_searched_for_streams(tmp_path: Path) -> None:
    """The pixels are read: a stored stream in them that holds a key is found in what they unpack to."""
    stored = zlib.compressobj(0)
    pixels = stored.compress(b"\0" + PEM + bytes(900)) + stored.flush()
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", _HEADER)
    png += b"".join(chunk(b"IDAT", pixels[at : at + 64]) for at in range(0, len(pixels), 64)) + chunk(b"IEND", b"")
    assert scan(tmp_path, b"noise " + png + b" noise")[0] == 1


@pytest.mark.parametrize("behind", [" user 7", " end", " GET /", ": value", "\tkey", "  file.txt", " OK"])
def test_a_long_word_of_hexadecimal_at_the_beginning_of_a_line_is_no_address(tmp_path: Path, behind: str) -> None:
    for front in ("", "  ", "k "):
        assert scan(tmp_path, f"{front}{PEM.hex()}{behind}\n".encode())[0] == 1


def test_a_dump_with_addresses_of_64_bits_is_read_as_before(tmp_path: Path) -> None:
    lines = [PEM[at : at + 16] for at in range(0, len(PEM), 16)]
    text = "".join(f"{0x7FFD00000000 + 16 * n:016x}  {' '.join(f'{b:02x}' for b in x)}\n" for n, x in enumerate(lines))
    assert scan(tmp_path, text.encode())[0] == 1


def test_a_rule_sees_each_small_member_by_itself(tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text("[[rules]]\nid='tok'\nregex='''^tok_[a-z0-9]{20}$'''\n")
    fillers = [b"user %d came by\nand left" % number for number in range(10)]
    held = cookies(*fillers, b"tok_abcdefghij0123456789")
    assert scan(tmp_path, held, "--rules", str(rules))[0] == 1
    rules.write_text("[[rules]]\nid='two'\nregex='''kind: Secret(?s:.){0,200}?data:\\s+(\\w+: \\w{10,})'''\n")
    parts = (b"apiVersion: v1\nkind: Secret\n", b"kind: ConfigMap\ndata:\n  hello: YWJjZGVmZ2hpamts\n")
    assert scan(tmp_path, cookies(*fillers, *parts), "--rules", str(rules))[0] == 0
    assert scan(tmp_path, cookies(*fillers, b"".join(parts)), "--rules", str(rules))[0] == 1


def test_the_context_of_a_canary_shows_no_byte_of_a_key_however_often_it_is_there(tmp_path: Path) -> None:
    canary = mint(SEED, "key", token(32), 1)
    registry = tmp_path / "canaries.json"
    registry.write_text(registry_to_json(Registry(SEED, (Entry("key", token(32), 1),))))
    secret = base64.urlsafe_b64encode(random.Random(5).randbytes(32)).rstrip(b"=")
    for count in (3, 60):
        lines = [
            b'n %d {"kty":"oct","k":"%s"}%s end\n' % (n, secret, canary.bytes if n == count - 1 else b"none")
            for n in range(count)
        ]
        code, said = scan(tmp_path, b"".join(lines), "--canaries", str(registry), "--no-marker", "--context", "24")
        assert code == 1
        assert secret[-4:].hex(" ") not in said
        assert ("65 6e 64" in said) is (count == 3)  # what is beside the canary is shown, or nothing is


def test_checksums_of_many_pngs_that_claim_the_same_bytes_are_computed_a_bounded_number_of_times(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    summed = 0
    real = zlib.crc32

    def crc32(data: bytes) -> int:
        nonlocal summed
        summed += len(data)
        return real(data)

    monkeypatch.setattr(png_pixels, "_SPARE", 0)
    monkeypatch.setattr(png_pixels.zlib, "crc32", crc32)
    size = 1 << 16
    heads = [b"\x89PNG\r\n\x1a\n" + struct.pack(">I", size - 24 * n - 32) + b"IDAT" for n in range(200)]
    data = b"".join(head.ljust(24, b"x") for head in heads).ljust(size, b"y")
    for looked in (list(packed_in(data)), list(carved(Image("", data)))):
        assert looked
    assert len(data) <= summed <= 2 * 4 * len(data)


def test_what_a_long_header_of_gzip_passes_over_is_looked_through_whatever_comes_behind_it(tmp_path: Path) -> None:
    behind = random.Random(SEED).randbytes(80_000)  # no stream
    for far in (0, 5_000, 50_000):
        assert scan(tmp_path, b"noise " + LONG_HEADER + behind[:far] + PACKED + b"\n" + behind[far:])[0] == 1
    assert scan(tmp_path, b"noise " + LONG_HEADER + b"\n" + behind)[0] in (0, 5)


def test_headers_of_gzip_that_hold_one_another_are_read_a_bounded_number_of_times(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(found_in, "_SPARE", 0)
    read = 0
    feed = Frames._feed

    def counted(frames: Frames) -> bool:
        nonlocal read
        read += 1024
        return feed(frames)

    monkeypatch.setattr(Frames, "_feed", counted)
    data = LONG_HEADER * 10_000
    found = []
    for one in carved(Image("", data)):
        found.append(one)
        if isinstance(one, Member):
            with contextlib.suppress(Damaged):
                one.stream.read()
    assert [one.reason for one in found if isinstance(one, Gap)] == [found_in.TOO_FAR]
    assert 4 * len(data) < read < 8 * len(data)


def member(extra: int, size: int) -> bytes:
    """A header of zip that says how long its extra field is, and what is packed behind that."""
    return struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, 0, 8, 0x6000, 0x5B7D, 0, size, 9, 1, extra) + b"a"


def test_headers_that_hold_others_are_looked_through_a_bounded_number_of_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each says that what is packed begins where it does for the others."""
    monkeypatch.setattr(found_in, "_SPARE", 0)
    count, packed = 400, zlib.compress(b"a line of text, and of another\n" * 400)[2:-4]
    headers = b"".join(member(31 * (count - at - 1), len(packed)) for at in range(count))
    found = list(carved(Image("", b"noise" + headers + packed)))
    members = [one for one in found if isinstance(one, Member)]
    assert 1 < len(members) < count // 2
    assert [one.reason for one in found if isinstance(one, Gap)] == [found_in.TOO_FAR]
    apart = b"".join(member(0, len(packed)) + packed for _ in range(40))
    assert not any(isinstance(one, Gap) for one in carved(Image("", b"noise" + apart)))
