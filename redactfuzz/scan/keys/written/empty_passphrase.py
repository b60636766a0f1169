"""Whether an empty passphrase opens a store of PKCS#12 (RFC 7292), for no more rounds than anybody waits for."""

from __future__ import annotations

import hashlib
import hmac
import math
from collections.abc import Sequence

import attrs

from redactfuzz.model.canary.rsa_key import der_tagged
from redactfuzz.scan.keys import der
from redactfuzz.scan.keys.effort import ROUND, affords
from redactfuzz.scan.keys.private_key import library

DATA = bytes.fromhex("06092a864886f70d010701")
SHROUDED = bytes.fromhex("060b2a864886f70d010c0a0102")
_BAGS_IN_IT = bytes.fromhex("060b2a864886f70d010c0a0106")
_SCRYPT = bytes.fromhex("2b06010401da47040b")
"""The function of RFC 7914, whose numbers are factors of one another."""
_OLDER = bytes.fromhex("060a2a864886f70d010c01")
"""Ways to encrypt that PKCS#12 names itself (appendix C)."""
_HASHES = {
    bytes.fromhex("2b0e03021a"): "sha1",
    bytes.fromhex("608648016503040204"): "sha224",
    bytes.fromhex("608648016503040201"): "sha256",
    bytes.fromhex("608648016503040202"): "sha384",
    bytes.fromhex("608648016503040203"): "sha512",
}
_MOST_ROUNDS = 1 << 20
_NESTING = 16
"""Values of DER inside one another, in what says how a key is encrypted."""
_EMPTY, _NONE = b"\0\0", b""
"""An empty passphrase ends in a zero, as every one does; some programs write none at all (appendix B.1)."""
_FOR_CHECKSUMS = 3
"""What a key is made for (appendix B.3)."""


def opens(store: bytes) -> bool | None:
    """Whether an empty passphrase opens a key in it; None where nobody knows: it takes too long, or cannot be told."""
    if library() is None:
        return False
    try:
        checksum, (clear, rounds) = _checksum(store), _in_clear(store)
    except (der.NotDer, IndexError, ValueError):
        return None
    rounds += checksum.rounds if checksum else 0
    if not 0 <= rounds <= _MOST_ROUNDS or not affords(2 * rounds * ROUND):
        return None
    if checksum is not None and not (checksum.right(_EMPTY) or checksum.right(_NONE)):
        return False
    # Of the older ways to encrypt, the library opens none without a checksum.
    return True if checksum is not None and _OLDER in clear else _loads(clear)


def _loads(store: bytes) -> bool | None:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import pkcs12

    try:
        key, _, _ = pkcs12.load_key_and_certificates(store, b"")
    except (ValueError, TypeError):
        return False
    except UnsupportedAlgorithm:
        return None
    return key is not None


@attrs.frozen(repr=False)
class _Checksum:
    """That of a store (section 4), by a function that is known."""

    name: str
    wanted: bytes
    salt: bytes
    rounds: int
    content: bytes

    def right(self, passphrase: bytes) -> bool:
        """Whether a key that is made of the passphrase gives it (appendix B.2, of which one block is enough)."""
        size = hashlib.new(self.name).block_size
        key = bytes((_FOR_CHECKSUMS,)) * size + _filled(self.salt, size) + _filled(passphrase, size)
        for _ in range(self.rounds):
            key = hashlib.new(self.name, key).digest()
        return hmac.compare_digest(hmac.digest(key, self.content, self.name), self.wanted)


def _filled(data: bytes, size: int) -> bytes:
    """Repeated to a multiple of so many bytes; nothing stays nothing."""
    wanted = -(-len(data) // size) * size
    return (data * (wanted // max(1, len(data)) + 1))[:wanted]


def _checksum(store: bytes) -> _Checksum | None:
    """None where there is none, or of another kind. Raises ``NotDer``."""
    _, outer, *mac = der.sequence(store)
    if not mac:
        return None
    digest, salt, *rounds = der.values(mac[0].content)
    algorithm, wanted = der.values(digest.content)
    name = _HASHES.get(der.values(algorithm.content)[0].content)
    if name is None:
        return None
    (count,) = der.numbers(rounds[:1]) or [1]
    return _Checksum(name, wanted.content, salt.content, count, _content(outer.content))


def _in_clear(store: bytes) -> tuple[bytes, int]:
    """The same store with what is in clear alone, keys as they are, and the rounds that these take. Raises ``NotDer``.

    It lacks the checksum, and what is encrypted as a whole, which certificates mostly are: how many rounds what lies in
    that would take nobody knows before it is decrypted (RFC 7292 sections 4 and 5).
    """
    version, outer, *_ = der.sequence(store)
    kept, rounds = b"", 0
    for one in der.sequence(_content(outer.content)):
        if one.tag == der.SEQUENCE and one.content.startswith(DATA):
            kept += der_tagged(der.SEQUENCE, one.content)
            rounds += _rounds(der.sequence(_content(one.content)))
    wrapped = der_tagged(0xA0, der_tagged(der.OCTETS, der_tagged(der.SEQUENCE, kept)))
    parts = der_tagged(version.tag, version.content) + der_tagged(der.SEQUENCE, DATA + wrapped)
    return der_tagged(der.SEQUENCE, parts), rounds


def _content(info: bytes) -> bytes:
    """What a ContentInfo of data holds."""
    _, explicit = der.values(info)[:2]
    (octets,) = der.values(explicit.content)
    return octets.content


def _rounds(bags: Sequence[der.Value]) -> int:
    """What the keys among some bags take, and those in bags of bags (RFC 7292 section 4.2)."""
    rounds, waiting = 0, list(bags)
    while waiting:
        kind, *rest = der.values(waiting.pop().content)
        if der_tagged(kind.tag, kind.content) == SHROUDED:
            algorithm, _ = der.sequence(rest[0].content)
            rounds += _of_algorithm(algorithm.content)
        elif der_tagged(kind.tag, kind.content) == _BAGS_IN_IT:
            waiting += der.sequence(rest[0].content)
    return rounds


def _of_algorithm(content: bytes, depth: int = 0) -> int:
    """All numbers in it, and what is in values inside it: one of them says how many rounds there are."""
    found = der.values(content)
    numbers = der.numbers([one for one in found if one.tag == der.INTEGER])
    inner = [one.content for one in found if one.tag == der.SEQUENCE]
    if depth > _NESTING:
        raise der.NotDer("too deep")
    if any(one.tag == der.OBJECT and one.content == _SCRYPT for one in found):
        return math.prod(der.numbers([one for one in der.values(inner[0]) if one.tag == der.INTEGER]))
    return sum(numbers) + sum(_of_algorithm(one, depth + 1) for one in inner)
