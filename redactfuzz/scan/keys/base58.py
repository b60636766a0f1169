"""Secret keys in Base58Check, Bitcoin's wallet import format and BIP 32 extended private keys; and pairs of Ed25519.

Wallets of Solana write a seed with its public key behind it as one number in Base58, which has no checksum: the public
key shows that it is one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import attrs

from redactfuzz._core._engine import ffi
from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys import candidates
from redactfuzz.scan.keys.detector import Findings, identity
from redactfuzz.scan.keys.known import KnownKeys
from redactfuzz.scan.keys.public.dense import Stretches
from redactfuzz.scan.keys.public.seed_pairs import PAIR, WHAT, WHY, pairs

_DIGITS = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BEGINS = {51: b"59", 52: b"KLc", 111: b"xt"}
"""First letters of a key of so many: they follow from the version byte, and nothing else needs to be decoded."""
_SHORTEST, _LONGEST = 51, 111
_MOST = 1 << 16
"""Characters in a row of the alphabet that are looked at: what is longer is no word."""
_BEFORE = 12
"""Letters before a key at most, the last of which says how long it is (``4`` is 52), and others may be its name."""
_OF_PAIRS = range(86, 89)
"""Letters of 64 bytes: of one in 200 they are fewer than 87."""
_SUMS = 1 << 23
"""Of points, in one image: for a quarter of a million such words."""
_TOO_MANY = "not all words of Base58 were tried as a seed of Ed25519 with its public key: they are too many"
_WALLET, _TEST_WALLET = 0x80, 0xEF
_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
"""Of secp256k1's base point (SEC 2 section 2.4.1): a key is a number below it, and not zero."""
_EXTENDED = {bytes.fromhex("0488ade4"), bytes.fromhex("04358394")}
"""Version bytes of ``xprv`` and ``tprv``."""


@attrs.frozen
class Base58Keys:
    """Words of which 51, 52 or 111 characters have a right checksum and say private key, whatever byte follows.

    Of pairs the word must be one whole.
    """

    name: str = "base58"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each key."""
        findings, words = Findings(self.name, image), list[tuple[int, int]]()
        for offset, length in candidates.runs(image.data, _DIGITS, _SHORTEST, _MOST):
            if length in _OF_PAIRS:
                words.append((offset, length))
            text = image.data[offset : offset + min(length, _BEFORE + _LONGEST)]
            for start, size in _places(text):
                payload = decode(text[start : start + size])
                what = _describe(payload) if payload else None
                if payload and what:
                    findings.add(what, identity(payload), Severity.TOTAL, "its checksum is right", offset + start, size)
                    break
        if words:
            _add_pairs(image, words, findings)
        return findings


def _add_pairs(image: Image, words: list[tuple[int, int]], findings: Findings) -> None:
    """Those of some words that are a seed and its public key."""
    numbers = [_number(image.data[offset : offset + length]) for offset, length in words]
    tried = Image("", b"".join((one % (1 << 8 * PAIR)).to_bytes(PAIR, "big") for one in numbers))
    places = Stretches(ffi.new("rf_place[]", [(PAIR * index, PAIR) for index in range(len(words))]), len(words))
    budget = ffi.new("uint64_t *", _SUMS)
    for at in pairs(tried, places, 1, budget):
        public = tried.data[at + PAIR // 2 : at + PAIR]
        findings.add(WHAT, identity(public), Severity.TOTAL, WHY, *words[at // PAIR])
    if not budget[0]:
        findings.gap(_TOO_MANY, words[0][0])


def _places(text: bytes) -> Iterator[tuple[int, int]]:
    """(where in a word, length) of what may be a key: from its first letter on, or behind its length as a byte.

    BSON counts one more, for the zero behind it.
    """
    for start in range(min(_BEFORE, len(text) - _SHORTEST) + 1):
        for size, first in _BEGINS.items():
            fits = start + size <= len(text) and text[start] in first
            if fits and (not start or text[start - 1] in (size, size + 1)):
                yield start, size


def _number(text: bytes) -> int:
    number = 0
    for letter in text:
        number = number * 58 + _DIGITS.index(letter)
    return number


def decode(text: bytes) -> bytes | None:
    """The payload of Base58Check without its checksum; None when that is wrong."""
    number = _number(text)
    data = number.to_bytes((number.bit_length() + 7) // 8, "big")
    if len(text) == _LONGEST:  # the first version byte of an extended key is not zero, yet smaller than 16
        data = data.rjust(82, b"\0")
    payload, check = data[:-4], data[-4:]
    return payload if hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:4] == check else None


def encode(payload: bytes) -> bytes:
    """Base58Check of a payload that does not begin with zero."""
    number = int.from_bytes(payload + hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:4], "big")
    text = b""
    while number:
        number, digit = divmod(number, 58)
        text = _DIGITS[digit : digit + 1] + text
    return text


def _describe(payload: bytes) -> str | None:
    if len(payload) == 78 and payload[:4] in _EXTENDED and payload[45] == 0 and _is_key(payload[46:]):
        return "BIP 32 extended private key"
    compressed = len(payload) == 34 and payload[-1] == 1
    if payload[0] in (_WALLET, _TEST_WALLET) and (len(payload) == 33 or compressed) and _is_key(payload[1:33]):
        return "Bitcoin private key (wallet import format)"
    return None


def _is_key(number: bytes) -> bool:
    return 0 < int.from_bytes(number, "big") < _ORDER
