"""Captured packets (pcap and pcapng): what a TCP connection carried is cut wherever a packet was full.

draft-ietf-opsawg-pcap and -pcapng; RFC 791, 8200, 9293. Packets come in any order, and again: their sequence numbers
are places in the stream. Datagrams of UDP have none, and are searched as they lie.
"""

from __future__ import annotations

import itertools
import mmap
import struct
from collections.abc import Iterator

import attrs

from redactfuzz.dumps.readers.image import Image, Layout, View
from redactfuzz.dumps.readers.seams import borders

_ORDERS = {
    b"\xd4\xc3\xb2\xa1": "<",
    b"\x4d\x3c\xb2\xa1": "<",
    b"\xa1\xb2\xc3\xd4": ">",
    b"\xa1\xb2\x3c\x4d": ">",
}
_BLOCKS, _BLOCK_ORDERS = b"\n\r\r\n", {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
_INTERFACE, _SIMPLE, _ENHANCED = 1, 3, 6
_HEADERS = {0: 4, 1: 14, 12: 0, 14: 0, 101: 0, 108: 4, 113: 16, 228: 0, 229: 0, 276: 20}
"""Bytes before IP by the type of a link: loopback, Ethernet, bare IP, Linux's cooked capture."""
_ETHERNET, _TAGS, _TAG = 1, (b"\x81\x00", b"\x88\xa8"), 4
_TCP = 6
_AT_ONCE = 1 << 16
"""Packets of which the places are kept at once, and of each stream the last one beside them."""
_STREAMS = 1 << 18
"""Streams that are known at once; a capture of more begins them anew."""
_STREAM, _WRAP = 40, 1 << 32
"""Bits of the places of one stream, and where a sequence number begins anew."""

_Bytes = bytes | mmap.mmap
_Stretch = tuple[int, int, int]
_Payload = tuple[bytes, int, int, int]
"""Between whom, the sequence number of the first byte, and where all begin and end in the file."""


@attrs.frozen
class Packets:
    """The streams of TCP are put together around each border of two packets."""

    name: str = "captured packets"
    lines: bool = False

    def recognises(self, head: bytes, size: int) -> bool:
        """By the magic of either format."""
        return head[:4] in _ORDERS or (head[:4] == _BLOCKS and head[8:12] in _BLOCK_ORDERS)

    def layout(self, image: Image) -> Layout:
        """Places are those of the file."""
        return Layout(self.name)

    def views(self, image: Image) -> Iterator[View]:
        """What stands in packets of one stream that are adjacent there."""
        streams: dict[bytes, tuple[int, int]] = {}
        numbers = itertools.count()
        stretches: list[_Stretch] = []
        for between, sequence, start, end in _payloads(image.data):
            if between not in streams:
                if len(streams) >= _STREAMS:
                    streams.clear()
                streams[between] = next(numbers), sequence
            number, first = streams[between]
            place = (sequence - first + _WRAP // 2) % _WRAP
            stretches.append((start, end, (number << _STREAM) + place))
            if len(stretches) >= _AT_ONCE:
                yield from _named(stretches)
                stretches = list({one[2] >> _STREAM: one for one in stretches}.values())[-_AT_ONCE // 2 :]
        yield from _named(stretches)


def _named(stretches: list[_Stretch]) -> Iterator[View]:
    for view in borders(stretches):
        yield attrs.evolve(view, what="packets of a stream")


def _payloads(data: _Bytes) -> Iterator[_Payload]:
    for link, start, end in _frames(data) if data[:4] in _ORDERS else _blocks(data):
        payload = _payload(data, link, start, end)
        if payload is not None:
            yield payload


def _frames(data: _Bytes) -> Iterator[_Stretch]:
    """Of pcap: the type of the link, and where each packet begins and ends."""
    order = _ORDERS[data[:4]]
    record, at = struct.Struct(f"{order}8xI4x"), 24
    link = struct.unpack_from(f"{order}I", data, 20)[0] & 0xFFFF if len(data) >= at else 0
    while at + record.size <= len(data):
        (size,) = record.unpack_from(data, at)
        at += record.size
        yield link, at, min(at + size, len(data))
        at += size


def _blocks(data: _Bytes) -> Iterator[_Stretch]:
    """The same of pcapng, whose sections may be of either order and have several links."""
    order, links, at = _BLOCK_ORDERS.get(data[8:12], "<"), list[int](), 0
    while at + 12 <= len(data):
        if data[at : at + 4] == _BLOCKS:
            order, links = _BLOCK_ORDERS.get(data[at + 8 : at + 12], order), []
        kind, size = struct.unpack_from(f"{order}II", data, at)
        end = min(at + size, len(data))
        if size < 12:
            return
        if kind == _INTERFACE and end - at >= 16:
            links.append(struct.unpack_from(f"{order}H", data, at + 8)[0])
        elif kind == _ENHANCED and end - at >= 32:
            number, captured = struct.unpack_from(f"{order}I8xI", data, at + 8)
            yield links[number] if number < len(links) else -1, at + 28, min(at + 28 + captured, end)
        elif kind == _SIMPLE and end - at >= 16 and links:
            yield links[0], at + 12, end - 4
        at += size


def _payload(data: _Bytes, link: int, start: int, end: int) -> _Payload | None:
    """What a packet carries of TCP. None of one that carries nothing, or is none."""
    at = start + _HEADERS.get(link, end)
    while link == _ETHERNET and at < end and data[at - 2 : at] in _TAGS:
        at += _TAG
    packet = _addressed(data, at, end)
    if packet is None:
        return None
    addresses, at, end = packet
    if at + 20 > end:
        return None
    ports, sequence, offset = struct.unpack_from(">4sI4xB", data, at)
    first = at + (offset >> 4) * 4
    return (addresses + ports, sequence, first, end) if at + 20 <= first < end else None


def _addressed(data: _Bytes, at: int, end: int) -> tuple[bytes, int, int] | None:
    """Between whom a packet of IP with TCP is, and where its content begins and ends. What is fragmented is none."""
    if at + 20 > end:
        return None
    version = data[at] >> 4
    if version == 4:
        size, fragment = struct.unpack_from(">2xH2xH", data, at)
        if data[at + 9] != _TCP or fragment & 0x3FFF:
            return None
        return data[at + 12 : at + 20], at + (data[at] & 15) * 4, min(at + size, end) if size else end
    if version == 6 and at + 40 <= end and data[at + 6] == _TCP:
        (size,) = struct.unpack_from(">H", data, at + 4)
        return data[at + 8 : at + 40], at + 40, min(at + 40 + size, end) if size else end
    return None
