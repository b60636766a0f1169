"""Containers that are recognised and not opened: what is in them has not been read, and nobody may think so."""

from __future__ import annotations

import re

import attrs


@attrs.frozen
class _Kind:
    """``streams``: what is in it is one stream of a kind that is found by itself, so that only where none was found it
    is not opened.
    """

    what: str
    magic: re.Pattern[bytes]
    streams: bool = False


def _kind(what: str, magic: bytes, streams: bool = False) -> _Kind:
    return _Kind(what, re.compile(magic, re.DOTALL), streams)


_KINDS = (
    _kind("a 7-Zip archive", rb"7z\xbc\xaf\x27\x1c"),
    _kind("a RAR archive", rb"Rar!\x1a\x07"),
    _kind("a file of compress(1)", rb"\x1f\x9d"),
    _kind("a file of pack(1)", rb"\x1f\x1e"),
    _kind("an lzip file", rb"LZIP[\0\1]"),
    _kind("an lz4 file of the legacy format", rb"\x02\x21\x4c\x18"),
    _kind("an lzop file", rb"\x89LZO\0\r\n\x1a\n"),
    _kind("an lrzip file", rb"LRZI\0"),
    _kind("a zpaq archive", rb"zPQ[\1\2]|7kSt\xa0\x31\x83\xd3\x8c\xb2\x28\xb0\xd3"),
    _kind("a snappy file", rb"\xff\x06\0\0sNaPpY"),
    _kind("an S2 file", rb"\xff\x06\0\0S2sTwO"),
    _kind("an LZFSE file", rb"bvx[-12n]"),
    _kind("a file of LZ4 as Apple writes it", rb"bv41.{2}[\0-\x40]\0.{2}[\0-\x40]\0"),
    _kind("a file of Apple's pbz", rb"pbz[e4b]\0{4}.{4}"),
    _kind("a file of Apple's pbz", rb"pbz[xz]\0{4}.{4}", streams=True),
    _kind("a file of Lizard or LZ5", rb"[\5\6]\x22\x4d\x18[\x40-\x7f]"),
    _kind("a compressed file of Windows (MAM)", rb"MAM[\4\x84]"),
    _kind("the memory of a Windows that hibernates", rb"(?:HIBR|hibr|WAKE|wake|RSTR).?\0{3}"),
    _kind("an ARJ archive", rb"\x60\xea..[\x1e-\x40].{6}\x02"),
    _kind("an LHA archive", rb"..-l[hz][0-9ds]-"),
    _kind("an ACE archive", rb".{7}\*\*ACE\*\*"),
    _kind("a StuffIt archive", rb"SIT!.{6}rLau|StuffIt \(c\)1997-\d{4} Aladdin"),
    _kind("a ZOO archive", rb"ZOO \d\.\d\d Archive\.\x1a"),
    _kind("a FreeArc archive", rb"ArC\x01[\0-\x20]"),
    _kind("a cabinet of InstallShield", rb"ISc\(...[\1\2\4]"),
    _kind("an archive of FSArchiver", rb"FsA0(?=.{0,7}[^\t-\r -~])"),
    _kind("a segment of Borg, whose chunks are packed or encrypted", rb"BORG_SEG"),
    _kind("a pack of Java (pack200)", rb"\xca\xfe\xd0\x0d[\0-\x10]"),
    _kind("a Flash film, packed with LZMA", rb"ZWS[\x06-\x40].{8}\x5d\0"),
    _kind("a compressed image of a disc (CSO)", rb"CISO[\0\x18]\0{3}.{5}\0{3}.{2}\0{2}"),
    _kind("a DwarFS image", rb"DWARFS\x02[\0-\x20]", streams=True),
    _kind("a cramfs image", rb"\x45\x3d\xcd\x28.{12}Compressed ROMFS", streams=True),
    _kind("a file of SPSS, whose values are packed", rb"\$FL[23]@\(#\).{64}(?:[\1\2]\0\0\0|\0\0\0[\1\2])"),
    _kind("LLVM bitcode, whose constants begin at any bit", rb"BC\xc0\xde|\xde\xc0\x17\x0b\0{4}"),
    _kind("a cabinet file", rb"MSCF\0\0\0\0"),
    _kind("a Windows image (WIM)", rb"(?:MSWIM|WLPWM)\0\0\0"),
    _kind("a compressed kernel dump", rb"KDUMP   |DISKDUMP"),
    _kind("a flattened kernel dump", rb"makedumpfile\0"),
    _kind("a squashfs image", rb"hsqs.{24}\x04\0|sqsh.{24}\0\x04"),
    _kind("an EROFS image", rb".{1024}\xe2\xe1\xf5\xe0"),
    _kind("a qcow image", rb"QFI\xfb\0\0\0[\1\2\3]"),
    _kind("a DuckDB file, whose columns may be packed", rb".{8}DUCK.{2}\0{6}"),
    _kind("a Blosc2 frame", rb"\x9e.b2frame\0"),
    _kind("a file of Lucene, whose documents may be packed", rb"\x3f\xd7\x6c\x17"),
    _kind("a file of WiredTiger, whose blocks may be packed", rb"\x41\xd8\x01\0\x01\0[\0\1]\0"),
    _kind("a dump of Redis, whose values may be packed with LZF", rb"REDIS\d{4}[\xf5-\xff]"),
    _kind("an RPM package", rb"\xed\xab\xee\xdb[\3\4]", streams=True),
)


def unopened(head: bytes, opened: bool) -> str:
    """What begins like this is, or nothing when it is no such container. ``opened``: whether streams in it were."""
    kinds = (one for one in _KINDS if one.magic.match(head) and not (one.streams and opened))
    return next((one.what for one in kinds), "")
