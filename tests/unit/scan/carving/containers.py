"""Containers of many kinds, each with the same text in it: made by libraries, or by hand as their formats say."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import json
import lzma
import random
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable

import lz4.frame
import zstandard

Make = Callable[[bytes], bytes]
NOISE = random.Random(3).randbytes(6000)


def tar(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED, *, streamed: bool = False) -> bytes:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return not streamed

        def seek(self, *where: int) -> int:
            if streamed:
                raise io.UnsupportedOperation
            return super().seek(*where)

        def tell(self) -> int:
            if streamed:
                raise io.UnsupportedOperation
            return super().tell()

    out = Pipe()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def patched(
    data: bytes, *, version: int | None = None, flags: int | None = None, method: int | None = None,
    size: int | None = None,
) -> bytes:  # fmt: skip
    """The first header of a zip archive with other fields."""
    header = bytearray(data)
    for kind, at, value in (("<B", 4, version), ("<H", 6, flags), ("<H", 8, method), ("<I", 22, size)):
        if value is not None:
            struct.pack_into(kind, header, at, value)
    return bytes(header)


def ar(files: dict[str, bytes]) -> bytes:
    out = b"!<arch>\n"
    for name, data in files.items():
        out += f"{name + '/':<16}{'0':<12}{'0':<6}{'0':<6}{'100644':<8}{len(data):<10}`\n".encode()
        out += data + b"\n" * (len(data) % 2)
    return out


def cpio(files: dict[str, bytes]) -> bytes:
    out = b""
    for name, data in {**files, "TRAILER!!!": b""}.items():
        fields = [1, 0o100644, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0]
        out += b"070701" + "".join(f"{field:08x}" for field in fields).encode() + name.encode() + b"\0"
        out += b"\0" * (-len(out) % 4)
        out += data + b"\0" * (-len(data) % 4)
    return out + b"\0" * (-len(out) % 512)


def raw_deflate(data: bytes) -> bytes:
    made = zlib.compressobj(9, zlib.DEFLATED, -15)
    return made.compress(data) + made.flush()


def _small_window(data: bytes) -> bytes:
    made = zlib.compressobj(9, zlib.DEFLATED, 9)
    return made.compress(data) + made.flush()


def zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(data)


def skippable(data: bytes) -> bytes:
    return b"\x5a\x2a\x4d\x18" + struct.pack("<I", len(data)) + data


def pzstd(data: bytes) -> bytes:
    """A skippable frame before each of many frames, none of which holds all of a line."""
    frames = [zstd(data[at : at + 13]) for at in range(0, len(data), 13)]
    return b"".join(skippable(struct.pack("<I", len(frame))) + frame for frame in frames)


def _members(data: bytes) -> bytes:
    return b"".join(gzip.compress(data[at : at + 13]) for at in range(0, len(data), 13))


def _apport(data: bytes) -> bytes:
    """Each line is base64 by itself; the first one is the header of gzip."""
    packed = gzip.compress(data, mtime=0)
    lines = [packed[:10], *(packed[at : at + 4096] for at in range(10, len(packed), 4096))]
    text = b"\n ".join(map(base64.b64encode, lines))
    return b"ProblemType: Crash\nArchitecture: amd64\nCoreDump: base64\n " + text + b"\nUname: Linux 6\n"


def multipart(data: bytes, encoding: str = "gzip") -> bytes:
    return (
        b"--boundary7\r\nContent-Disposition: form-data; name=log; filename=log.gz\r\nContent-Encoding: "
        + encoding.encode() + b"\r\n\r\n" + data + b"\r\n--boundary7--\r\n"
    )  # fmt: skip


def _sentry(data: bytes) -> bytes:
    packed = gzip.compress(data)
    header = json.dumps({"type": "attachment", "length": len(packed), "filename": "log.gz"}).encode()
    return b'{"event_id":"9ec79c33ec9942ab8353589fcb2e04dc"}\n' + header + b"\n" + packed + b"\n"


def png(chunks: list[tuple[bytes, bytes]]) -> bytes:
    out = b"\x89PNG\r\n\x1a\n"
    for kind, data in chunks:
        out += struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return out


_HEADER = (b"IHDR", struct.pack(">IIBBBBB", 64, 64, 8, 0, 0, 0, 0))
_PIXELS = zlib.compress(random.Random(5).randbytes(64 * 65))


def picture(pixels: bytes, piece: int = 4096, *others: tuple[bytes, bytes]) -> bytes:
    pieces = [(b"IDAT", pixels[at : at + piece]) for at in range(0, len(pixels), piece)]
    return png([_HEADER, *others, *pieces, (b"IEND", b"")])


def pdf(data: bytes) -> bytes:
    packed = zlib.compress(data)
    return (
        b"%%PDF-1.7\n%%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Length %d /Filter /FlateDecode >>\nstream\n" % len(packed)
        + packed + b"\nendstream\nendobj\ntrailer\n<< >>\n%%EOF\n"
    )  # fmt: skip


def _rpm(payload: bytes) -> bytes:
    return b"\xed\xab\xee\xdb\3\0\0\0" + bytes(88) + b"\x8e\xad\xe8\1\0\0\0\0" + bytes(64) + payload


def _seven(data: bytes) -> bytes:
    rest = struct.pack("<QQI", len(data), 0, 0)
    return b"7z\xbc\xaf\x27\x1c\0\4" + struct.pack("<I", zlib.crc32(rest)) + rest + NOISE[: len(data)]


def _rar(data: bytes) -> bytes:
    header = b"\x0a\1\5\6\0\5\1\1\x80\x80\0"
    return b"Rar!\x1a\x07\1\0" + struct.pack("<I", zlib.crc32(header)) + header + NOISE[: len(data)]


def _elf_section(data: bytes) -> bytes:
    """SHF_COMPRESSED: an Elf64_Chdr before the stream."""
    return b"\x7fELF\2\1\1" + bytes(200) + struct.pack("<IIQQ", 1, 0, len(data), 1) + zlib.compress(data) + bytes(64)


def _git_pack(data: bytes) -> bytes:
    objects = b"\xb0\x0a" + zlib.compress(b"tree") + b"\xb5\x0b" + zlib.compress(data)
    return b"PACK\0\0\0\2\0\0\0\2" + objects + bytes(20)


def _avro(data: bytes) -> bytes:
    head = b"Obj\1\4\x14avro.codec\x0edeflate\x16avro.schema\x0c\"null\"\0"
    return head + NOISE[:16] + raw_deflate(data) + NOISE[:16]


def _orc(data: bytes, codec: int = 1) -> bytes:
    body = raw_deflate(data)
    chunk = struct.pack("<I", len(body) << 1)[:3] + body
    postscript = b"\x08\x05\x10" + bytes((codec,)) + b"\x18\x80\x80\x10\x82\xf4\x03\x03ORC"
    return b"ORC" + chunk + postscript + bytes((len(postscript),))


def _journal(data: bytes) -> bytes:
    """systemd's: a flag says that lz4 blocks are in it, which nothing marks."""
    return b"LPKSHHRH" + struct.pack("<II", 0, 2) + bytes(192) + hidden(data)


