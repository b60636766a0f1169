"""Writes captures of TCP, and databases of SQLite in which a secret lies over the border of two pages."""

from __future__ import annotations

import random
import sqlite3
import struct
from collections.abc import Iterable
from pathlib import Path

Segment = tuple[int, bytes]
"""Its place in the stream, and what it carries."""


def segments(stream: bytes, size: int) -> list[Segment]:
    """A stream in packets of so many bytes."""
    return [(at, stream[at : at + size]) for at in range(0, len(stream), size)]


def packet(at: int, carried: bytes, *, version: int = 4, port: int = 443, tagged: bool = False) -> bytes:
    """A frame of Ethernet. Its stream begins near the end of the sequence numbers."""
    sequence = (0xFFFFFF00 + at) % (1 << 32)
    tcp = struct.pack(">HHIIBBHHH", port, 51_000, sequence, 7, 0x80, 0x18, 501, 0x3A41, 0) + bytes(range(12)) + carried
    if version == 4:
        ends = b"\n\0\0\1\n\0\0\2"
        address = struct.pack(">BBHHHBBH8s", 0x45, 0, 20 + len(tcp), at % 65_536, 0x4000, 64, 6, 0x77A1, ends)
    else:
        address = struct.pack(">IHBB32s", 6 << 28, len(tcp), 6, 64, bytes(range(32)))
    kind = b"\x08\0" if version == 4 else b"\x86\xdd"
    return b"\2\2\2\2\2\1\2\2\2\2\2\2" + (b"\x81\0\0\7" if tagged else b"") + kind + address + tcp


def pcap(packets: Iterable[bytes], *, order: str = "<", link: int = 1) -> bytes:
    """The older format."""
    file = struct.pack(f"{order}IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65_535, link)
    return file + b"".join(struct.pack(f"{order}IIII", 17, 4, len(one), len(one)) + one for one in packets)


def pcapng(packets: Iterable[bytes], *, order: str = "<", link: int = 1) -> bytes:
    """The newer one."""

    def block(kind: int, body: bytes) -> bytes:
        body += bytes(-len(body) % 4)
        size = struct.pack(f"{order}I", len(body) + 12)
        return struct.pack(f"{order}I", kind) + size + body + size

    file = block(0x0A0D0D0A, struct.pack(f"{order}IHHq", 0x1A2B3C4D, 1, 0, -1)) + block(
        1, struct.pack(f"{order}HHI", link, 0, 0)
    )
    return file + b"".join(block(6, struct.pack(f"{order}IIIII", 0, 1, 2, len(one), len(one)) + one) for one in packets)


def database(
    path: Path, secret: bytes, share: float, page: int, *, text: bool, index: bool = False, log: bool = False
) -> bytes:
    """One whose value of two pages and a half has so much of a secret before a border, and the rest behind it."""
    size = page * 5 // 2
    random_letters = bytes(random.Random(5).choices(b"abcdefghijklmnopqrstuvwxyz", k=size))
    written = _written(path, random_letters, page, text=text, index=index, log=log)
    around = ((random_letters[at - 16 : at], random_letters[at : at + 16], at) for at in range(40, size - 40))
    border = next(at for before, behind, at in around if before in written and before + behind not in written)
    while random_letters[border - 16 : border + 1] in written:
        border += 1
    start = border - round(len(secret) * share)
    value = b" " * (start - 1) + b" " + secret + b" "
    made = _written(path, value + b"." * (size - len(value)), page, text=text, index=index, log=log)
    assert secret not in made
    return made


def _written(path: Path, value: bytes, page: int, *, text: bool, index: bool, log: bool) -> bytes:
    for one in path.parent.glob(f"{path.name}*"):
        one.unlink()
    connection = sqlite3.connect(path)
    connection.execute(f"pragma page_size={page}")
    connection.execute(f"pragma journal_mode={'wal' if log else 'delete'}")
    connection.execute(f"create table t (name, value{', primary key (name, value)) without rowid' if index else ')'}")
    for name in ("a row", "another"):
        connection.execute("insert into t values (?, ?)", (name, "y" * 100))
    connection.execute("insert into t values ('secret', ?)", (value.decode() if text else value,))
    connection.commit()
    data = (path.with_name(f"{path.name}-wal") if log else path).read_bytes()
    connection.close()
    return data
