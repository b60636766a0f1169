"""One captured packet: what it carries of a stream, however often it is wrapped, or what of it is not understood.

Followed are tags of VLAN, MPLS (RFC 3032), PPPoE (RFC 2516), 802.11 that is not encrypted, IP in IP (RFC 2003, 4213),
GRE (RFC 2784, 2890), VXLAN (RFC 7348), Geneve (RFC 8926) and GTP-U without extensions (3GPP TS 29.281).
"""

from __future__ import annotations

import mmap
import struct

import attrs

_Bytes = bytes | mmap.mmap

_ETHERNET, _COOKED, _COOKED_2, _WIRELESS, _RADIOTAP = 1, 113, 276, 105, 127
_BARE = {0: 4, 12: 0, 14: 0, 101: 0, 108: 4, 228: 0, 229: 0}
"""Links of which IP follows, and bytes before it: loopback, and IP alone."""
_IP, _TAGS = (0x0800, 0x86DD), (0x8100, 0x88A8, 0x9100)
_MPLS, _PPPOE, _BRIDGED, _SNAP = (0x8847, 0x8848), 0x8864, 0x6558, b"\xaa\xaa\3\0\0\0"
_PPP_OF_IP = (0x0021, 0x0057)
_QUIET = {0x0806, 0x8035, 0x0842, 0x8863, 0x8808, 0x8809, 0x8899, 0x888E, 0x88CC, 0x88E5, 0x88F7, 0x8902, 0x9000}
"""Types that carry nothing of a program: who has an address, tests of a link, keys of it, and what is encrypted."""
_LENGTHS, _SMALL = 1536, 64
"""Of a type that is smaller: it is a length. Bytes of a packet of an unknown type that may hold something."""
_IP_IN_IP, _TCP, _UDP, _IPV6_IN_IP, _GRE, _ETHER_IN_IP, _MPLS_IN_IP, _FRAGMENT = 4, 6, 17, 41, 47, 97, 137, 44
_OPTIONS, _AUTHENTICATION = (0, 43, 60, 135, 139, 140), 51
"""Headers of IPv6 that another one follows (RFC 8200 section 4), which has its size in eight bytes, or in four."""
_STREAMS = {33: "DCCP", 115: "L2TP", 132: "SCTP"}
_VXLAN, _GENEVE, _GTP, _L2TP = (4789, 8472), 6081, 2152, 1701
_LAYERS = 16
"""So often one packet is in another."""


@attrs.frozen
class Carried:
    """Bytes of a stream, or of a datagram that came in fragments: between whom, where in it, and where in the file."""

    between: bytes
    place: int
    start: int
    end: int


class _Unknown(Exception):
    """The message says what a packet is that is not put together."""


_Inner = tuple[int, int, int]
"""The type of Ethernet of a packet in another one, and where it begins and ends."""


def carried(data: _Bytes, link: int, start: int, end: int) -> Carried | str | None:
    """What a packet carries; None where that is nothing, or no stream; else what is not understood."""
    try:
        inner = _of_link(data, link, start, end)
        for _ in range(_LAYERS):
            found = _one(data, *inner) if inner is not None else None
            if found is None or isinstance(found, Carried):
                return found
            inner = found
    except _Unknown as unknown:
        return str(unknown)
    except (IndexError, struct.error):  # it is cut off
        return None
    return "packets within packets within packets"


def _of_link(data: _Bytes, link: int, start: int, end: int) -> _Inner | None:
    if link == _ETHERNET:
        return _number(data, start + 12), start + 14, end
    if link in _BARE:
        return _IP[0], start + _BARE[link], end
    if link == _COOKED:
        return _number(data, start + 14), start + 16, end
    if link == _COOKED_2:
        return _number(data, start), start + 20, end
    if link == _RADIOTAP:
        start += data[start + 2] | data[start + 3] << 8
    elif link != _WIRELESS:
        raise _Unknown(f"packets of the link {link}")
    return _wireless(data, start, end)


def _wireless(data: _Bytes, at: int, end: int) -> _Inner | None:
    """IEEE 802.11 section 9.3.2: a frame with data that is not encrypted."""
    kind, flags = data[at], data[at + 1]
    if kind & 0x0C != 0x08 or kind & 0x40 or flags & 0x40:
        return None
    at += 24 + 6 * (flags & 3 == 3) + 2 * (kind >> 7)
    return (_number(data, at + 6), at + 8, end) if data[at : at + 6] == _SNAP else None


def _one(data: _Bytes, kind: int, at: int, end: int) -> _Inner | Carried | None:
    if at >= end:
        return None
    if kind in _IP:
        return _addressed(data, at, end)
    if kind in _TAGS:
        return _number(data, at + 2), at + 4, end
    if kind in _MPLS:
        return _labelled(data, at, end)
    if kind == _PPPOE:
        protocol = _number(data, at + 6)
        return (_IP[0], at + 8, end) if protocol in _PPP_OF_IP else None
    if kind == _BRIDGED:
        return _number(data, at + 12), at + 14, end
    if kind < _LENGTHS:
        return (_number(data, at + 6), at + 8, end) if data[at : at + 6] == _SNAP else None
    if kind in _QUIET or end - at <= _SMALL:
        return None
    raise _Unknown(f"packets of the type {kind:#06x} of Ethernet")


