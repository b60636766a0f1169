"""Ways to write bytes or a text, each as a program or a person does it."""

from __future__ import annotations

import base64
import html
import json
import quopri
import struct
import urllib.parse
from collections.abc import Callable, Iterable

Notation = Callable[[bytes], bytes]
"""What is written for these bytes."""


def words(data: bytes, letter: str) -> Iterable[int]:
    """The words of a little-endian machine."""
    size = struct.calcsize(letter)
    return struct.unpack(f"<{-(-len(data) // size)}{letter}", data + bytes(-len(data) % size))


def joined(values: Iterable[object], between: str = ", ") -> bytes:
    """Values with something between them."""
    return between.join(map(str, values)).encode()


def rows(data: bytes, size: int, row: Callable[[int, bytes], str]) -> bytes:
    """A line for each so many bytes."""
    return "\n".join(row(at, data[at : at + size]) for at in range(0, len(data), size)).encode() + b"\n"


def printable(data: bytes) -> str:
    """The column of text in a dump."""
    return "".join(chr(byte) if 32 <= byte < 127 else "." for byte in data)


def signed(data: bytes) -> list[int]:
    """The bytes of Java."""
    return [byte - 256 if byte > 127 else byte for byte in data]


def c_array(data: bytes) -> bytes:
    """As ``xxd -i`` writes it."""
    body = rows(data, 12, lambda _, part: "  " + ", ".join(f"0x{byte:02x}" for byte in part) + ",").decode()
    return f"unsigned char secret[] = {{\n{body}}};\nunsigned int secret_len = {len(data)};\n".encode()


def xxd(data: bytes) -> bytes:
    """Its plain form."""
    return rows(data, 16, lambda at, part: f"{at:08x}: {part.hex(' ', -2):<39}  {printable(part)}")


def hexdump_c(data: bytes) -> bytes:
    """``hexdump -C``."""
    return rows(data, 16, lambda at, part: f"{at:08x}  {part[:8].hex(' ')}  {part[8:].hex(' ')}  |{printable(part)}|")


def hexdump(data: bytes) -> bytes:
    """``hexdump``: words of two bytes."""
    return rows(data, 16, lambda at, part: f"{at:07x} " + " ".join(f"{word:04x}" for word in words(part, "H")))


def od(data: bytes) -> bytes:
    """``od``: words of two bytes in octal."""
    return rows(data, 16, lambda at, part: f"{at:07o} " + " ".join(f"{word:06o}" for word in words(part, "H")))


def od_bytes(data: bytes) -> bytes:
    """``od -b``."""
    return rows(data, 16, lambda at, part: f"{at:07o} " + " ".join(f"{byte:03o}" for byte in part))


def gdb(letter: str, size: int, form: str) -> Notation:
    """``x/16xb`` and its like."""

    def notation(data: bytes) -> bytes:
        step = 8 if size == 1 else 16
        return rows(
            data,
            step,
            lambda at, part: (
                f"0x7ffc3a10{at:04x} <secret+{at}>:\t" + "\t".join(form.format(word) for word in words(part, letter))
            ),
        )

    return notation


def gdb_characters(data: bytes) -> bytes:
    """``x/8c``."""
    return rows(data, 8, lambda at, part: f"0x7ffc3a10{at:04x}:\t" + "\t".join(map(_gdb_character, part)))


def _gdb_character(byte: int) -> str:
    letter = chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}"
    return f"{signed(bytes((byte,)))[0]} '{letter}'"


def percent(data: bytes) -> bytes:
    """Every byte."""
    return b"".join(b"%%%02X" % byte for byte in data)