def hidden(data: bytes) -> bytes:
    """As a method would leave it that nothing here knows."""
    return bytes(byte ^ 0x5A for byte in data)


def _self_extracting(archive: bytes) -> bytes:
    return b"\x7fELF\2\1\1" + NOISE + archive


def _base64_lines(data: bytes) -> bytes:
    return base64.encodebytes(data)


_EMPTY = lzma.compress(tar({"c": b""}))
_MAGIC = (
    *(b"\x1f\x8b\x08", b"\x1f\x8b\x08\0\0\0\0\0\0\3", b"\x28\xb5\x2f\xfd", b"\x04\x22\x4d\x18", b"\xfd7zXZ\0"),
    *(b"BZh9", b"BZh91AY&SY", b"\x5d\0\0\x80\0", b"PK\3\4", b"\x89PNG\r\n\x1a\n", b"7z\xbc\xaf\x27\x1c"),
    *(b"Rar!\x1a\x07\1\0", b"MSCF\0\0\0\0", b"\x78\x9c", b"\x78\xda", b"\x78\x01", b"\x78\x5e", b"\x48\x89"),
)

OPENED: dict[str, Make] = {
    "gzip": gzip.compress,
    "gzip behind noise": lambda d: NOISE + gzip.compress(d) + NOISE,
    "gzip, a line in two members": _members,
    "gzip in two members behind noise": lambda d: NOISE + _members(d) + NOISE,
    "gzip of gzip of gzip": lambda d: gzip.compress(gzip.compress(gzip.compress(d))),
    "zlib": zlib.compress,
    "zlib behind noise": lambda d: NOISE + zlib.compress(d) + NOISE,
    "zlib, stored": lambda d: NOISE + zlib.compress(d, 0),
    "zlib, fast": lambda d: NOISE + zlib.compress(d, 1) + NOISE,
    "zlib with a small window": lambda d: NOISE + _small_window(d) + NOISE,
    "zstd": zstd,
    "zstd behind noise": lambda d: NOISE + zstd(d) + NOISE,
    "zstd behind a skippable frame": lambda d: skippable(b"abc") + zstd(d),
    "pzstd": pzstd,
    "pzstd behind noise": lambda d: NOISE + pzstd(d) + NOISE,
    "xz": lzma.compress,
    "xz behind noise": lambda d: NOISE + lzma.compress(d) + NOISE,
    "lzma": lambda d: lzma.compress(d, lzma.FORMAT_ALONE),
    "lzma behind noise": lambda d: NOISE + lzma.compress(d, lzma.FORMAT_ALONE) + NOISE,
    "bzip2": bz2.compress,
    "bzip2 behind noise": lambda d: NOISE + bz2.compress(d) + NOISE,
    "lz4": lz4.frame.compress,
    "lz4 behind noise": lambda d: NOISE + lz4.frame.compress(d) + NOISE,
    "lz4 behind a skippable frame": lambda d: skippable(b"abc") + lz4.frame.compress(d),
    "apport's .crash": _apport,
    "a multipart body": lambda d: multipart(gzip.compress(d)),
    "a Sentry envelope": _sentry,
    "JSON with base64 of gzip": lambda d: json.dumps({"log": base64.b64encode(gzip.compress(d)).decode()}).encode(),
    "JSON with base64url of zlib": lambda d: json.dumps(
        {"log": base64.urlsafe_b64encode(zlib.compress(d)).decode().rstrip("=")}
    ).encode(),
    "JSON of PHP, with escaped slashes": lambda d: json.dumps(
        {"log": base64.b64encode(gzip.compress(d)).decode()}
    ).replace("/", "\\/").encode(),
    "JSON with wrapped base64": lambda d: json.dumps({"log": _base64_lines(bz2.compress(d)).decode()}).encode(),
    "base64 of zstd in a log": lambda d: b"12:00 got " + base64.b64encode(zstd(d)) + b" from peer\n",
    "base64 of lz4 in a log": lambda d: b"12:00 got " + base64.b64encode(lz4.frame.compress(d)) + b" from peer\n",
    "base64 of xz in YAML": lambda d: b"data:\n  log: " + base64.b64encode(lzma.compress(d)) + b"\n",
    "base64 of zip in a mail": lambda d: b"Content-Transfer-Encoding: base64\r\n\r\n"
    + _base64_lines(zipped({"log": d})).replace(b"\n", b"\r\n"),
    "hexadecimal of gzip in a log": lambda d: b"body=" + gzip.compress(d).hex().encode() + b"\n",
    "hexadecimal of zlib in upper case": lambda d: b"X'" + zlib.compress(d).hex().upper().encode() + b"'",
    "zip": lambda d: zipped({"log.txt": d}),
    "zip, stored": lambda d: zipped({"log.txt": d}, zipfile.ZIP_STORED),
    "zip, bzip2": lambda d: zipped({"log.txt": d}, zipfile.ZIP_BZIP2),
    "zip, lzma": lambda d: zipped({"log.txt": d}, zipfile.ZIP_LZMA),
    "zip, streamed": lambda d: zipped({"log.txt": d, "b": d}, streamed=True),
    "zip behind noise": lambda d: NOISE + zipped({"log.txt": d}) + NOISE,
    "zip without its directory": lambda d: zipped({"log.txt": d})[:-75],
    "zip of zip": lambda d: zipped({"inner.zip": zipped({"log.txt": d})}),
    "zip of stored zip": lambda d: zipped({"inner.zip": zipped({"log.txt": d})}, zipfile.ZIP_STORED),
    "zip of gzip, stored": lambda d: zipped({"log.gz": gzip.compress(d)}, zipfile.ZIP_STORED),
    "jar": lambda d: zipped({"META-INF/MANIFEST.MF": b"Manifest-Version: 1.0\n", "a.properties": d}),
    "self-extracting zip": lambda d: _self_extracting(zipped({"log.txt": d})),
    "self-extracting script": lambda d: b"#!/bin/sh\nexec tail -n +3 $0\n" + gzip.compress(tar({"log.txt": d})),
    "tar": lambda d: tar({"log.txt": d}),
    "tar.gz": lambda d: gzip.compress(tar({"log.txt": d})),
    "tar.zst": lambda d: zstd(tar({"log.txt": d})),
    "tar of tar": lambda d: tar({"a.tar": tar({"log.txt": d})}),
    "OCI image": lambda d: tar({"oci-layout": b"{}", "blobs/sha256/ab": gzip.compress(tar({"etc/env": d}))}),
    "ar": lambda d: ar({"log.txt": d}),
    "ar of gzip": lambda d: ar({"log.gz": gzip.compress(d)}),
    "deb": lambda d: ar(
        {"debian-binary": b"2.0\n", "control.tar.xz": _EMPTY, "data.tar.zst": zstd(tar({"l": d}))}
    ),
    "cpio": lambda d: cpio({"log.txt": d}),
    "cpio.gz": lambda d: gzip.compress(cpio({"log.txt": d})),
    "initramfs": lambda d: cpio({"early": b"x"}) + zstd(cpio({"log.txt": d})),
    "rpm": lambda d: _rpm(gzip.compress(cpio({"log.txt": d}))),
    "PDF": pdf,
    "PNG with compressed text": lambda d: picture(_PIXELS, 4096, (b"zTXt", b"Comment\0\0" + zlib.compress(d))),
    "PNG with text": lambda d: picture(_PIXELS, 4096, (b"tEXt", b"Comment\0" + d)),
    "pixels of a PNG": lambda d: picture(zlib.compress(NOISE + d + NOISE), 1000),
    "pixels of an animation": lambda d: png(
        [_HEADER, (b"fcTL", bytes(26)), (b"IDAT", _PIXELS), (b"fcTL", bytes(26)),
         *((b"fdAT", bytes(4) + zlib.compress(NOISE + d)[at : at + 999]) for at in range(0, 8000, 999)), (b"IEND", b"")]
    ),
    "git object": lambda d: zlib.compress(b"blob %d\0" % len(d) + d, 1),
    "git pack": _git_pack,
    "Arrow": lambda d: b"ARROW1\0\0" + bytes(200) + struct.pack("<q", len(d)) + zstd(d) + b"ARROW1",
    "compressed section of an ELF file": _elf_section,
    "office document": lambda d: zipped({"[Content_Types].xml": b"<x/>", "word/document.xml": d}),
    "numpy's npz": lambda d: zipped({"arr_0.npy": b"\x93NUMPY" + d}),
}
"""Where what is in it is found."""

