"""PyCryptodome: integers of GMP, where it is found, and C of its own."""

from __future__ import annotations

from Crypto.Cipher import AES
from Crypto.Hash import SHA256
from Crypto.PublicKey import ECC, RSA
from Crypto.Random import get_random_bytes
from Crypto.Signature import DSS, eddsa, pkcs1_15
from orders import MESSAGE, Made, run

_KEPT: list[object] = []


def of_rsa() -> Made:
    key = RSA.generate(2048)
    pkcs1_15.new(key).sign(SHA256.new(MESSAGE))
    return {"n": int(key.n), "e": int(key.e)}, lambda: {"p": int(key.p), "q": int(key.q), "d": int(key.d)}


def of_p256() -> Made:
    key = ECC.generate(curve="P-256")
    DSS.new(key, "fips-186-3").sign(SHA256.new(MESSAGE))
    return {"x": int(key.pointQ.x), "y": int(key.pointQ.y)}, lambda: {"d": int(key.d)}


def of_ed25519() -> Made:
    key = ECC.generate(curve="Ed25519")
    eddsa.new(key, "rfc8032").sign(MESSAGE)
    return {"ed25519": key.public_key().export_key(format="raw")}, lambda: {"seed": key.seed}


def of_aes() -> Made:
    secret = get_random_bytes(32)
    cipher = AES.new(secret, AES.MODE_ECB)
    _KEPT.append(cipher)
    return {"aes": cipher.encrypt(bytes(16))}, lambda: {"key": secret}


if __name__ == "__main__":
    run({"rsa": of_rsa, "p256": of_p256, "ed25519": of_ed25519, "aes": of_aes})
