"""Ways to put a secret into a dump, and a generator of more: encodings that nobody has listed."""

from __future__ import annotations

import base64
import codecs
import hashlib
import json
import random
import string
import zlib
from collections.abc import Callable

Step = Callable[[bytes], bytes]

_LETTERS = string.ascii_letters + string.digits


def _radix(symbols: str) -> Step:
    def encode(data: bytes) -> bytes:
        number, text = int.from_bytes(b"\x01" + data, "big"), ""
        while number:
            number, rest = divmod(number, len(symbols))
            text = symbols[rest] + text
        return text.encode()

    return encode


def _xor(drawn: random.Random) -> Step:
    mask = drawn.randbytes(512)
    return lambda data: bytes(a ^ mask[at % 512] for at, a in enumerate(data))


def _substitution(drawn: random.Random) -> Step:
    table = bytes(drawn.sample(range(256), 256))
    return lambda data: data.translate(table)


def _permutation(drawn: random.Random) -> Step:
    seed = drawn.random()

    def permute(data: bytes) -> bytes:
        order = list(range(len(data)))
        random.Random(seed).shuffle(order)
        return bytes(data[at] for at in order)

    return permute


def _affine(drawn: random.Random) -> Step:
    factor, added = drawn.randrange(1, 256, 2), drawn.randrange(256)
    return lambda data: bytes((byte * factor + added) % 256 for byte in data)


def _words(drawn: random.Random) -> Step:
    size, order = drawn.choice((2, 4, 8)), drawn.choice(("big", "little"))

    def words(data: bytes) -> bytes:
        return " ".join(str(int.from_bytes(data[at : at + size], order)) for at in range(0, len(data), size)).encode()  # type: ignore[arg-type]

    return words


def _groups(drawn: random.Random) -> Step:
    size, between = drawn.randrange(1, 7), drawn.choice((b"\n", b" | ", b"', '", b"=", b"\x00", b"\\x"))
    return lambda data: between.join(data[at : at + size] for at in range(0, len(data), size))


def _labelled(drawn: random.Random) -> Step:
    size, label = drawn.randrange(1, 6), drawn.choice(("part", "f", "line"))
    return lambda data: b"\n".join(
        f"{label}{at}: ".encode() + data[at : at + size].hex().encode() for at in range(0, len(data), size)
    )


def _sums(_: random.Random) -> Step:
    return lambda data: json.dumps([sum(data[: at + 1]) for at in range(len(data))]).encode()


def _differences(_: random.Random) -> Step:
    return lambda data: json.dumps([b - a for a, b in zip(b"\x00" + data, data, strict=False)]).encode()


def _chained(drawn: random.Random) -> Step:
    """Each byte is mixed with the one before it in the output, as a running checksum."""
    start = drawn.randrange(256)

    def chain(data: bytes) -> bytes:
        before, out = start, bytearray()
        for byte in data:
            before = (before * 5 + byte) % 256
            out.append(before)
        return bytes(out)

    return chain


def _rotated(drawn: random.Random) -> Step:
    by = drawn.randrange(1, 8)
    return lambda data: bytes(((byte << by) | (byte >> (8 - by))) & 0xFF for byte in data)


def _interleaved(drawn: random.Random) -> Step:
    noise = drawn.randbytes(4096)
    return lambda data: b"".join(bytes((byte, noise[at % 4096])) for at, byte in enumerate(data))


STEPS: dict[str, Callable[[random.Random], Step]] = {
    "hex": lambda _: lambda data: data.hex().encode(),
    "base64": lambda _: base64.b64encode,
    "base32": lambda _: base64.b32encode,
    "base85": lambda _: base64.b85encode,
    "radix 58": lambda _: _radix(_LETTERS[:58]),
    "radix 36": lambda _: _radix(_LETTERS[:36]),
    "decimal": lambda _: _radix(string.digits),
    "radix 7": lambda _: _radix(string.digits[:7]),
    "bits": lambda _: lambda data: "".join(f"{byte:08b}" for byte in data).encode(),
    "numbers": lambda _: lambda data: json.dumps(list(data)).encode(),
    "reversed": lambda _: lambda data: data[::-1],
    "halves swapped": lambda _: lambda data: data[len(data) // 2 :] + data[: len(data) // 2],
    "even and odd": lambda _: lambda data: data[::2] + data[1::2],
    "nibbles swapped": lambda _: lambda data: bytes((byte >> 4 | byte << 4) & 0xFF for byte in data),
    "uu": lambda _: lambda data: codecs.encode(data, "uu"),
    "quoted": lambda _: lambda data: codecs.encode(data, "quopri"),
    "EBCDIC": lambda _: lambda data: data.decode("latin-1").encode("cp037", "replace"),
    "utf-16": lambda _: lambda data: data.decode("latin-1").encode("utf-16-le"),
    "xor": _xor,
    "substitution": _substitution,
    "permutation": _permutation,
    "affine": _affine,
    "words": _words,
    "groups": _groups,
    "labelled": _labelled,
    "running sums": _sums,
    "differences": _differences,
    "chained": _chained,
    "bits rotated": _rotated,
    "interleaved": _interleaved,
}
"""Each makes an invertible encoding of bytes, some of them after a draw."""


def composed(seed: int) -> tuple[str, Step]:
    """An encoding of one to three steps, with its name; always the same for a seed."""
    drawn = random.Random(seed)
    names = drawn.choices(list(STEPS), k=drawn.randrange(1, 4))
    steps = [STEPS[name](drawn) for name in names]

    def encode(data: bytes) -> bytes:
        for step in steps:
            data = step(data)
        return data

    return f"{seed}: {', then '.join(names)}", encode


def compressed(data: bytes) -> bytes:
    """Behind a long text of others, so that its bits do not begin at a byte."""
    return zlib.compress(b"the quick brown fox; " * 20 + data + b"; jumps over the lazy dog" * 10)


def keyed(data: bytes) -> bytes:
    """A stream cipher under a key that never changes."""
    return bytes(a ^ b for a, b in zip(data, hashlib.shake_128(b"key").digest(len(data)), strict=True))
