"""The encodings once more, by the standard library: what the table in C is checked against."""

from __future__ import annotations

import base64
import html
import json
import re
import shlex
import string
import urllib.parse
import xml.sax.saxutils
from collections.abc import Callable


def shifted_base64(data: bytes, shift: int, url: bool = False) -> bytes:
    """base64 of `data` behind `shift` unknown bytes, without the characters that those, or what follows, decide."""
    after = 3 + -(shift + len(data)) % 3  # so that no padding follows
    forms = [
        (base64.urlsafe_b64encode if url else base64.b64encode)(filler * shift + data + filler * after)
        for filler in (b"\x00", b"\xff", b"\x55")
    ]
    same = [len(set(column)) == 1 for column in zip(*forms, strict=True)]
    first = same.index(True)
    end = len(same) - same[::-1].index(True)
    return forms[0][first:end]


def shifted_base32(data: bytes, shift: int) -> bytes:
    """As shifted_base64."""
    after = 5 + -(shift + len(data)) % 5
    forms = [base64.b32encode(filler * shift + data + filler * after) for filler in (b"\x00", b"\xff", b"\x55")]
    same = [len(set(column)) == 1 for column in zip(*forms, strict=True)]
    return forms[0][same.index(True) : len(same) - same[::-1].index(True)]


def shifted_base32_hex(data: bytes, shift: int) -> bytes:
    """base32 with the digits of RFC 4648, section 7."""
    plain = string.ascii_uppercase + string.digits[2:8]
    instead = string.digits + string.ascii_uppercase[:22]
    return shifted_base32(data, shift).translate(bytes.maketrans(plain.encode(), instead.encode()))


HPACK_BITS = (
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28,
    28, 28, 28, 28, 28, 28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
    5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7,
    7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
    15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7,
    7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
    24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22, 23, 23, 21,
    23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
    26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24,
    21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
    26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
)
"""Bits of the code of each byte in RFC 7541, appendix B."""


def _hpack_codes() -> list[str]:
    """Codes of one length follow one another, those of the next length come behind them."""
    codes, code, before = [""] * 256, 0, 5
    for bits, byte in sorted((bits, byte) for byte, bits in enumerate(HPACK_BITS)):
        code <<= bits - before
        codes[byte], code, before = f"{code:0{bits}b}", code + 1, bits
    return codes


HPACK_CODES = _hpack_codes()


def hpack(data: bytes, shift: int) -> bytes:
    """The bytes that `data` alone determines behind so many bits."""
    bits = "".join(HPACK_CODES[byte] for byte in data)[-shift % 8 :]
    return bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits) - 7, 8))