NAMED: dict[str, Make] = {
    "gzip, cut off": lambda d: gzip.compress(NOISE[:500] + d + NOISE)[:-3000],
    "gzip behind noise, cut off": lambda d: NOISE + gzip.compress(NOISE[:3000] + d)[:2500],
    "gzip, damaged": lambda d: (g := gzip.compress(NOISE + d))[:4000] + b"\xff" * 9 + g[4009:],
    "zip, encrypted": lambda d: patched(zipped({"log.txt": hidden(d)}), flags=1),
    "zip, AES": lambda d: patched(zipped({"log.txt": hidden(d)}), method=99),
    "zip, deflate64": lambda d: patched(zipped({"log.txt": hidden(d)}), method=9),
    "zip, its first header damaged": lambda d: b"PK\3\4" + NOISE + hidden(d),
    "7-Zip": _seven,
    "self-extracting 7-Zip": lambda d: _self_extracting(_seven(d)),
    "RAR": _rar,
    "self-extracting RAR": lambda d: _self_extracting(_rar(d)),
    "RAR in a tar": lambda d: tar({"a.rar": _rar(d)}),
    "compress(1)": lambda d: b"\x1f\x9d\x90" + hidden(d),
    "lzip": lambda d: b"LZIP\1\x0c" + hidden(d),
    "lz4 of the legacy format": lambda d: b"\x02\x21\x4c\x18" + hidden(d),
    "lzop": lambda d: b"\x89LZO\0\r\n\x1a\n" + hidden(d),
    "snappy": lambda d: b"\xff\6\0\0sNaPpY" + hidden(d),
    "cabinet": lambda d: b"MSCF\0\0\0\0" + hidden(d),
    "Windows image": lambda d: b"MSWIM\0\0\0" + hidden(d),
    "squashfs": lambda d: b"hsqs" + bytes(24) + b"\4\0\0\0" + hidden(d),
    "qcow2": lambda d: b"QFI\xfb\0\0\0\3" + hidden(d),
    "kdump": lambda d: b"KDUMP   " + hidden(d),
    "diskdump": lambda d: b"DISKDUMP" + hidden(d),
    "flattened kernel dump": lambda d: b"makedumpfile\0\0\0\0" + hidden(d),
    "rpm with an unknown payload": lambda d: _rpm(hidden(d)),
    "Parquet": lambda d: b"PAR1" + hidden(d) + b"PAR1",
    "ORC": _orc,
    "Avro": _avro,
    "systemd's journal with lz4": _journal,
    "gzip seven times": lambda d: _times(d, 7),
}
"""What is recognised and cannot be read to its end."""


