"""Forty kinds of input of any size, for the question how the work of a scan grows with it. The same bytes each time."""

from __future__ import annotations

import base64
import functools
import gzip
import io
import itertools
import json
import random
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator

from redactfuzz._core._engine import ffi, lib
from redactfuzz.model.canary import Canary, mint, rsa, token

CANARY = mint(16, "canary", token(32), 1)
_BITS = 2048
_SOME = 64 << 10
"""Bytes of random text that are drawn; a longer text repeats them under a number."""


def repeated(piece: bytes, size: int) -> bytes:
    """As often as it takes."""
    return (piece * (size // len(piece) + 1))[:size]


def joined(pieces: Iterable[bytes], size: int, between: bytes = b"") -> bytes:
    """Whole pieces, as many as fit."""
    taken: list[bytes] = []
    length = 0
    for piece in pieces:
        length += len(piece) + len(between)
        if taken and length > size:
            break
        taken.append(piece)
    return between.join(taken)


def lines(form: Callable[[int], bytes], size: int) -> bytes:
    """Numbered ones."""
    return joined(map(form, itertools.count()), size, b"\n") + b"\n"


def leaking(form: Callable[[bytes], bytes]) -> Callable[[int], bytes]:
    """A log in which each line holds the canary in one form."""
    secret = form(CANARY.bytes)
    return lambda size: lines(lambda number: b"%08d INFO request by user: token=%s done" % (number, secret), size)


def _event(number: int) -> bytes:
    """One of a hundred streams of pieces."""
    stream, piece = number * 7919 % 100, number * 2654435761 % 2**32
    return b'data: {"id":"chat-%d","n":%d,"delta":"%s"}' % (stream, number, base64.b64encode(piece.to_bytes(4, "big")))


@functools.cache
def _key() -> Canary:
    return mint(16, "key", rsa(_BITS), 1)


def _base64url(number: int) -> str:
    return base64.urlsafe_b64encode(number.to_bytes((number.bit_length() + 7) // 8, "big")).rstrip(b"=").decode()


def _rsa_jwk(number: int = 0) -> bytes:
    """Without the primes: to check it takes two powers."""
    key = _key().value
    members = {"n": _base64url(key.n), "e": "AQAB", "d": _base64url(key.d)}
    return json.dumps({"kty": "RSA", "kid": f"key {number}", **members}).encode()


def _oct_jwk(number: int) -> bytes:
    secret = base64.urlsafe_b64encode(random.Random(number).randbytes(32)).rstrip(b"=").decode()
    return json.dumps({"kty": "oct", "kid": str(number), "k": secret}).encode()


def _jwks(key: Callable[[int], bytes], size: int) -> bytes:
    return b'{"keys": [' + joined(map(key, itertools.count()), size, b",\n") + b"]}"


def _small_values(size: int) -> bytes:
    value = b',{"b":"c\\n"}'
    return b'[{"a":1}' + value * (size // len(value)) + b"]"


def _pem() -> bytes:
    return _key().text.encode()


def _jwt(number: int) -> bytes:
    def part(value: object) -> bytes:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")

    signature = base64.urlsafe_b64encode(random.Random(number).randbytes(32)).rstrip(b"=")
    return b".".join((part({"alg": "HS256", "typ": "JWT"}), part({"sub": number}), signature))


@functools.cache
def _random(size: int) -> bytes:
    return random.Random(16).randbytes(size)


def _text(number: int) -> bytes:
    at = number * 37 % (_SOME - 64)
    return base64.b64encode(_random(_SOME)[at : at + 36])


def _schedules(size: int) -> bytes:
    """AES-256, each of another key."""
    out = ffi.new("uint8_t[]", lib.RF_AES_SCHEDULE)

    def one(number: int) -> bytes:
        length = lib.rf_aes_schedule(random.Random(number).randbytes(32), 32, 0, 0, out)
        return bytes(ffi.buffer(out, length))

    return joined(map(one, itertools.count()), size)


def _nested_json(size: int) -> bytes:
    """A document in a string of a document, in a string of a document."""
    text = json.dumps({"events": [f'a "quoted" word {number}' for number in range(max(1, size // 110))]})
    return json.dumps({"message": json.dumps({"inner": text})}).encode()


def _tar(members: Iterator[tuple[str, bytes]], size: int) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tape:
        for name, data in members:
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tape.addfile(member, io.BytesIO(data))
            if out.tell() >= size:
                break
    return out.getvalue()


def _tar_of_many(size: int) -> bytes:
    return _tar(((f"log/{number}.txt", _text(number) * 100) for number in itertools.count()), size)


def _tar_in_tar(size: int) -> bytes:
    data = lines(_text, size)
    for name in ("c.log", "b.tar", "a.tar"):
        data = _tar(iter([(name, data)]), size)
    return data


def _zip(size: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in itertools.count():
            archive.writestr(f"log/{number}.txt", _text(number) * 100)
            if out.tell() >= size:
                return out.getvalue()
    raise AssertionError


def _gzip_members(size: int) -> bytes:
    return joined((gzip.compress(_text(number) + b"\n", 1, mtime=0) for number in itertools.count()), size)


def _packed(size: int) -> bytes:
    pieces = (base64.b64encode(zlib.compress(_text(number) * 3)) for number in itertools.count())
    return joined((b'{"body":"%s"}' % piece for piece in pieces), size, b"\n")


def _cookie(number: int) -> bytes:
    """A session of Flask in a line of a log: a signed object of JSON, which is packed where that makes it shorter."""
    drawn = random.Random(number)
    session = {
        "_fresh": True,
        "_id": drawn.randbytes(16).hex(),
        "_user_id": str(number),
        "csrf": drawn.randbytes(20).hex(),
    }
    packed = base64.urlsafe_b64encode(zlib.compress(json.dumps(session).encode())).rstrip(b"=")
    signature = base64.urlsafe_b64encode(drawn.randbytes(20)).rstrip(b"=")
    return b'"GET /cart" 200 session=.%s.Zx4kPg.%s' % (packed, signature)


def _cut(number: int) -> bytes:
    """A stream that breaks off."""
    packed = zlib.compress(_random(_SOME)[number % 4096 :][:600].hex().encode())[:300]
    return b'{"id":%d,"body":"%s"}' % (number, base64.encodebytes(packed).replace(b"\n", b"\\n"))


def _deep(number: int) -> bytes:
    """A document in a string of a document in a string of one in a string of one, with the canary."""
    text = json.dumps({"token": CANARY.text, "note": 'a "quoted" word'})
    for name in ("deep", "inner", "message"):
        text = json.dumps({name: text})
    return text.encode()


def core(segments: Iterable[tuple[int, int, int, int]], body: bytes, count: int) -> bytes:
    """An ELF core: ``segments`` are (kind, offset in the body, address, bytes); ``body`` follows the headers."""
    start = 64 + 56 * count
    table = b"".join(
        struct.pack("<IIQQQQQQ", kind, 6, start + offset, address, 0, size, size, 4)
        for kind, offset, address, size in segments
    )
    ident = b"\x7fELF\2\1\1" + bytes(9)
    # PN_XNUM: the number of segments is in the section header at the end.
    head = struct.pack("<HHI3QI6H", 4, 62, 1, 0, 64, start + len(body), 0, 64, 56, 0xFFFF, 64, 1, 0)
    section = bytearray(64)
    struct.pack_into("<I", section, 44, count)
    return ident + head + table + body + bytes(section)


def _segments(size: int) -> bytes:
    """Apart in memory, 512 bytes each."""
    count = max(1, size // (56 + 512))
    return core(((1, 512 * at, 0x10000 * at, 512) for at in range(count)), repeated(_text(1), 512 * count), count)


def _adjacent(size: int) -> bytes:
    """Each goes on where another that lies elsewhere in the file ends."""
    count = max(2, size // (56 + 512))
    places = ((1, 512 * (count - 1 - at), 512 * at, 512) for at in range(count))
    return core(places, repeated(_text(2), 512 * count), count)


def _overlapping(size: int) -> bytes:
    """Every segment holds nearly all of the file, with a key in each kilobyte."""
    count = max(1, size // 112)
    secret = CANARY.bytes.ljust(1024, b"\0")
    return core(((1, at, 1 << 32, 56 * count - at) for at in range(count)), repeated(secret, 56 * count), count)


def _note(kind: int, content: bytes) -> bytes:
    return struct.pack("<III", 5, len(content), kind) + b"CORE\0\0\0\0" + content


def _threads(size: int) -> bytes:
    status = bytearray(336)
    notes = bytearray()
    stack = size // 8
    for number in range(max(1, size // 400)):
        struct.pack_into("<I", status, 32, number)
        struct.pack_into("<Q", status, 112 + 19 * 8, number * 40)
        notes += _note(1, bytes(status))
    return core([(4, 0, 0, len(notes)), (1, len(notes), 0, stack)], bytes(notes) + bytes(stack), 2)


def _minidump(size: int) -> bytes:
    """Memory in ranges of 512 bytes, every second one adjacent to the one before by address."""
    count = max(2, size // (512 + 16))
    entries = b"".join(struct.pack("<QQ", 0x1000 * at + (at & 1) * 0x200, 512) for at in range(count))
    memory = repeated(_text(3), 512 * count)
    stream = 32 + 12
    where = stream + 16 + len(entries)
    header = struct.pack("<4sIIIIIQ", b"MDMP", 0xA793, 1, 32, 0, 0, 0)
    directory = struct.pack("<III", 9, 16 + len(entries), stream)
    return header + directory + struct.pack("<QQ", count, where) + entries + memory


def _split_line(number: int) -> bytes:
    """Of a container: parts of one line, with a canary over the end of each second one."""
    part = (_text(number) * 400)[: 16_384 - 16]
    secret = CANARY.bytes
    halves = (part + secret[:16], secret[16:] + part)
    tag = b"F" if number % 40 == 39 else b"P"
    return b"2026-11-30T10:41:19.%09dZ stdout %s " % (number, tag) + halves[number % 2]


def _jks(size: int) -> bytes:
    """Beginnings of key stores of Java without an end to their entries, each of which begins in those of all before."""
    certificate = b"\0\0\0\2" + bytes(2) + bytes(8) + bytes(2) + b"\0\0\0\x0c"
    return repeated(b"\xfe\xed\xfe\xed\0\0\0\2\xff\xff\xff\xff" + certificate, size)


def _zip_headers(size: int) -> bytes:
    """Headers of zip archives, in blocks of what is packed behind each of those before, which breaks off at the end."""
    header = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, 8, 8, 0, 0, 0, 0, 0, 1, 0) + b"\1"
    block = b"\0" + struct.pack("<HH", len(header), len(header) ^ 0xFFFF) + header
    return b"some text first\n" + header + repeated(block, size) + b"\xff" * 8


def _tar_with_attributes(size: int) -> bytes:
    """Of the whole archive, as many as members."""
    out = io.BytesIO()
    many = {f"a{number}": "x" for number in range(size // 1024)}
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT, pax_headers=many) as tape:
        for number in range(size // 1024):
            tape.addfile(tarfile.TarInfo(str(number)))
    return out.getvalue()


def _bzip2_beginnings(size: int) -> bytes:
    return joined((b"BZh91AY&SY" + _text(number)[:16] for number in itertools.count()), size)


def _escaped(secret: bytes) -> bytes:
    return b"".join(b"\\u%04x" % byte for byte in secret)


def _list(secret: bytes) -> bytes:
    return b"[" + b", ".join(b"%d" % byte for byte in secret) + b"]"


def _russian(letters: int) -> bytes:
    return "".join(f"строка {number}: всё в порядке\n" for number in range(letters // 32 + 1)).encode("utf-16")


SHAPES: dict[str, Callable[[int], bytes]] = {
    "zeros": bytes,
    "random bytes": lambda size: repeated(_random(min(size, 1 << 20)), size),
    "lines of base64": lambda size: lines(_text, size),
    "one run of base64": lambda size: joined(map(_text, itertools.count()), size),
    "lines of hexadecimal": lambda size: lines(lambda number: _text(number).hex().encode(), size),
    "percent escapes": lambda size: repeated(b"%41%2F%3d%20", size),
    "backslashes": lambda size: repeated(b"\\", size),
    "escaped quotes": lambda size: repeated(b'\\"', size),
    "a text in UTF-16": lambda size: lines(_text, size // 2).decode().encode("utf-16-le"),
    "a log in Russian in UTF-16": lambda size: _russian(size // 2),
    "letters of both orders of UTF-16": lambda size: repeated(b"abcabcabc" + 3 * b"a\0b\0c\0", size),
    "a log that leaks plainly": leaking(bytes),
    "a log that leaks in base64": leaking(base64.b64encode),
    "a log that leaks in hexadecimal": leaking(lambda secret: secret.hex().encode()),
    "a log that leaks in groups of hexadecimal": leaking(lambda secret: secret.hex(" ", 2).encode()),
    "a log that leaks in escapes": leaking(_escaped),
    "a log that leaks in lists of numbers": leaking(_list),
    "a log that leaks in UTF-16": lambda size: leaking(bytes)(size // 2).decode().encode("utf-16-le"),
    "a log that leaks a part": leaking(lambda secret: secret[:20]),
    "one line that leaks all along": lambda size: leaking(bytes)(size).replace(b"\n", b" "),
    "JSON Lines that leak": lambda size: lines(lambda at: b'{"id":%d,"key":"%s"}' % (at, CANARY.bytes), size),
    "JSON Lines that leak in escapes": lambda size: lines(
        lambda at: b'{"id":%d,"key":"%s"}' % (at, _escaped(CANARY.bytes)), size
    ),
    "a JSON array that leaks in escapes": lambda size: (
        b"[" + joined((b'"%d %s"' % (at, _escaped(CANARY.bytes)) for at in itertools.count()), size, b",") + b"]"
    ),
    "JSON in a string of JSON": _nested_json,
    "a JSON string that is not closed": lambda size: b'{"a": "' + repeated(b'\\"x', size),
    "brackets inside one another": lambda size: b"[" * (size // 2) + b"]" * (size // 2),
    "objects inside one another": lambda size: repeated(b'{"key\\n":', size),
    "a JSON array of small values": _small_values,
    "equal RSA keys as JWK": lambda size: _jwks(_rsa_jwk, size),
    "symmetric keys as JWK": lambda size: _jwks(_oct_jwk, size),
    "members of no JWK": lambda size: repeated(b'"kty" ', size),
    "a PEM again and again": lambda size: repeated(_pem() + b"\n", size),
    "beginnings of PEM": lambda size: repeated(b"-----BEGIN RSA PRIVATE KEY-----", size),
    "JSON Web Tokens": lambda size: lines(_jwt, size),
    "beginnings of tokens": lambda size: repeated(b"eyJ", size),
    "AES key schedules": _schedules,
    "an ELF core of many segments": _segments,
    "a core of segments adjacent by address": _adjacent,
    "a core of overlapping segments": _overlapping,
    "a core of many threads": _threads,
    "a minidump of many ranges": _minidump,
    "a tar of many members": _tar_of_many,
    "a tar in a tar in a tar": _tar_in_tar,
    "a zip of many members": _zip,
    "gzip members": _gzip_members,
    "JSON Lines with zlib in base64": _packed,
    "a log that a container runtime split": lambda size: lines(_split_line, size),
    "session cookies": lambda size: lines(_cookie, size),
    "JSON Lines with streams that break off": lambda size: lines(_cut, size),
    "key stores of Java within one another": _jks,
    "zip headers within one another": _zip_headers,
    "a tar of many attributes and members": _tar_with_attributes,
    "beginnings of bzip2": _bzip2_beginnings,
    "events of many streams": lambda size: lines(_event, size),
    "JSON in JSON in JSON that leaks": lambda size: lines(_deep, size),
}  # fmt: skip
