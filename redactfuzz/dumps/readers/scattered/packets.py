"""Captured packets (pcap and pcapng): what a TCP connection carried is cut wherever a packet was full.

draft-ietf-opsawg-pcap and -pcapng; RFC 791, 8200, 9293. Packets come in any order, and again: their sequence numbers
are places in the stream. Datagrams of UDP have none, and are searched as they lie.
"""

from __future__ import annotations

import itertools
import mmap
import struct
from collections import Counter
from collections.abc import Iterator

import attrs

from redactfuzz.dumps.readers.image import Image, Layout, View
from redactfuzz.dumps.readers.scattered.frames import carried
from redactfuzz.dumps.readers.seams import borders, runs
from redactfuzz.model.exposure import Gap

_ORDERS = {
    b"\xd4\xc3\xb2\xa1": "<",
    b"\x4d\x3c\xb2\xa1": "<",
    b"\xa1\xb2\xc3\xd4": ">",
    b"\xa1\xb2\x3c\x4d": ">",
}
_BLOCKS, _BLOCK_ORDERS = b"\n\r\r\n", {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
_INTERFACE, _SIMPLE, _ENHANCED = 1, 3, 6
_WHY = "are not put together: a secret that lies in two of them is not found"
_AT_ONCE = 1 << 16
"""Packets of which the places are kept at once, and of each stream the last one beside them."""
_STREAMS = 1 << 18
"""Streams that are known at once; a capture of more begins them anew."""
_STREAM, _WRAP = 40, 1 << 32
"""Bits of the places of one stream, and where a sequence number begins anew."""

_Bytes = bytes | mmap.mmap
_Stretch = tuple[int, int, int]


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
        first, counts = dict[str, int](), Counter[str]()
        for packet in _packets(image.data):
            one = carried(image.data, *packet)
            if isinstance(one, str):
                first.setdefault(one, packet[1])
                counts[one] += 1
        gaps = (Gap(image.name, f"{counts[what]:,} {what} {_WHY}", offset) for what, offset in first.items())
        return Layout(self.name, gaps=tuple(gaps))

    def views(self, image: Image) -> Iterator[View]:
        """What stands in packets of one stream that are adjacent there."""
        for stretches in _batches(image):
            for view in borders(stretches):
                yield attrs.evolve(view, what="packets of a stream")

    def runs(self, image: Image) -> Iterator[list[tuple[int, int]]]:
        """What is there of each stream in one piece, of so many packets as are kept at once."""
        for stretches in _batches(image):
            yield from runs(stretches)


def _batches(image: Image) -> Iterator[list[_Stretch]]:
    """Where packets lie, and by their stream and their place in it what is adjacent."""
    streams: dict[bytes, tuple[int, int]] = {}
    numbers = itertools.count()
    stretches: list[_Stretch] = []
    for packet in _packets(image.data):
        one = carried(image.data, *packet)
        if one is None or isinstance(one, str):
            continue
        between, sequence = one.between, one.place
        if between not in streams:
            if len(streams) >= _STREAMS:
                streams.clear()
            streams[between] = next(numbers), sequence
        number, first = streams[between]
        place = (sequence - first + _WRAP // 2) % _WRAP
        stretches.append((one.start, one.end, (number << _STREAM) + place))
        if len(stretches) >= _AT_ONCE:
            yield stretches
            stretches = list({one[2] >> _STREAM: one for one in stretches}.values())[-_AT_ONCE // 2 :]
    yield stretches


def _packets(data: _Bytes) -> Iterator[_Stretch]:
    return _frames(data) if data[:4] in _ORDERS else _blocks(data)


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