LISTS: dict[str, Notation] = {
    "numbers, one a line": lambda data: joined(data, "\n"),
    "a list of numbers": lambda data: str(list(data)).encode(),
    "a list of signed numbers": lambda data: str(signed(data)).encode(),
    "JSON of a Buffer": lambda data: json.dumps({"type": "Buffer", "data": list(data)}, indent=2).encode(),
    "a C array": c_array,
    "a C array in octal": lambda data: joined((f"0{byte:03o}" for byte in data), ", "),
    "a Go slice": lambda data: b"[]byte{" + joined((hex(byte) for byte in data), ", ") + b"}",
    "hexadecimal": lambda data: data.hex().encode(),
    "hexadecimal, upper case": lambda data: data.hex().upper().encode(),
    "hexadecimal in lines": lambda data: rows(data, 30, lambda _, part: part.hex()),
    "hexadecimal with spaces": lambda data: data.hex(" ").encode(),
    "hexadecimal with colons": lambda data: rows(data, 15, lambda _, part: "    " + part.hex(":") + ":"),
    "hexadecimal in nested folders": lambda data: b"/srv/" + data.hex("/", 2).encode(),
    "<Buffer>": lambda data: b"<Buffer " + data.hex(" ").encode() + b">",
    "words in hexadecimal": lambda data: joined((f"0x{word:08x}" for word in words(data, "I")), ", "),
    "xxd": xxd,
    "hexdump -C": hexdump_c,
    "hexdump": hexdump,
    "od": od,
    "od -b": od_bytes,
    "gdb x/xb": gdb("B", 1, "0x{:02x}"),
    "gdb x/xw": gdb("I", 4, "0x{:08x}"),
    "gdb x/xg": gdb("Q", 8, "0x{:016x}"),
    "gdb x/db": gdb("b", 1, "{}"),
    "gdb x/ob": gdb("B", 1, "0{:03o}"),
    "gdb x/c": gdb_characters,
    "octal numbers": lambda data: joined((f"{byte:03o}" for byte in data), " "),
    "octal escapes": lambda data: b"".join(b"\\%03o" % byte for byte in data),
    "\\x escapes": lambda data: b"".join(b"\\x%02x" % byte for byte in data),
    "\\x escapes, twice": lambda data: b"".join(b"\\\\x%02x" % byte for byte in data),
    "percent, every byte": percent,
    "percent, twice": lambda data: percent(data).replace(b"%", b"%25"),
    "base64": lambda data: base64.b64encode(data),
    "base64url": lambda data: base64.urlsafe_b64encode(data).rstrip(b"="),
    "base64 in lines": lambda data: base64.encodebytes(data),
    "base64 behind a word": lambda data: b"/srv/" + base64.b64encode(data),
    "base64 of base64": lambda data: base64.b64encode(base64.b64encode(data)),
    "base64, three times": lambda data: base64.b64encode(base64.b64encode(base64.b64encode(data))),
    "base64 of hexadecimal": lambda data: base64.b64encode(data.hex().encode()),
    "base64 of JSON": lambda data: base64.b64encode(json.dumps({"v": base64.b64encode(data).decode()}).encode()),
    "hexadecimal of base64": lambda data: base64.b64encode(data).hex().encode(),
    "base64 as a list of lines": lambda data: json.dumps(base64.encodebytes(data).decode().splitlines()).encode(),
    "entities": lambda data: b"".join(b"&#%d;" % byte for byte in data),
    "quoted-printable, every byte": lambda data: b"=\n".join(
        b"".join(b"=%02X" % byte for byte in data[at : at + 24]) for at in range(0, len(data), 24)
    ),
    "Python repr": lambda data: repr(data).encode(),
    "Python repr in JSON": lambda data: json.dumps(repr(data)).encode(),
}
"""Of any bytes."""


def json_slashes(text: bytes) -> bytes:
    """As PHP and some of Java write it."""
    return json.dumps(text.decode()).replace("/", "\\/").encode()


def json_equals(text: bytes) -> bytes:
    """As Gson writes it."""
    return json.dumps(text.decode()).replace("=", "\\u003d").replace("+", "\\u002b").encode()


def json_in_json(text: bytes) -> bytes:
    """A log of a log."""
    return json.dumps({"message": json.dumps({"text": text.decode()})}).encode()


def escaped_everywhere(text: bytes) -> bytes:
    """Each letter as JSON may write it."""
    return b"".join(b"\\u%04x" % ord(letter) for letter in text.decode())


TEXTS: dict[str, Notation] = {
    "JSON": lambda text: json.dumps(text.decode()).encode(),
    "JSON with \\/": json_slashes,
    "JSON with \\u003d": json_equals,
    "\\u escapes": escaped_everywhere,
    "\\u escapes in JSON": lambda text: json.dumps(escaped_everywhere(text).decode()).encode(),
    "JSON in JSON": json_in_json,
    "JSON in JSON in JSON": lambda text: json.dumps({"event": json_in_json(text).decode()}).encode(),
    "URL-encoded": lambda text: urllib.parse.quote(text.decode(), safe="").encode(),
    "form-encoded": lambda text: urllib.parse.urlencode({"key": text.decode()}).encode(),
    "form-encoded in JSON": lambda text: json.dumps({"body": urllib.parse.urlencode({"key": text.decode()})}).encode(),
    "quoted-printable": lambda text: quopri.encodestring(text, quotetabs=True),
    "markup": lambda text: html.escape(text.decode()).replace("\n", "&#10;").replace("=", "&#61;").encode(),
    "utf-16-le": lambda text: text.decode().encode("utf-16-le"),
    "utf-16-be": lambda text: text.decode().encode("utf-16-be"),
    "ucs4-le": lambda text: text.decode().encode("utf-32-le"),
    "ucs4-be": lambda text: text.decode().encode("utf-32-be"),
    "base64 of utf-16": lambda text: base64.b64encode(text.decode().encode("utf-16-le")),
}
"""Of a text."""

WIDE: dict[str, Callable[[Notation], Notation]] = {
    "": lambda notation: notation,
    " in utf-16-le": lambda notation: lambda data: notation(data).decode("latin-1").encode("utf-16-le"),
    " in utf-16-be": lambda notation: lambda data: notation(data).decode("latin-1").encode("utf-16-be"),
}
