"""Private keys that programs print with all their numbers are found, and the same with other numbers is nothing."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable
from typing import Any

import attrs
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa, x25519

from redactfuzz.dumps.readers.image import Image
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.keys.private_key import CHECKED, UNREAD
from redactfuzz.scan.keys.written.printed_numbers import PrintedNumbers

RANDOM = random.Random(5)


@attrs.frozen
class Rsa:
    n: int
    e: int
    d: int
    p: int
    q: int

    @classmethod
    def made(cls, bits: int) -> Rsa:
        numbers = rsa.generate_private_key(65537, bits).private_numbers()
        return cls(numbers.public_numbers.n, 65537, numbers.d, numbers.p, numbers.q)

    @property
    def damaged(self) -> Rsa:
        """Its private numbers are others."""
        return Rsa(self.n, self.e, self.d ^ 2, self.p + 2, self.q + 2)


@attrs.frozen
class Point:
    x: int
    y: int
    d: int

    @classmethod
    def made(cls, curve: ec.EllipticCurve) -> Point:
        numbers = ec.generate_private_key(curve).private_numbers()
        return cls(numbers.public_numbers.x, numbers.public_numbers.y, numbers.private_value)


def big(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def b64(number: int) -> str:
    return base64.b64encode(big(number)).decode()


def rows(data: bytes, each: int = 15) -> str:
    """As OpenSSL prints bytes, with a zero before a high one."""
    data = b"\0" * (data[0] >> 7) + data
    return ":\n".join("    " + data[at : at + each].hex(":") for at in range(0, len(data), each)) + "\n"


def openssl(key: Rsa) -> str:
    parts = {"modulus": key.n, "privateExponent": key.d, "prime1": key.p, "prime2": key.q}
    written = {name: rows(big(number)) for name, number in parts.items()}
    return (
        f"Private-Key: ({key.n.bit_length()} bit, 2 primes)\nmodulus:\n{written.pop('modulus')}"
        f"publicExponent: 65537 (0x10001)\n" + "".join(f"{name}:\n{each}" for name, each in written.items())
    )


def words(number: int, bits: int) -> list[int]:
    return [number >> at & (1 << bits) - 1 for at in range(0, number.bit_length(), bits)]


def signed(number: int) -> list[int]:
    """As Java keeps it: words from the highest, with a sign."""
    return [word - (word >> 31 << 32) for word in reversed(words(number, 32))]


def libgcrypt(key: Rsa) -> str:
    return "(private-key \n (rsa \n" + "".join(f"  ({name} #00{each:X}#)\n" for name, each in members(key)) + " )\n)"


def members(key: Rsa) -> list[tuple[str, int]]:
    return [("n", key.n), ("d", key.d), ("p", key.p), ("q", key.q)]


def objects(key: Rsa, text: Callable[[int], str]) -> str:
    return "{" + ",".join(f'"{name}":{text(each)}' for name, each in members(key)) + "}"


def compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


RSA: dict[str, Callable[[Rsa], str]] = {
    "OpenSSL": openssl,
    "OpenSSL, in a log": lambda key: "".join(
        f"Nov 30 13:37:{second % 60:02} host app[12]: {line}\n" for second, line in enumerate(openssl(key).splitlines())
    ),
    "GnuTLS": lambda key: f"modulus:\n{rows(big(key.n), 16)}prime1:\n{rows(big(key.p), 16)}",
    "asn1parse": lambda key: "".join(
        f"{at:5}:d=1  hl=4 l= 256 prim: INTEGER           :{each:X}\n"
        for at, each in enumerate((0, key.n, key.e, key.d))
    ),
    "Go": lambda key: f"&{{PublicKey:{{N:+{key.n} E:65537}} D:+{key.d} Primes:[+{key.p} +{key.q}]}}",
    "Go, as JSON": lambda key: json.dumps({"N": key.n, "E": 65537, "D": key.d, "Primes": [key.p, key.q]}),
    "Go, without primes": lambda key: json.dumps({"N": key.n, "E": 65537, "D": key.d, "Primes": None}),
    "python-rsa": lambda key: f"PrivateKey({key.n}, 65537, {key.d}, {key.p}, {key.q})",
    "PyCryptodome": lambda key: f"RsaKey(n={key.n}, e=65537, d={key.d}, p={key.p}, q={key.q}, u=5)",
    ".NET": lambda key: json.dumps({"D": b64(key.d), "DP": b64(key.d), "Modulus": b64(key.n), "P": b64(key.p)}),
    "XML with a prefix": lambda key: "<ds:RSAKeyValue>"
    + "".join(
        f"<ds:{name}>\n{base64.encodebytes(big(each)).decode()}</ds:{name}>"
        for name, each in {"Modulus": key.n, "P": key.p, "D": key.d}.items()
    ),
    "BIND": lambda key: "Private-key-format: v1.3\nAlgorithm: 8 (RSASHA256)\n"
    + f"Modulus: {b64(key.n)}\nPublicExponent: AQAB\nPrivateExponent: {b64(key.d)}\nPrime1: {b64(key.p)}\n",
    "Java": lambda key: f"  modulus:          {key.n}\n  public exponent:  65537\n  private exponent: {key.d}\n",
    "BouncyCastle": lambda key: f"  modulus: {key.n:x}\n  public exponent: 10001\n  private exponent: {key.d:x}\n",
    "Libgcrypt": libgcrypt,
    "node-forge": lambda key: objects(key, lambda each: compact({"data": words(each, 28), "t": 74, "s": 0})),
    "bn.js": lambda key: objects(key, lambda each: compact({"negative": 0, "words": words(each, 26)})),
    "bn.js, inspected": lambda key: objects(key, lambda each: f"<BN: {each:x}>"),
    "Rust": lambda key: objects(key, lambda each: f"BigUint {{ data: {words(each, 64)} }}"),
    "Java, as JSON": lambda key: objects(key, lambda each: compact({"signum": 1, "mag": signed(each)})),
}
ELLIPTIC: dict[str, Callable[[Point], str]] = {
    "Go": lambda key: f"&{{PublicKey:{{Curve:0xc000 X:+{key.x} Y:+{key.y}}} D:+{key.d}}}",
    "PyCryptodome": lambda key: f"EccKey(curve='NIST P-256', point_x={key.x}, point_y={key.y}, d={key.d})",
    "Libgcrypt": lambda key: f"(private-key (ecc (curve X)(q #04{key.x:064X}{key.y:064X}#)(d #{key.d:064X}#)))",
}
CURVES = [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1(), ec.SECP256K1(), ec.BrainpoolP512R1()]


def found(text: str) -> list[tuple[str, str]]:
    image = Image("a log", f"before {'x' * 90}\n{text}\nbehind".encode())
    return [(one.what, one.reason) for one in PrintedNumbers().find(image, KnownKeys())]


@pytest.mark.parametrize("form", RSA)
def test_the_numbers_of_an_rsa_key_are_found(form: str) -> None:
    key = Rsa.made(2048)
    assert found(RSA[form](key)) == [("RSA-2048 private key (its numbers)", CHECKED)]
    assert found(RSA[form](key.damaged)) == []


@pytest.mark.parametrize("bits", [1024, 3072, 4096])
def test_they_are_in_other_sizes(bits: int) -> None:
    assert found(openssl(Rsa.made(bits))) == [(f"RSA-{bits} private key (its numbers)", CHECKED)]


@pytest.mark.parametrize("form", ELLIPTIC)
def test_the_number_of_a_key_of_a_curve_is_found_with_its_point(form: str) -> None:
    key = Point.made(ec.SECP256R1())
    assert found(ELLIPTIC[form](key)) == [("EC private key (its numbers) on secp256r1", CHECKED)]
    assert found(ELLIPTIC[form](attrs.evolve(key, d=key.d ^ 1))) == []


@pytest.mark.parametrize("curve", CURVES, ids=lambda one: one.name)
def test_openssl_prints_keys_of_curves(curve: ec.EllipticCurve) -> None:
    key, size = Point.made(curve), (curve.key_size + 7) // 8
    point = b"\4" + key.x.to_bytes(size, "big") + key.y.to_bytes(size, "big")

    def printed(d: int) -> str:
        return f"Private-Key: (256 bit)\npriv:\n{rows(d.to_bytes(size, 'big'))}pub:\n{rows(point)}ASN1 OID: x\n"

    assert found(printed(key.d)) == [(f"EC private key (its numbers) on {curve.name}", CHECKED)]
    assert found(printed(key.d ^ 1)) == []


@pytest.mark.parametrize("kind", [ed25519.Ed25519PrivateKey, x25519.X25519PrivateKey, ed448.Ed448PrivateKey])
def test_openssl_prints_keys_of_edwards_and_montgomery_curves(kind: Any) -> None:
    key, other = kind.generate(), kind.generate()

    def printed(public: bytes) -> str:
        return f"priv:\n{plain(key.private_bytes_raw())}pub:\n{plain(public)}"

    def plain(data: bytes) -> str:
        return ":\n".join("    " + data[at : at + 15].hex(":") for at in range(0, len(data), 15)) + "\n"

    name = kind.__name__.removesuffix("PrivateKey")
    assert found(printed(key.public_key().public_bytes_raw())) == [(f"{name} private key (its numbers)", CHECKED)]
    assert found(printed(other.public_key().public_bytes_raw())) == []


STRUCTURES: dict[str, Callable[[bytes], str]] = {
    "BIND": lambda data: "Private-key-format: v1.3\nAlgorithm: 13 (ECDSAP256SHA256)\n"
    + f"PrivateKey: {base64.b64encode(data).decode()}\nCreated: 20261130\n",
    "asn1parse of Ed25519": lambda data: "    7:d=2  hl=2 l=   3 prim: OBJECT            :ED25519\n"
    + f"   12:d=1  hl=2 l=  34 prim: OCTET STRING      [HEX DUMP]:0420{data.hex().upper()}\n",
    "asn1parse of SEC 1": lambda data: "    2:d=1  hl=2 l=   1 prim: INTEGER           :01\n"
    + f"    5:d=1  hl=2 l=  32 prim: OCTET STRING      [HEX DUMP]:{data.hex().upper()}\n"
    + "   39:d=1  hl=2 l=  10 cons: cont [ 0 ]\n",
}


@pytest.mark.parametrize("form", STRUCTURES)
def test_what_has_no_public_key_beside_it_is_told_by_its_structure(form: str) -> None:
    [(_, reason)] = found(STRUCTURES[form](RANDOM.randbytes(32)))
    assert reason == UNREAD
    assert found(STRUCTURES[form](b"put the private key of yours here"[:32])) == []


def test_a_list_of_numbers_near_a_name_is_no_key() -> None:
    text = "modulus priv: private-key\n" + "".join(f"{RANDOM.getrandbits(2048) | 1:x}\n" for _ in range(500))
    assert found(text) == []