def _whole_groups(encode: Callable[[bytes], bytes], size: int) -> Callable[[bytes, int], bytes]:
    """Of an encoding that takes groups of so many bytes: those groups that `data` behind `shift` bytes fill."""

    def encoded(data: bytes, shift: int) -> bytes:
        whole = data[-shift % size :]
        return encode(whole[: len(whole) // size * size])

    return encoded


def shifted_uu(data: bytes, shift: int, backtick: bool) -> bytes:
    """base64 with other digits."""
    digits = {64: b"+", 65: b"/"}
    letters = (string.ascii_uppercase + string.ascii_lowercase + string.digits).encode() + digits[64] + digits[65]
    others = bytes(32 + index if index or not backtick else 96 for index in range(64))
    return shifted_base64(data, shift).translate(bytes.maketrans(letters, others))


def z85(data: bytes) -> bytes:
    """base85 of Python with the digits of ZeroMQ's RFC 32, in the order of their values."""
    ours = string.digits + string.ascii_uppercase + string.ascii_lowercase + "!#$%&()*+-;<=>?@^_`{|}~"
    others = string.digits + string.ascii_lowercase + string.ascii_uppercase + ".-:+=^!/*?&<>()[]{}@%$#"
    return base64.b85encode(data).translate(bytes.maketrans(ours.encode(), others.encode()))


def in_digits(number: int, alphabet: str) -> str:
    return (in_digits(number // len(alphabet), alphabet) if number >= len(alphabet) else "") + alphabet[
        number % len(alphabet)
    ]


def base45(data: bytes) -> bytes:
    """RFC 9285, of an even number of bytes."""
    alphabet = string.digits + string.ascii_uppercase + " $%*+-./:"
    pairs = (int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2))
    return "".join(in_digits(pair, alphabet).rjust(3, "0")[::-1] for pair in pairs).encode()


def punycode(text: str) -> bytes:
    """RFC 3492; of a text in ASCII without the hyphen behind it, which says nothing."""
    return text.encode() if text.isascii() else text.encode("punycode")


CP1047 = {ord("["): "\xdd", ord("]"): "\xa8", ord("^"): "\xac"}
"""Where code page 1047 is another than 037."""
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
GROUPED: dict[str, tuple[int, Callable[[bytes], bytes]]] = {
    "base85": (4, base64.b85encode),
    "ascii85": (4, lambda b: b"".join(base64.a85encode(b[at : at + 4]) for at in range(0, len(b), 4))),
    "z85": (4, z85),
    "base45": (2, base45),
}


def shifted(name: str, shift: int) -> str:
    return f"{name} (shift {shift})" if shift else name


# What both text and bytes have.
FROM_BYTES: dict[str, Callable[[bytes], bytes]] = {
    "decimal list (no separators)": lambda b: "".join(map(str, b)).encode(),
    "octal": lambda b: "".join(f"{byte:03o}" for byte in b).encode(),
    "reversed hex": lambda b: b.hex()[::-1].encode(),
    "reversed hex (upper case)": lambda b: b.hex().upper()[::-1].encode(),
    "hex of the reversed": lambda b: b[::-1].hex().encode(),
    "hex of the reversed (upper case)": lambda b: b[::-1].hex().upper().encode(),
    **{shifted("base32", n): lambda b, n=n: shifted_base32(b, n) for n in range(5)},  # type: ignore[misc]
    **{shifted("base32 in lower case", n): lambda b, n=n: shifted_base32(b, n).lower() for n in range(5)},  # type: ignore[misc]
    **{shifted("base32hex", n): lambda b, n=n: shifted_base32_hex(b, n) for n in range(5)},  # type: ignore[misc]
    **{shifted("base32hex in lower case", n): lambda b, n=n: shifted_base32_hex(b, n).lower() for n in range(5)},  # type: ignore[misc]
    **{
        shifted(name, n): lambda b, n=n, size=size, encode=encode: _whole_groups(encode, size)(b, n)  # type: ignore[misc]
        for name, (size, encode) in GROUPED.items()
        for n in range(size)
    },
    **{shifted("uuencode", n): lambda b, n=n: shifted_uu(b, n, False) for n in range(3)},  # type: ignore[misc]
    **{shifted("uuencode without spaces", n): lambda b, n=n: shifted_uu(b, n, True) for n in range(3)},  # type: ignore[misc]
    **{shifted("Huffman code of HTTP", n): lambda b, n=n: hpack(b, n) for n in range(8)},  # type: ignore[misc]
    "base58": lambda b: in_digits(int.from_bytes(b, "big"), BASE58).encode(),
    **{
        f"base64 of base64 (shifts {i} and {j})" if i or j else "base64 of base64": (  # type: ignore[misc]
            lambda b, i=i, j=j: shifted_base64(shifted_base64(b, i), j)
        )
        for i in range(3)
        for j in range(3)
    },
}


def json_text(text: str, ascii_only: bool) -> bytes:
    return json.dumps(text, ensure_ascii=ascii_only)[1:-1].encode()


def prefixed(text: str, special: str, prefix: str) -> bytes:
    return re.sub(f"([{re.escape(special)}])", lambda match: prefix + match[1], text).encode()


def cased(text: str, letters: str, instead: str) -> str:
    """Of ASCII letters, which most programs can turn without a table."""
    return text.translate(str.maketrans(letters, instead))


def units(text: str) -> list[int]:
    wide = text.encode("utf-16-be")
    return [int.from_bytes(wide[at : at + 2], "big") for at in range(0, len(wide), 2)]


TEXT: dict[str, Callable[[str], bytes]] = {
    "utf-8": str.encode,
    "utf-16-le": lambda t: t.encode("utf-16-le"),
    "utf-16-be": lambda t: t.encode("utf-16-be"),
    "upper case": lambda t: cased(t, string.ascii_lowercase, string.ascii_uppercase).encode(),
    "lower case": lambda t: cased(t, string.ascii_uppercase, string.ascii_lowercase).encode(),
    "upper case in utf-16-le": lambda t: cased(t, string.ascii_lowercase, string.ascii_uppercase).encode("utf-16-le"),
    "lower case in utf-16-le": lambda t: cased(t, string.ascii_uppercase, string.ascii_lowercase).encode("utf-16-le"),
    "ucs4-le": lambda t: t.encode("utf-32-le"),
    "ucs4-be": lambda t: t.encode("utf-32-be"),
    "hex": lambda t: t.encode().hex().encode(),
    "hex (upper case)": lambda t: t.encode().hex().upper().encode(),
    "hex with colons": lambda t: t.encode().hex(":").encode(),
    "hex with colons (upper case)": lambda t: t.encode().hex(":").upper().encode(),
    "hex with spaces": lambda t: t.encode().hex(" ").encode(),
    "base64": lambda t: shifted_base64(t.encode(), 0),
    "base64 (shift 1)": lambda t: shifted_base64(t.encode(), 1),
    "base64 (shift 2)": lambda t: shifted_base64(t.encode(), 2),
    "base64url": lambda t: shifted_base64(t.encode(), 0, url=True),
    "base64url (shift 1)": lambda t: shifted_base64(t.encode(), 1, url=True),
    "base64url (shift 2)": lambda t: shifted_base64(t.encode(), 2, url=True),
    "base64 of utf-16-le": lambda t: shifted_base64(t.encode("utf-16-le"), 0),
    "base64 of utf-16-le (shift 1)": lambda t: shifted_base64(t.encode("utf-16-le"), 1),
    "base64 of utf-16-le (shift 2)": lambda t: shifted_base64(t.encode("utf-16-le"), 2),
    "base64url of utf-16-le": lambda t: shifted_base64(t.encode("utf-16-le"), 0, url=True),
    "base64url of utf-16-le (shift 1)": lambda t: shifted_base64(t.encode("utf-16-le"), 1, url=True),
    "base64url of utf-16-le (shift 2)": lambda t: shifted_base64(t.encode("utf-16-le"), 2, url=True),
    "percent (every byte)": lambda t: "".join(f"%{byte:02X}" for byte in t.encode()).encode(),
    "percent (every byte, lower case)": lambda t: "".join(f"%{byte:02x}" for byte in t.encode()).encode(),
    "percent": lambda t: urllib.parse.quote(t, safe="").encode(),
    "percent (lower case)": lambda t: re.sub(
        "%..", lambda match: match[0].lower(), urllib.parse.quote(t, safe="")
    ).encode(),
    "percent (path)": lambda t: urllib.parse.quote(t).encode(),
    "percent (form)": lambda t: urllib.parse.quote_plus(t).encode(),
    "\\u escapes": lambda t: "".join(f"\\u{unit:04x}" for unit in units(t)).encode(),
    "\\u escapes (upper case)": lambda t: "".join(f"\\u{unit:04X}" for unit in units(t)).encode(),
    "\\x escapes": lambda t: "".join(f"\\x{byte:02x}" for byte in t.encode()).encode(),
    "\\x escapes (upper case)": lambda t: "".join(f"\\x{byte:02X}" for byte in t.encode()).encode(),
    "JSON escape": lambda t: json_text(t, True),
    "JSON escape (utf-8)": lambda t: json_text(t, False),
    "JSON escape (with slashes)": lambda t: json_text(t, True).replace(b"/", b"\\/"),
    "Python repr": lambda t: repr(t)[1:-1].encode(),
    "Python ascii": lambda t: ascii(t)[1:-1].encode(),
    "Python bytes repr": lambda t: repr(t.encode())[2:-1].encode(),
    "XML escape": lambda t: xml.sax.saxutils.escape(t).encode(),
    "XML escape (quotes)": lambda t: xml.sax.saxutils.escape(t, {'"': "&quot;"}).encode(),
    "XML escape (attribute)": lambda t: xml.sax.saxutils.escape(t, {'"': "&quot;", "'": "&apos;"}).encode(),
    "HTML escape": lambda t: html.escape(t).encode(),
    "HTML escape (decimal quotes)": lambda t: (
        html.escape(t).replace("&quot;", "&#34;").replace("&#x27;", "&#39;").encode()
    ),
    "HTML entities": lambda t: "".join(f"&#{ord(c)};" for c in t).encode(),
    "HTML entities (hex)": lambda t: "".join(f"&#x{ord(c):x};" for c in t).encode(),
    "HTML entities (hex, upper case)": lambda t: "".join(f"&#x{ord(c):X};" for c in t).encode(),
    "shell quoting": lambda t: shlex.quote(t + " ")[1:-2].encode(),
    "shell quoting (spliced)": lambda t: t.replace("'", "'\\''").encode(),
    "shell quoting (double)": lambda t: prefixed(t, '"\\$`', "\\"),
    "shell backslash": lambda t: prefixed(t, " !\"#$&'()*;<=>?[\\]^`{|}~", "\\"),
    "PowerShell escape": lambda t: t.replace("'", "''").encode(),
    "PowerShell escape (double)": lambda t: prefixed(t, '"`$', "`"),
    "EBCDIC": lambda t: "".join(c if " " <= c <= "~" else "?" for c in t).translate(CP1047).encode("cp037"),
    "punycode": punycode,
    "punycode in lower case": lambda t: punycode(t).lower(),
    "reversed": lambda t: t[::-1].encode(),
    "decimal list": lambda t: ", ".join(map(str, t.encode())).encode(),
    "decimal list (no spaces)": lambda t: ",".join(map(str, t.encode())).encode(),
    "hex of utf-16-be": lambda t: t.encode("utf-16-be").hex().encode(),
    "hex of utf-16-be (upper case)": lambda t: t.encode("utf-16-be").hex().upper().encode(),
    **{name: lambda t, encode=encode: encode(t.encode()) for name, encode in FROM_BYTES.items()},  # type: ignore[misc]
}

BYTES: dict[str, Callable[[bytes], bytes]] = {
    "raw bytes": bytes,
    "hex": lambda b: b.hex().encode(),
    "hex (upper case)": lambda b: b.hex().upper().encode(),
    "base64": lambda b: shifted_base64(b, 0),
    "base64url (shift 2)": lambda b: shifted_base64(b, 2, url=True),
    "Python bytes repr": lambda b: repr(b)[2:-1].encode(),
    "Python repr": lambda b: repr(b.decode("latin-1"))[1:-1].encode(),
    "JSON escape": lambda b: json_text(b.decode("latin-1"), True),
    "JSON escape (utf-8)": lambda b: json_text(b.decode("latin-1"), False),
    "utf-8": lambda b: b.decode("latin-1").encode(),
    "utf-16-le": lambda b: b.decode("latin-1").encode("utf-16-le"),
    "reversed": lambda b: b[::-1],
    "decimal list": lambda b: str(list(b))[1:-1].encode(),
    "percent": lambda b: urllib.parse.quote(b, safe="").encode(),
    "signed decimal list (no separators)": lambda b: "".join(str(abs(n - 256 * (n > 127))) for n in b).encode(),
    **FROM_BYTES,
}


def digits(number: int, width: int) -> bytes:
    """What CPython, bn.js and forge keep of a number, without the zero bytes at its end."""
    found = []
    while number:
        found.append((number & (1 << width) - 1).to_bytes(4, "little"))
        number >>= width
    return b"".join(found).rstrip(b"\0")


def words_down(number: int) -> bytes:
    """What Java keeps of a number, on a little-endian machine."""
    words = range((number.bit_length() + 31) // 32)
    return b"".join((number >> 32 * word & 0xFFFFFFFF).to_bytes(4, "little") for word in reversed(words))


NUMBER: dict[str, Callable[[int], bytes]] = {
    "decimal": lambda n: str(n).encode(),
    "big-endian": lambda n: n.to_bytes((n.bit_length() + 7) // 8, "big"),
    "little-endian limbs": lambda n: n.to_bytes((n.bit_length() + 7) // 8, "little"),
    "30-bit digits": lambda n: digits(n, 30),
    "26-bit digits": lambda n: digits(n, 26),
    "28-bit digits": lambda n: digits(n, 28),
    "32-bit words, highest first": words_down,
    "hex number": lambda n: f"{n:x}".encode(),
    "hex number (upper case)": lambda n: f"{n:X}".encode(),
}