def _labelled(data: _Bytes, at: int, end: int) -> _Inner | None:
    """Behind the last label: IP, or Ethernet behind a word that begins with zeros (RFC 4448)."""
    while at + 4 <= end and not data[at + 2] & 1:
        at += 4
    at += 4
    version = data[at] >> 4
    if version in (4, 6):
        return _IP[0], at, end
    if version == 0:
        return _BRIDGED, at + 4, end
    raise _Unknown("packets of MPLS without IP")


def _addressed(data: _Bytes, at: int, end: int) -> _Inner | Carried | None:
    """A packet of IP: RFC 791, 8200."""
    version = data[at] >> 4
    if version == 4 and at + 20 <= end:
        size, name, part = struct.unpack_from(">2xHHH", data, at)
        protocol, addresses = data[at + 9], bytes(data[at + 12 : at + 20])
        end = min(at + size, end) if size else end
        at += (data[at] & 15) * 4
        if part & 0x3FFF:
            return _fragment(addresses + bytes((protocol,)), name, part << 3 & 0xFFFF, at, end)
        return _content(data, protocol, addresses, at, end)
    if version == 6 and at + 40 <= end:
        protocol, addresses = data[at + 6], bytes(data[at + 8 : at + 40])
        size = _number(data, at + 4)
        at, end = at + 40, min(at + 40 + size, end) if size else end
        while protocol in _OPTIONS or protocol == _AUTHENTICATION:
            size = (data[at + 1] + 2) * 4 if protocol == _AUTHENTICATION else (data[at + 1] + 1) * 8
            protocol, at = data[at], at + size
        if protocol == _FRAGMENT:
            protocol, part, name = struct.unpack_from(">BxHI", data, at)
            at += 8
            if part & 0xFFF9:
                return _fragment(addresses + bytes((protocol,)), name, part & 0xFFF8, at, end)
        return _content(data, protocol, addresses, at, end)
    return None


def _fragment(between: bytes, name: int, place: int, at: int, end: int) -> Carried | None:
    """Part of a datagram, which has a number."""
    return Carried(between + name.to_bytes(4, "big"), place, at, end) if at < end else None


def _content(data: _Bytes, protocol: int, addresses: bytes, at: int, end: int) -> _Inner | Carried | None:
    if protocol == _TCP:
        return _segment(data, addresses, at, end)
    if protocol in (_IP_IN_IP, _IPV6_IN_IP):
        return _IP[0], at, end
    if protocol == _GRE:
        return _generic(data, at, end)
    if protocol == _UDP:
        return _tunnelled(data, at, end)
    if protocol == _ETHER_IN_IP:
        return _BRIDGED, at + 2, end
    if protocol == _MPLS_IN_IP:
        return _MPLS[0], at, end
    if protocol in _STREAMS:
        raise _Unknown(f"packets of {_STREAMS[protocol]}")
    return None


def _segment(data: _Bytes, addresses: bytes, at: int, end: int) -> Carried | None:
    """RFC 9293 section 3.1: a sequence number is a place in the stream."""
    if at + 20 > end:
        return None
    ports, sequence, offset = struct.unpack_from(">4sI4xB", data, at)
    first = at + (offset >> 4) * 4
    return Carried(addresses + ports, sequence, first, end) if at + 20 <= first < end else None


def _generic(data: _Bytes, at: int, end: int) -> _Inner | None:
    flags, kind = struct.unpack_from(">HH", data, at)
    if flags & 7:
        raise _Unknown("packets of GRE as PPTP has it")
    size = 4 + 4 * (bool(flags & 0xC000) + bool(flags & 0x2000) + bool(flags & 0x1000))
    return kind, at + size, end


def _tunnelled(data: _Bytes, at: int, end: int) -> _Inner | None:
    """A datagram holds a packet on a port for that; else it is searched as it lies."""
    source, port = struct.unpack_from(">HH", data, at)
    at += 8
    if port in _VXLAN and data[at] & 8:
        return _BRIDGED, at + 8, end
    if port == _GENEVE and data[at] < 0x40:
        return _number(data, at + 2), at + 8 + (data[at] & 63) * 4, end
    if _GTP in (source, port) and data[at + 1] == 255 and data[at] >> 5 == 1:
        if data[at] & 4:
            raise _Unknown("packets of GTP with extensions")
        return _IP[0], at + 8 + 4 * bool(data[at] & 3), end
    if port == _L2TP == source and not data[at] & 0x80:
        raise _Unknown("packets of L2TP")
    return None


def _number(data: _Bytes, at: int) -> int:
    return data[at] << 8 | data[at + 1]
