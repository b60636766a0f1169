"""Line 1.1: of a key with two halves, the public one may be in a dump."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any

from truth import PASS, WITHHELD, case

from redactfuzz import Race, rsa


def _bytes(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _tlv(tag: int, content: bytes) -> bytes:
    size = len(content)
    return bytes([tag, size] if size < 128 else [tag, 0x81, size]) + content


def _info(key: Any) -> bytes:
    inner = _tlv(0x30, _tlv(2, b"\0" + _bytes(key.n)) + _tlv(2, _bytes(key.e)))
    return _tlv(0x30, bytes.fromhex("300d06092a864886f70d0101010500") + _tlv(3, b"\0" + inner))


def _ssh(key: Any) -> bytes:
    return b"".join(len(one).to_bytes(4, "big") + one for one in (b"ssh-rsa", _bytes(key.e), b"\0" + _bytes(key.n)))


def as_decimal(key: Any) -> str:
    return f"n={key.n} e={key.e}"


def as_hexadecimal(key: Any) -> str:
    return f"n={key.n:#x} e={key.e:#x} N={key.n:X}"


def as_bytes(key: Any) -> bytes:
    return b"n=" + _bytes(key.n)


def as_der(key: Any) -> bytes:
    return _info(key)


def as_pem(key: Any) -> str:
    text = base64.encodebytes(_info(key)).decode().replace("\n", "")
    lines = "\n".join(text[at : at + 64] for at in range(0, len(text), 64))
    return f"-----BEGIN PUBLIC KEY-----\n{lines}\n-----END PUBLIC KEY-----\n"


def as_pem_in_json(key: Any) -> dict[str, str]:
    return {"key": as_pem(key)}


def as_ssh(key: Any) -> str:
    return f"ssh-rsa {base64.b64encode(_ssh(key)).decode()} me@host"


def as_jwk(key: Any) -> str:
    return json.dumps({"kty": "RSA", "e": "AQAB", "n": base64.urlsafe_b64encode(_bytes(key.n)).decode().rstrip("=")})


def as_fingerprints(key: Any) -> str:
    of_ssh = base64.b64encode(hashlib.sha256(_ssh(key)).digest()).decode().rstrip("=")
    return f"SHA256:{of_ssh} {hashlib.sha256(_info(key)).hexdigest()} MD5:{hashlib.md5(_ssh(key)).digest().hex(':')}"


def as_openssl_prints(key: Any) -> str:
    text = (b"\0" + _bytes(key.n)).hex(":")
    return "Modulus:\n" + "".join(f"    {text[at : at + 45]}\n" for at in range(0, len(text), 45))


PUBLIC = (
    *(as_decimal, as_hexadecimal, as_bytes, as_der, as_pem, as_pem_in_json, as_ssh, as_jwk, as_fingerprints),
    as_openssl_prints,
)


def phi(key: Any) -> str:
    """What follows from the primes alone, and from which they follow."""
    return str((key.p - 1) * (key.q - 1))


def sum_of_primes(key: Any) -> str:
    return f"{key.p + key.q:x}"


def shifted_exponent(key: Any) -> str:
    return f"n={key.n} {key.d ^ 0x5555}"


def _shown(show: Callable[[Any], Any]) -> Callable[[Race], None]:
    def body(race: Race) -> None:
        key = race.canary("key", rsa(512))
        mask = race.redactor(lambda text: "[key]")
        race.thread(lambda: None)
        race.crash(lambda: [show(key.value), mask(key.text)])

    return body


for _way in PUBLIC:
    _body = _shown(_way)
    _body.__name__, _body.__doc__ = f"public_key_{_way.__name__}", f"The public key {_way.__name__.replace('_', ' ')}."
    case("1.1", PASS, executions=40)(_body)
for _way in (phi, sum_of_primes, shifted_exponent):
    _body = _shown(_way)
    _body.__name__ = f"private_{_way.__name__}"
    _body.__doc__ = f"What only who has the private key can know: {_way.__name__.replace('_', ' ')}."
    case("1.1", WITHHELD, executions=40)(_body)
