"""Files of messages and their MACs: one pair a line, a JSON Web Token or three words."""

from __future__ import annotations

import base64
import binascii
import json
from pathlib import Path
from typing import Any

from redactfuzz.dumps.small import Unreadable, text_of
from redactfuzz.scan.keys.known import KnownKeys, UnusableKey
from redactfuzz.scan.keys.macs.hashes import HASHES, Hash
from redactfuzz.scan.keys.macs.pair import LEAST, MacPair

_LARGEST_FILE = 4 << 20
_MOST = 64
"""Pairs of one file: each is looked for by itself."""
_LONGEST = 1 << 14
"""Bytes of a message. It is hashed for each place at which the key is looked for."""
_BY_JWT = {one.jwt: one for one in HASHES if one.jwt}
_BY_NAME = {one.algorithm: one for one in HASHES}
_EMPTY = "-"
_FORMS = "a JWT with a MAC, or HASH MESSAGE-IN-HEX MAC-IN-HEX"


def read_macs(path: Path) -> KnownKeys:
    """The pairs in a file. Raises ``UnusableKey``, also when the file cannot be read."""
    try:
        text = text_of(path, _LARGEST_FILE)
    except Unreadable as error:
        raise UnusableKey(f"{path}: {error}") from None
    return parse_macs(text, path.name)


def parse_macs(text: str, name: str) -> KnownKeys:
    """The pairs in what a file called ``name`` holds; empty lines, and those that begin with ``#``, are none.

    A JWT is one of RFC 7519 with a MAC of RFC 7518 section 3.2. Raises ``UnusableKey``, which names the line.
    """
    pairs: dict[object, MacPair] = {}
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        try:
            hash_, message, mac = _jwt(words[0]) if len(words) == 1 else _three(words)
            _check(hash_, message, mac)
        except ValueError as error:
            raise UnusableKey(f"{name}: line {number}: {error}") from None
        pair = MacPair(hash_, message, mac, name, number)
        pairs.setdefault(pair.public, pair)
    if not pairs:
        raise UnusableKey(f"{name} holds no pair of a message and its MAC; a line is {_FORMS}.")
    if len(pairs) > _MOST:
        raise UnusableKey(f"{name} has {len(pairs):,} pairs, and at most {_MOST:,} are looked for at a time.")
    return KnownKeys(macs=tuple(pairs.values()))


def _jwt(word: str) -> tuple[Hash, bytes, bytes]:
    parts = word.split(".")
    if len(parts) != 3:
        raise ValueError(f"it is neither {_FORMS}")
    header = _header(parts[0])
    if header not in _BY_JWT:
        # Only what RFC 7518 has is shown of a text of others.
        raise ValueError(f"the JWT's algorithm is none of {', '.join(_BY_JWT)}: it has no MAC")
    if not parts[1]:
        raise ValueError("the JWT's payload is not there (RFC 7515 appendix F): give HASH MESSAGE-IN-HEX MAC-IN-HEX")
    hash_ = _BY_JWT[header]
    mac = _base64(parts[2], "signature")
    if len(mac) != hash_.digest:
        raise ValueError(f"the JWT's MAC has {len(mac)} bytes, and {header} has {hash_.digest} (RFC 7518 section 3.2)")
    return hash_, f"{parts[0]}.{parts[1]}".encode(), mac


def _header(part: str) -> str:
    try:
        header: Any = json.loads(_base64(part, "header"))
    except (ValueError, RecursionError):
        raise ValueError("it has three parts, and the first one is no header of a JWT (RFC 7519 section 7.2)") from None
    if isinstance(header, dict) and {"b64", "crit"} & header.keys():
        raise ValueError("the JWT's header changes what is signed (RFC 7797): give HASH MESSAGE-IN-HEX MAC-IN-HEX")
    algorithm = header.get("alg") if isinstance(header, dict) else None
    return algorithm if isinstance(algorithm, str) else ""


def _base64(text: str, part: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"the JWT's {part} is no base64url") from None


def _three(words: list[str]) -> tuple[Hash, bytes, bytes]:
    if len(words) != 3:
        raise ValueError(f"it has {len(words)} words and is neither {_FORMS}")
    hash_ = _BY_NAME.get(words[0].lower().replace("-", "")) or _BY_JWT.get(words[0].upper())
    if hash_ is None:
        raise ValueError(f"its first word is no hash: give one of {', '.join(one.name for one in HASHES)}")
    message = b"" if words[1] == _EMPTY else _hex(words[1], "message")
    return hash_, message, _hex(words[2], "MAC")


def _hex(word: str, what: str) -> bytes:
    try:
        return bytes.fromhex(word)
    except ValueError:
        raise ValueError(f"the {what} is no hexadecimal of whole bytes") from None


def _check(hash_: Hash, message: bytes, mac: bytes) -> None:
    if len(message) > _LONGEST:
        raise ValueError(f"the message has {len(message):,} bytes; give a pair whose message has at most {_LONGEST:,}")
    if len(mac) < LEAST:
        raise ValueError(
            f"the MAC has {len(mac)} bytes: at least {LEAST} are needed, so that no other key gives them by chance"
        )
    if len(mac) > hash_.digest:
        raise ValueError(f"the MAC has {len(mac)} bytes, and {hash_.name} gives {hash_.digest}")
