"""The public key of an RSA canary, as it is written: whoever has it can read nothing of the secret off it."""

from __future__ import annotations

import base64
import hashlib
import itertools
from collections.abc import Iterator

from redactfuzz.model.canary.rsa_key import RsaNumbers, der_integer, der_sequence, der_tagged

_ALGORITHM = bytes.fromhex("300d06092a864886f70d0101010500")
_LINES = (64, 70, 76)
_DUMP = 15
"""Bytes on a line, as openssl prints them."""


def public_forms(key: RsaNumbers) -> list[bytes]:
    """The modulus as a number and by its bytes, the key in each container, and fingerprints of these."""
    modulus = key.n.to_bytes((key.n.bit_length() + 7) // 8, "big")
    bare = der_sequence(der_integer(key.n) + der_integer(key.e))
    info = der_sequence(_ALGORITHM + der_tagged(3, b"\0" + bare))
    exponent = key.e.to_bytes((key.e.bit_length() + 7) // 8, "big")
    ssh = b"".join(len(part).to_bytes(4, "big") + part for part in (b"ssh-rsa", exponent, b"\0" + modulus))
    url = base64.urlsafe_b64encode
    thumb = b'{"e":"%s","kty":"RSA","n":"%s"}' % (url(exponent).rstrip(b"="), url(modulus).rstrip(b"="))
    forms = [str(key.n).encode(), modulus, modulus[::-1], bare, info, ssh]
    forms += [made for data in (modulus, b"\0" + modulus, bare, info, ssh) for made in _texts(data)]
    for data, name in itertools.product((modulus, bare, info, ssh, thumb), ("md5", "sha1", "sha256", "sha512")):
        digest = hashlib.new(name, data, usedforsecurity=False).digest()
        forms += [digest, *_texts(digest)]
    return forms


def _texts(data: bytes) -> Iterator[bytes]:
    """Hexadecimal and base64, as they are and in lines."""
    for text in (data.hex(), data.hex(":"), f"{int.from_bytes(data, 'big'):x}"):
        yield text.encode()
        yield text.upper().encode()
    lines = [data[at : at + _DUMP].hex(":") for at in range(0, len(data), _DUMP)]
    for indent, end in itertools.product((4, 8, 12, 16, 20), ("\n", "\\n")):
        yield f":{end}{' ' * indent}".join(lines).encode()
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        text = encode(data).decode()
        yield text.encode()
        yield text.rstrip("=").encode()
        for length, end in itertools.product(_LINES, ("\n", "\\n")):
            yield end.join(text[at : at + length] for at in range(0, len(text), length)).encode()
