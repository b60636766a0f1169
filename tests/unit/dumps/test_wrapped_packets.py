"""Packets within packets: a stream is put together however it is wrapped, and what is not understood is a gap."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import pytest
import scattered_builder as built
from scattered_scans import DER, PUBLIC, said

from redactfuzz.dumps.readers.formats import reader_of
from redactfuzz.dumps.readers.image import Image
from redactfuzz.dumps.readers.scattered.frames import carried

SIZE = 536
ENDS = b"\2\2\2\2\2\1\2\2\2\2\2\2"
Wrap = Callable[[bytes], bytes]


def ethernet(kind: int, content: bytes) -> bytes:
    return ENDS + struct.pack(">H", kind) + content


def ip(protocol: int, content: bytes, part: int = 0x4000, name: int = 7) -> bytes:
    fields = (69, 0, 20 + len(content), name, part, 64, protocol, 0, b"\n\0\0\3\n\0\0\4")
    return struct.pack(">BBHHHBBH8s", *fields) + content


def ip_6(following: int, content: bytes) -> bytes:
    return struct.pack(">IHBB32s", 6 << 28, len(content), following, 64, bytes(range(32))) + content


def udp(port: int, content: bytes, source: int = 5555) -> bytes:
    return struct.pack(">HHHH", source, port, 8 + len(content), 0) + content


def bare(frame: bytes) -> bytes:
    """The packet of IP in a frame."""
    return frame[14:]


_VXLAN, _WORD = b"\x08\0\0\0\0\0\x2a\0", bytes(4)
_RADIO = b"\0\0\x08\0\0\0\0\0"
_SNAP = b"\xaa\xaa\3\0\0\0"
WRAPPED: dict[str, Wrap] = {
    "two tags": lambda f: ENDS + b"\x88\xa8\0\5\x81\0\0\6" + f[12:],
    "labels of MPLS": lambda f: ethernet(0x8847, b"\0\0\x10\x40\0\0\x11\x40" + bare(f)),
    "Ethernet in MPLS": lambda f: ethernet(0x8847, b"\0\0\x11\x40" + _WORD + f),
    "PPPoE": lambda f: ethernet(0x8864, b"\x11\0\0\1" + struct.pack(">HH", len(f) - 12, 0x21) + bare(f)),
    "IP in IP": lambda f: ethernet(0x0800, ip(4, bare(f))),
    "IP in IPv6": lambda f: ethernet(0x86DD, ip_6(4, bare(f))),
    "options of IPv6": lambda f: ethernet(0x86DD, ip_6(0, b"\x04\0\1\4\0\0\0\0" + bare(f))),
    "GRE": lambda f: ethernet(0x0800, ip(47, b"\0\0\x08\0" + bare(f))),
    "GRE with a key and a checksum": lambda f: ethernet(0x0800, ip(47, b"\xa0\0\x08\0" + bytes(8) + bare(f))),
    "Ethernet in GRE": lambda f: ethernet(0x0800, ip(47, b"\0\0\x65\x58" + f)),
    "VXLAN": lambda f: ethernet(0x0800, ip(17, udp(4789, _VXLAN + f))),
    "Geneve with an option": lambda f: ethernet(0x0800, ip(17, udp(6081, b"\1\0\x65\x58\0\0\x2a\0" + bytes(4) + f))),
    "GTP": lambda f: ethernet(0x0800, ip(17, udp(2152, b"\x30\xff\0\0\0\0\0\1" + bare(f)))),
    "VXLAN in GRE in MPLS": lambda f: ethernet(
        0x8847, b"\0\0\x11\x40" + ip(47, b"\0\0\x08\0" + ip(17, udp(8472, _VXLAN + f)))
    ),
    "SNAP": lambda f: ethernet(len(f) - 6, _SNAP + f[12:]),
}


def capture(wrap: Wrap, carried: bytes, link: int = 1) -> bytes:
    head = b"HTTP/1.1 200 OK\r\n\r\n".ljust(2 * SIZE - len(carried) // 2, b"z")
    segments = built.segments(head + carried + b"and so on " * 90, SIZE)
    return built.pcap((wrap(built.packet(at, part)) for at, part in segments), link=link)


@pytest.mark.parametrize("name", WRAPPED)
def test_a_key_over_the_border_of_two_is_found_and_without_one_it_is_clean(name: str, tmp_path: Path) -> None:
    assert said(tmp_path, capture(WRAPPED[name], DER)) == "LEAK"
    assert said(tmp_path, capture(WRAPPED[name], PUBLIC)) == "CLEAN"


@pytest.mark.parametrize("link", [105, 127])
def test_frames_of_a_wireless_network_are_followed_where_they_are_not_encrypted(link: int, tmp_path: Path) -> None:
    radio = _RADIO if link == 127 else b""

    def wireless(flags: int, quality: bytes = b"") -> Wrap:
        kind = b"\x88" if quality else b"\x08"
        return lambda f: radio + kind + bytes((flags,)) + bytes(22) + quality + _SNAP + f[12:]

    for wrap in (wireless(1), wireless(1, b"\0\0")):
        assert said(tmp_path, capture(wrap, DER, link)) == "LEAK"
    assert said(tmp_path, capture(wireless(0x41), DER, link)) == "CLEAN"


@pytest.mark.parametrize("version", [4, 6])
def test_fragments_of_a_datagram_are_put_together_in_any_order(version: int, tmp_path: Path) -> None:
    for secret, right in ((DER, "LEAK"), (PUBLIC, "CLEAN")):
        datagram = udp(514, b"z" * 500 + secret + b"z" * 500)
        frames = []
        for at in range(0, len(datagram), 552):
            part, more = datagram[at : at + 552], at + 552 < len(datagram)
            if version == 4:
                frames.append(ethernet(0x0800, ip(17, part, (0x2000 if more else 0) | at >> 3)))
            else:
                header = struct.pack(">BBHI", 17, 0, at | more, 77)
                frames.append(ethernet(0x86DD, ip_6(44, header + part)))
        assert said(tmp_path, built.pcap(frames[::-1])) == right


STRANGE: dict[str, tuple[int, Wrap]] = {
    "the link 220": (220, lambda f: bytes(64) + f[54:]),
    "the type 0x88b5 of Ethernet": (1, lambda f: ethernet(0x88B5, f[54:])),
    "SCTP": (1, lambda f: ethernet(0x0800, ip(132, f[54:]))),
    "L2TP": (1, lambda f: ethernet(0x0800, ip(17, udp(1701, b"\0\2\0\1\0\1" + f, 1701)))),
    "MPLS without IP": (1, lambda f: ethernet(0x8847, b"\0\0\x11\x40" + b"\xf0" * 90)),
    "GRE as PPTP has it": (1, lambda f: ethernet(0x0800, ip(47, b"\x30\1\x88\x0b" + f))),
}


@pytest.mark.parametrize("name", STRANGE)
def test_what_is_not_understood_is_a_gap(name: str, tmp_path: Path) -> None:
    link, wrap = STRANGE[name]
    data = capture(wrap, PUBLIC, link)
    assert said(tmp_path, data) == "INCOMPLETE"
    image = Image("data", data)
    (gap,) = reader_of(image).layout(image).gaps
    assert f"packets of {name} are not put together" in gap.reason


def test_what_carries_nothing_is_no_gap(tmp_path: Path) -> None:
    quiet = [
        *(ethernet(kind, bytes(100)) for kind in (0x0806, 0x88CC, 0x888E, 0x8863, 0x88E5, 0x9000)),
        *(ethernet(0x88B5, bytes(46)), ethernet(38, b"\x42\x42\3" + bytes(60)), b"", bytes(5)),
        *(ethernet(0x0800, ip(protocol, bytes(100))) for protocol in (1, 2, 50, 89)),
        *(ethernet(0x0800, ip(17, udp(port, b"\xc8\2" + bytes(100), port))) for port in (53, 1701, 2152)),
    ]
    assert said(tmp_path, built.pcap(quiet)) == "CLEAN"


def test_packets_in_packets_without_end_are_given_up() -> None:
    packet = b"x"
    for _ in range(40):
        packet = ip(4, packet)
    data = ethernet(0x0800, packet)
    assert carried(data, 1, 0, len(data)) == "packets within packets within packets"
    assert {carried(data[:cut], 1, 0, cut) for cut in range(14 + 16 * 20)} == {None}
