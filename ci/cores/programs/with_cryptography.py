"""``cryptography``: OpenSSL behind Python objects."""

from __future__ import annotations

import os

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from orders import MESSAGE, Made, run

_KEPT: list[object] = []


def of_rsa() -> Made:
    key = rsa.generate_private_key(65537, 2048)
    key.sign(MESSAGE, padding.PKCS1v15(), hashes.SHA256())
    public = key.public_key().public_numbers()

    def tell() -> dict[str, int]:
        private = key.private_numbers()
        return {"p": private.p, "q": private.q, "d": private.d}

    return {"n": public.n, "e": public.e}, tell


def of_p256() -> Made:
    key = ec.generate_private_key(ec.SECP256R1())
    key.sign(MESSAGE, ec.ECDSA(hashes.SHA256()))
    public = key.public_key().public_numbers()
    return {"x": public.x, "y": public.y}, lambda: {"d": key.private_numbers().private_value}


def of_ed25519() -> Made:
    key = ed25519.Ed25519PrivateKey.generate()
    key.sign(MESSAGE)
    return {"ed25519": key.public_key().public_bytes_raw()}, lambda: {"seed": key.private_bytes_raw()}


def of_aes() -> Made:
    secret = os.urandom(32)
    encryptor = Cipher(algorithms.AES(secret), modes.ECB()).encryptor()
    block = encryptor.update(bytes(16))
    _KEPT.append(encryptor)
    return {"aes": block}, lambda: {"key": secret}


if __name__ == "__main__":
    run({"rsa": of_rsa, "p256": of_p256, "ed25519": of_ed25519, "aes": of_aes})