def _times(data: bytes, times: int) -> bytes:
    for _ in range(times):
        data = gzip.compress(data)
    return data


NEAR_MISSES: dict[str, bytes] = {
    "noise": random.Random(1).randbytes(1 << 20),
    "magic numbers and noise": b"seen: " + b"".join(magic + random.Random(2).randbytes(200) for magic in _MAGIC),
    "text with letters like magic numbers": b"eJwhat x^2, H4sI eNough 789c 7801 QlpoOT UEsDB 1f8b08 BZh 28b52ffd " * 99,
    "a table of magic numbers": bytes(8) + b"".join(magic + bytes(8) for magic in _MAGIC),
    "magic numbers in a row": bytes(8) + b"".join(_MAGIC) * 50,
    "zeros": bytes(100_000),
    "a count": bytes(range(256)) * 400,
    "PNG": picture(_PIXELS, 500),
    "PNG in pieces behind noise": NOISE + picture(_PIXELS, 77) + NOISE,
    "zip": zipped({"a.txt": b"nothing", "folder/": b"", "empty": b"", "b.bin": NOISE}),
    "zip, stored": zipped({"a.txt": b"nothing", "empty": b"", "b.bin": NOISE}, zipfile.ZIP_STORED),
    "zip, streamed": zipped({"a.txt": b"nothing", "b.bin": NOISE}, streamed=True),
    "gzip": gzip.compress(NOISE),
    "gzip behind noise": NOISE + gzip.compress(NOISE) + NOISE,
    "deb": ar({"debian-binary": b"2.0\n", "control.tar.xz": _EMPTY}),
    "static library": ar({"a.o": b"\x7fELF" + NOISE, "b.o": b"\x7fELF" + NOISE}),
    "cpio": cpio({"a": NOISE}),
    "rpm": _rpm(gzip.compress(cpio({"a": NOISE}))),
    "PDF": pdf(b"BT (nothing) Tj ET"),
    "Avro without a codec": b"Obj\1\4\x14avro.codec\x08null\x16avro.schema\x0c\"null\"\0" + NOISE,
    "ORC without a codec": _orc(b"nothing", 0),
    "systemd's journal": b"LPKSHHRH" + bytes(200),
}
"""Where nothing is hidden, and nothing is unread."""
