"""Source of macros of Office, packed as [MS-OVBA] says: opened wherever it lies."""

from __future__ import annotations

import contextlib
import random
import struct
from pathlib import Path

import pytest
from containers import zipped
from test_containers import KEY, PEM, scanned

from redactfuzz.dumps.readers.carving import macros
from redactfuzz.dumps.readers.carving.carver import carved
from redactfuzz.dumps.readers.image import Damaged, Image, Member
from redactfuzz.report.dump_lines import verdict

NOISE = random.Random(3).randbytes(6000)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def packed(data: bytes) -> bytes:
    """A container: for each chunk of 4,096 bytes the longest repetition, by search."""
    out = bytearray(b"\1")
    for start in range(0, len(data), 4096):
        chunk, body, at = data[start : start + 4096], bytearray(), 0
        while at < len(chunk):
            flags = len(body)
            body.append(0)
            for bit in range(8):
                if at >= len(chunk):
                    break
                bits = max(4, (at - 1).bit_length())
                size = min(len(chunk) - at, (0xFFFF >> bits) + 3)
                while size >= 3 and (found := chunk.rfind(chunk[at : at + size], 0, at + size - 1)) < 0:
                    size -= 1
                if size >= 3:
                    body[flags] |= 1 << bit
                    body += struct.pack("<H", (at - found - 1) << (16 - bits) | size - 3)
                    at += size
                else:
                    body.append(chunk[at])
                    at += 1
        out += struct.pack("<H", 0xB000 | len(body) - 1) + body
    return bytes(out)


def module(text: bytes, lines: int = 20) -> bytes:
    head = b'Attribute VB_Name = "Module1"\r\nSub Push()\r\n'
    rest = b"".join(b"    Call Put(%d, %d)\r\n" % (n, n * n) for n in range(lines))
    return head + b'    key = "' + text.replace(b"\n", b'" & vbLf & _\r\n        "') + b'"\r\n' + rest + b"End Sub\r\n"


AROUND = {
    "by itself": lambda data: _OLE + NOISE + data,
    "with slack behind it": lambda data: _OLE + data + bytes(512) + NOISE,
    "behind another one": lambda data: _OLE + packed(module(b"nothing")) + data,
    "in a document": lambda data: zipped({"xl/vbaProject.bin": _OLE + data}),
}


@pytest.mark.parametrize("around", AROUND)
def test_a_canary_and_a_key_are_found(tmp_path: Path, around: str) -> None:
    text = b" x ".join(KEY.text.encode()[at : at + 3] for at in range(0, 30, 3)) + b" " + KEY.text.encode()
    report = scanned(tmp_path, AROUND[around](packed(module(text) + b"'\r\n" * 9)))
    assert any(fragment.whole for fragment in report.exposures[0].fragments)
    report = scanned(tmp_path, AROUND[around](packed(module(PEM))))
    assert [key.detector for key in report.keys] == ["pem"]
    assert report.skipped == ()
    assert verdict(scanned(tmp_path, AROUND[around](packed(module(b"nothing"))))) == "CLEAN"


@pytest.mark.parametrize("size", [300, 4095, 4096, 4097, 9000, 2 * 4096])
def test_what_comes_out_is_what_was_packed(size: int) -> None:
    plain = module(b"k", 400)[:size].ljust(size, b"'")
    image = Image("a", NOISE + packed(plain) + b"\0\0" + NOISE)
    (one,) = (each for each in carved(image) if isinstance(each, Member) and each.name.startswith("macros"))
    assert one.stream.read() == plain


def test_what_is_damaged_is_read_so_far_and_told(tmp_path: Path) -> None:
    whole = packed(module(KEY.text.encode(), 600))
    damaged = whole[:4500] + b"\xff" * 40 + whole[4540:]
    report = scanned(tmp_path, _OLE + damaged)
    assert any(fragment.whole for fragment in report.exposures[0].fragments)
    assert any("macros" in gap.image for gap in report.skipped)
    assert verdict(scanned(tmp_path, _OLE + packed(module(b"nothing", 600))[:3000])) == "INCOMPLETE"


def test_the_attribute_alone_is_nothing(tmp_path: Path) -> None:
    for text in (b'Attribute VB_Name = "a"\r\n', b"Attribut\0e VB_Name", b"\1\1\1\0Attribut\0e VB_Name = "):
        assert scanned(tmp_path, b"\0" + text + NOISE).skipped == ()


def test_containers_that_hold_one_another_are_read_a_bounded_number_of_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """A chunk that is stored holds the beginning of another container, which goes on with the same chunks."""
    inner = b"\1\xff\xbf\0Attribut\0e VB_Name = " + bytes(200)
    chunk = b"\xff\x3f" + (inner * 20).ljust(4096, b"\0")
    data = b"\1\xff\x3f\0Attribut\0e VB_N" + b"\0" * 4081 + chunk * 40 + b"\xff\xff"
    read, unpacked = list[int](), macros._unpacked

    def counted(chunk: bytes) -> bytes:
        read.append(len(chunk))
        return unpacked(chunk)

    monkeypatch.setattr(macros, "_unpacked", counted)
    for one in carved(Image("a", data)):
        if isinstance(one, Member):
            with contextlib.suppress(Damaged):
                one.stream.read()
    assert len(data) < sum(read) < 4 * len(data)
