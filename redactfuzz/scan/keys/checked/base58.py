"""Secret keys in Base58Check: wallet import format, BIP 32 extended private keys (SLIP-132), and Tezos'."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

import attrs

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys import candidates
from redactfuzz.scan.keys.checked.wallet_pairs import LETTERS, add_pairs
from redactfuzz.scan.keys.detector import Findings, identity
from redactfuzz.scan.keys.known import KnownKeys
from redactfuzz.scan.keys.private_key import ENCRYPTED, Described, random_looking

_DIGITS = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_SHORTEST, _LONGEST = 51, 111
_MOST = 1 << 16
"""Characters in a row of the alphabet that are looked at: what is longer is no word."""
_BEFORE = 12
"""Letters before a key at most, the last of which says how long it is (``4`` is 52), and others may be its name."""
_CHECK = 4
_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
"""Of secp256k1's base point (SEC 2 section 2.4.1): a key is a number below it, and not zero."""
COINS = {
    0x80: "Bitcoin", 0xEF: "Bitcoin", 0xB0: "Litecoin", 0x9E: "Dogecoin", 0xF1: "Dogecoin", 0xCC: "Dash",
    0xB4: "Namecoin", 0xB7: "Peercoin", 0xD4: "PIVX",
}  # fmt: skip
"""Version bytes of the wallet import format, of main and of test networks (``chainparams`` of each)."""
_EXTENDED = {
    b"xprv": "0488ade4", b"yprv": "049d7878", b"Yprv": "0295b005", b"zprv": "04b2430c", b"Zprv": "02aa7a99",
    b"tprv": "04358394", b"uprv": "044a4e28", b"Uprv": "024285b5", b"vprv": "045f18bc", b"Vprv": "02575048",
    b"Ltpv": "019d9cfe", b"Mtpv": "01b26792", b"dgpv": "02fac398",
}  # fmt: skip
"""What an extended private key begins with, and its version bytes (SLIP-132)."""
_TEZOS = (
    (b"edsk", bytes.fromhex("0d0f3a07"), 32), (b"spsk", bytes.fromhex("11a2e0c9"), 32),
    (b"p2sk", bytes.fromhex("1051eebd"), 32), (b"edsk", bytes.fromhex("2bf64e07"), 64),
)  # fmt: skip
_TEZOS_ENCRYPTED = (
    (b"edesk", bytes.fromhex("075a3cb329"), 56), (b"spesk", bytes.fromhex("09edf1ae96"), 56),
    (b"p2esk", bytes.fromhex("09303973ab"), 56),
)  # fmt: skip
"""What Tezos' keys begin with, as text and as bytes (``src/lib_crypto/base58.ml``), and the bytes behind that: a seed
of Ed25519, scalars of secp256k1 and P-256, a seed with its public key; a salt and a number under a passphrase."""
_REASON = "its checksum is right"


@attrs.frozen
class Base58Keys:
    """Words that have a right checksum, and say by their first bytes that they are a private key, whatever follows.

    Of pairs of Ed25519 the word must be one whole.
    """

    name: str = "base58"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each key."""
        findings, words = Findings(self.name, image), list[tuple[int, int, int]]()
        for offset, length in candidates.runs(image.data, _DIGITS, _SHORTEST, _MOST):
            if length in LETTERS:
                words.append((offset, length, _number(image.data[offset : offset + length])))
            text = image.data[offset : offset + min(length, _BEFORE + _LONGEST)]
            for start, size in _places(text):
                payload = decode(text[start : start + size])
                key = _describe(payload) if payload else None
                if key:
                    findings.add(key.what, key.identity, key.severity, key.reason, offset + start, size)
                    break
        if words:
            add_pairs(words, findings)
        return findings


def _number(text: bytes) -> int:
    number = 0
    for letter in text:
        number = number * 58 + _DIGITS.index(letter)
    return number


def _places(text: bytes) -> Iterator[tuple[int, int]]:
    """(where in a word, length) of what may be a key: from its first letter on, or behind its length as a byte.

    BSON counts one more, for the zero behind it.
    """
    for start in range(min(_BEFORE, len(text) - _SHORTEST) + 1):
        for size, begins in _BEGINS.items():
            fits = start + size <= len(text) and text.startswith(begins, start)
            if fits and (not start or text[start - 1] in (size, size + 1)):
                yield start, size


def decode(text: bytes) -> bytes | None:
    """The payload of Base58Check without its checksum; None when that is wrong."""
    number = _number(text)
    data = number.to_bytes((number.bit_length() + 7) // 8, "big")
    if len(text) == _LONGEST:  # the first version byte of an extended key is not zero, yet smaller than 16
        data = data.rjust(82, b"\0")
    payload, check = data[:-_CHECK], data[-_CHECK:]
    return payload if hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:_CHECK] == check else None


def encode(payload: bytes) -> bytes:
    """Base58Check of a payload that does not begin with zero."""
    return _digits(payload + hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:_CHECK])


def _digits(data: bytes) -> bytes:
    number, text = int.from_bytes(data, "big"), b""
    while number:
        number, digit = divmod(number, 58)
        text = _DIGITS[digit : digit + 1] + text
    return text


def _describe(payload: bytes) -> Described | None:
    version, rest = payload[:4].hex(), payload[1:]
    coin = COINS.get(payload[0])
    if len(payload) == 78 and version in _EXTENDED.values() and payload[45] == 0 and _is_key(payload[46:]):
        what = "BIP 32 extended private key"
    elif coin and (len(rest) == 32 or (len(rest) == 33 and rest[-1] == 1)) and _is_key(rest[:32]):
        what = f"{coin} private key (wallet import format)"
    elif _is_tezos(payload, _TEZOS):
        what = "Tezos secret key"
    elif _is_tezos(payload, _TEZOS_ENCRYPTED):
        return Described("encrypted Tezos secret key", identity(payload), Severity.MEDIUM, ENCRYPTED)
    else:
        return None
    return Described(what, identity(payload), Severity.TOTAL, _REASON)


def _is_tezos(payload: bytes, kinds: Sequence[tuple[bytes, bytes, int]]) -> bool:
    return any(
        payload.startswith(prefix) and len(payload) == len(prefix) + size and random_looking(payload[len(prefix) :])
        for _, prefix, size in kinds
    )


def _is_key(number: bytes) -> bool:
    return 0 < int.from_bytes(number, "big") < _ORDER


def _first(prefix: bytes, size: int, end: bytes = b"") -> tuple[int, set[bytes]]:
    """How many letters a payload of `size` bytes behind a prefix has, and which the first may be."""
    least, most = (_digits(prefix + byte * size + end + byte * _CHECK) for byte in (b"\0", b"\xff"))
    between = _DIGITS[_DIGITS.index(least[0]) : _DIGITS.index(most[0]) + 1]
    return len(least), {bytes((letter,)) for letter in between}


def _begins() -> dict[int, tuple[bytes, ...]]:
    """First letters of a key of so many: they follow from its first bytes, and nothing else needs to be decoded."""
    found: dict[int, set[bytes]] = {_LONGEST: set(_EXTENDED)}
    for version in COINS:
        for end in (b"", b"\1"):
            length, letters = _first(bytes((version,)), 32, end)
            found.setdefault(length, set()).update(letters)
    for begin, prefix, size in (*_TEZOS, *_TEZOS_ENCRYPTED):
        length, _ = _first(prefix, size)
        found.setdefault(length, set()).add(begin)
    return {length: tuple(sorted(letters)) for length, letters in found.items()}


_BEGINS = _begins()
