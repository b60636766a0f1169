"""Private JSON Web Keys (RFC 7517, 7518, 8037)."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys import private_key, rsa_numbers
from redactfuzz.scan.keys.detector import Findings, Memo, identity, text_at
from redactfuzz.scan.keys.jwk_objects import NestedObjects
from redactfuzz.scan.keys.literals import Literals
from redactfuzz.scan.keys.placeholders import stands_for_a_key
from redactfuzz.scan.keys.private_key import CHECKED, STRUCTURE, UNREAD, Described

_MEMBER = b'"kty"'
_BEGINNINGS = Literals(_MEMBER, b'\\"kty\\"')
_REACH = 1 << 14
"""Characters before and behind ``kty`` that belong to a key at most: one of 16,384 bits has under 13,000."""
_OBJECT = re.compile(rb"\{[^{}]*(\})?")
_LIMITS = (1 << 9, 1 << 12, 2 * _REACH)
"""Characters of an object that are read: most are short."""
POWERS = 64
"""Keys in a stretch that are checked by powers, which take a hundredth of a second and more."""
BY_POWERS = Described("RSA key", "", Severity.TOTAL, "not all RSA keys without primes were checked: they are too many")
NO_JSON = Described("no key", "", Severity.LOW, "what is between two braces is no object of JSON with a kind of key")
_CURVES = {
    "P-256": ("SECP256R1", 32),
    "P-384": ("SECP384R1", 48),
    "P-521": ("SECP521R1", 66),
    "secp256k1": ("SECP256K1", 32),
}
_SIZES = {"ed25519": 32, "ed448": 57, "x25519": 32, "x448": 56}
_URL = str.maketrans("-_", "+/")
_EDWARDS = {"Ed25519": "ed25519", "Ed448": "ed448", "X25519": "x25519", "X448": "x448"}


def in_json(image: Image, findings: Findings) -> set[int]:
    """JSON objects with ``kty`` and private members, in ASCII and UTF-16, plain or in a JSON string (``\\"``).

    Gives the offsets of those words ``kty`` that are a member of an object, whatever else is in it.
    """
    last, parsed = (-1, 0, False), set()
    braces, nested, powers = _Braces(image), NestedObjects(image), 0
    known_key, by_powers = Memo(key_of), Memo(checked_by_powers)
    for offset, escaped, width in _BEGINNINGS.places(image):
        word = offset + width * (2 if escaped else 1)
        begin = braces.before(offset, width)
        if begin == last[0] and offset < last[1]:
            parsed |= {word} if last[2] else set()
            continue
        text = _object_at(image, begin, width) if begin >= 0 else b""
        plain = text.replace(b'\\"', b'"') if escaped else text
        key = known_key(plain) if begin + width * len(text) > offset else NO_JSON
        if key is NO_JSON and width == 1 and not escaped:
            begin, text = nested.around("kty", offset) or (begin, b"")
            key, plain = known_key(text), text
        last = (begin, begin + width * len(text), key is not NO_JSON)
        if key is NO_JSON:
            continue
        parsed.add(word)
        if key is BY_POWERS:
            powers += 1
            if powers > POWERS:
                findings.gap(key.reason, begin)
                continue
            key = by_powers(plain)
        if key is not None:
            findings.add(key.what, key.identity, key.severity, key.reason, begin, width * len(text))
    if nested.exhausted:
        findings.gap("not all JSON objects with others in them were looked at: they are too many", 0)
    return parsed


class _Braces:
    """Where the innermost object around a member begins. What was searched for one member is not for the next."""

    def __init__(self, image: Image) -> None:
        self._image = image
        self._known: dict[tuple[int, int], tuple[int, int]] = {}

    def before(self, offset: int, width: int) -> int:
        """-1 when there is none. What lies before may be no text at all: only what follows the last brace counts."""
        low = max(0, offset - _REACH * width)
        searched, brace = self._known.get((width, offset % width), (0, -1))
        found = self._image.data.rfind(b"{", max(low, searched), offset)
        while found >= 0 and (offset - found) % width:
            found = self._image.data.rfind(b"{", max(low, searched), found)
        found = brace if found < 0 else found
        self._known[width, offset % width] = (offset, found)
        return found if found >= low else -1


def _object_at(image: Image, begin: int, width: int) -> bytes:
    """The object that begins at a brace and holds none other; nothing where it does not end."""
    for limit in _LIMITS:
        text = text_at(image.data, begin, width, limit)
        match = _OBJECT.match(text)
        if match is None or match[1] or match.end() < limit:
            return match[0] if match is not None and match[1] else b""
    return b""


def _parsed(text: bytes) -> Any:
    """None where it is no JSON. A form on the web writes spaces as ``+``, which base64url does not have."""
    for each in (text, text.replace(b"+", b" ")):
        try:
            return json.loads(each)
        except (ValueError, RecursionError):
            continue
    return None


def key_of(text: bytes) -> Described | None:
    """The key that is some JSON; ``BY_POWERS`` where only powers can tell."""
    key = _parsed(text)
    return _described(key) if isinstance(key, dict) and isinstance(key.get("kty"), str) else NO_JSON


def _described(key: dict[str, Any]) -> Described | None:
    try:
        match key.get("kty"):
            case "RSA":
                return _rsa(key)
            case "EC":
                return _elliptic(key)
            case "OKP":
                return _edwards(key)
            case "oct":
                return _symmetric(key)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    except private_key.unsupported():
        return None
    return None


def _bytes(key: dict[str, Any], member: str) -> bytes:
    """Of base64url, or of base64 with its padding, which some write."""
    value: str = key[member].rstrip("=").translate(_URL)
    data = base64.b64decode(value + "=" * (-len(value) % 4), validate=True)
    if not data or len(data) != len(value) * 3 // 4:
        raise ValueError("no base64url")
    return data


def _is_instead(key: dict[str, Any], member: str) -> bool:
    """Whether what is written there is no key, where nothing else tells.

    A path is words with slashes between, as names of Google's and HashiCorp's stores of secrets are: one word here.
    """
    return stands_for_a_key(str(key[member]).replace("/", "_").encode("ascii", "replace"))


def _number(key: dict[str, Any], member: str) -> int:
    return int.from_bytes(_bytes(key, member), "big")


def _rsa(key: dict[str, Any]) -> Described | None:
    n, e = (_number(key, member) for member in "ne")
    what = f"RSA-{n.bit_length()} private key (JWK)"
    if "d" not in key:
        found = rsa_numbers.proved(n, 0, 0, *(_number(key, member) for member in "pq" if member in key))
        return Described(what, identity(n), Severity.TOTAL, CHECKED) if found else None
    d = _number(key, "d")
    if "p" in key and "q" in key:
        return private_key.rsa(n, e, d, _number(key, "p"), _number(key, "q"), what)
    # RFC 7518 section 6.3.2 asks for p and q. Without them the check is a division, or else two powers.
    if not 256 <= n.bit_length() <= 4096 or n % 2 == 0 or e >> 64 or not 1 < d < n:
        return None
    return Described(what, identity(n), Severity.TOTAL, CHECKED) if rsa_numbers.factored(n, e, d) else BY_POWERS


def checked_by_powers(text: bytes) -> Described | None:
    """An RSA key whose exponents undo one another. It takes a hundredth of a second and more."""
    key = _parsed(text)
    n, e, d = (_number(key, member) for member in "ned")
    what = f"RSA-{n.bit_length()} private key (JWK)"
    return Described(what, identity(n), Severity.TOTAL, CHECKED) if pow(pow(2, e, n), d, n) == 2 else None


def _elliptic(key: dict[str, Any]) -> Described | None:
    curve, size = _CURVES[key["crv"]]
    if "x" not in key and "y" not in key:
        return _alone(key, f"EC private key on {key['crv']} (JWK)", size)
    d, x, y = (_bytes(key, member) for member in "dxy")
    if not len(d) == len(x) == len(y) == size:
        return None
    what, name = f"EC private key on {key['crv']} (JWK)", identity(x, y)
    if private_key.library() is None:
        return None if _is_instead(key, "d") else Described(what, name, Severity.TOTAL, STRUCTURE)
    from cryptography.hazmat.primitives.asymmetric import ec

    public = ec.derive_private_key(int.from_bytes(d, "big"), getattr(ec, curve)()).public_key().public_numbers()
    agrees = (public.x, public.y) == (int.from_bytes(x, "big"), int.from_bytes(y, "big"))
    return Described(what, name, Severity.TOTAL, CHECKED) if agrees else None


def _edwards(key: dict[str, Any]) -> Described | None:
    module = _EDWARDS[key["crv"]]
    if "x" not in key:
        return _alone(key, f"{key['crv']} private key (JWK)", _SIZES[module])
    d, x = _bytes(key, "d"), _bytes(key, "x")
    what, name = f"{key['crv']} private key (JWK)", identity(x)
    if len(d) != len(x) or len(d) < 32:
        return None
    if private_key.library() is None:
        return None if _is_instead(key, "d") else Described(what, name, Severity.TOTAL, STRUCTURE)
    from cryptography.hazmat.primitives.asymmetric import ed448, ed25519, x448, x25519

    kinds: dict[str, Any] = {
        "ed25519": ed25519.Ed25519PrivateKey,
        "ed448": ed448.Ed448PrivateKey,
        "x25519": x25519.X25519PrivateKey,
        "x448": x448.X448PrivateKey,
    }
    agrees = kinds[module].from_private_bytes(d).public_key().public_bytes_raw() == x
    return Described(what, name, Severity.TOTAL, CHECKED) if agrees else None


def _alone(key: dict[str, Any], what: str, size: int) -> Described | None:
    """A private number without its public one, which RFC 7518 and RFC 8037 ask for: nothing can be checked."""
    d = _bytes(key, "d")
    if len(d) != size or not private_key.random_looking(d) or _is_instead(key, "d"):
        return None
    return Described(what, identity(d), Severity.TOTAL, UNREAD)


def _symmetric(key: dict[str, Any]) -> Described | None:
    secret = _bytes(key, "k")
    if len(secret) < 16 or len(set(secret)) < 8 or _is_instead(key, "k"):
        return None
    reason = "a JSON Web Key of kind oct: the value is the key itself, and nothing in it can be checked"
    return Described(f"symmetric key of {8 * len(secret)} bits (JWK)", identity(secret), Severity.TOTAL, reason)
