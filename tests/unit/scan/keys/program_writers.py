"""Writes keys as programs keep them in files of their own: tunnels, signatures, tickets, sessions, COSE."""

from __future__ import annotations

import base64
import hashlib
import random
import struct
from typing import Any

from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, x448, x25519
from key_writers import KEY, E, N

DRAW = random.Random(11)
SIGNER = ed25519.Ed25519PrivateKey.generate()
SEED, PUBLIC = SIGNER.private_bytes_raw(), SIGNER.public_key().public_bytes_raw()
GROUP = dsa.generate_private_key(1024)


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def wireguard(secret: bytes = SEED, name: str = "PrivateKey") -> bytes:
    peer = f"[Peer]\nPublicKey = {b64(PUBLIC)}\nAllowedIPs = 0.0.0.0/0\n"
    return f"[Interface]\nAddress = 10.0.0.1/24\n{name} = {b64(secret)}\nListenPort = 51820\n\n{peer}".encode()


def netplan(secret: bytes = SEED, shared: bytes = b"") -> bytes:
    second = f"            shared: {b64(shared)}\n" if shared else ""
    return (
        "network:\n  tunnels:\n    wg0:\n      mode: wireguard\n      port: 51820\n"
        f"      key: {b64(secret)}\n      peers:\n        - keys:\n            public: {b64(PUBLIC)}\n{second}"
    ).encode()


def network_manager(secret: bytes = SEED) -> bytes:
    return f"[connection]\ntype=wireguard\n\n[wireguard]\nprivate-key={b64(secret)}\n\n[ipv4]\n".encode()


def openvpn(key: bytes | None = None, lines: int = 16) -> bytes:
    key = DRAW.randbytes(256) if key is None else key
    body = "".join(f"{key[at : at + 16].hex()}\n" for at in range(0, 16 * lines, 16))
    label = "OpenVPN Static key V1"
    return f"#\n# 2048 bit OpenVPN static key\n#\n-----BEGIN {label}-----\n{body}-----END {label}-----\n".encode()


def tls_crypt(side: str, wrong: int = 0) -> bytes:
    data = DRAW.randbytes(128)
    if side == "client":
        wrapped = DRAW.randbytes(300)
        data = DRAW.randbytes(256) + wrapped + struct.pack(">H", len(wrapped) + 2 + wrong)
    text = b64(data)
    body = "".join(f"{text[at : at + 64]}\n" for at in range(0, len(text), 64))
    label = f"OpenVPN tls-crypt-v2 {side} key"
    return f"-----BEGIN {label}-----\n{body}-----END {label}-----\n".encode()


def _string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def _number(value: int) -> bytes:
    return struct.pack(">I", value.bit_length()) + value.to_bytes((value.bit_length() + 7) // 8, "big")


def ssh_com(kind: str = "rsa", cipher: bytes = b"none", wrong: int = 0) -> bytes:
    if kind == "rsa":
        name, parts = b"if-modn{sign{rsa-pkcs1-sha1},encrypt{rsa-pkcs1v2-oaep}}", [E, KEY.d ^ wrong, N ^ wrong]
        parts += [KEY.iqmp, KEY.q ^ wrong, KEY.p ^ wrong]
    else:
        name, numbers = b"dl-modp{sign{dsa-nist-sha1},dh{plain}}", GROUP.private_numbers()
        group = numbers.public_numbers.parameter_numbers
        parts = [0, group.p, group.g, group.q, numbers.public_numbers.y, numbers.x ^ wrong]
    content = _string(b"".join(map(_number, parts)))
    body = _string(name) + _string(cipher) + _string(content if cipher == b"none" else DRAW.randbytes(512))
    text = b64(struct.pack(">II", 0x3F6FF9EB, len(body) + 8) + body)
    lines = "".join(f"{text[at : at + 70]}\n" for at in range(0, len(text), 70))
    label = "SSH2 ENCRYPTED PRIVATE KEY"
    return f'---- BEGIN {label} ----\nSubject: me\nComment: "a key"\n{lines}---- END {label} ----\n'.encode()


def minisign(encrypted: bool = True, seed: bytes = SEED) -> bytes:
    number, key = DRAW.randbytes(8), seed + PUBLIC
    if encrypted:
        data = b"EdScB2" + DRAW.randbytes(32) + struct.pack("<QQ", 1 << 25, 1 << 30) + DRAW.randbytes(104)
    else:
        check = hashlib.blake2b(b"Ed" + number + key, digest_size=32).digest()
        data = b"Ed\0\0B2" + bytes(48) + number + key + check
    return f"untrusted comment: minisign encrypted secret key\n{b64(data)}\n".encode()


def signify(rounds: int = 42, seed: bytes = SEED) -> bytes:
    key = DRAW.randbytes(64) if rounds else seed + PUBLIC
    check = hashlib.sha512(key).digest()[:8]
    data = b"EdBK" + struct.pack(">I", rounds) + DRAW.randbytes(16) + check + DRAW.randbytes(8) + key
    return f"untrusted comment: signify secret key\n{b64(data)}\n".encode()


def entry(kind: int = 18, key: bytes | None = None, version: bool = True, name: bytes = b"host") -> bytes:
    key = DRAW.randbytes(32) if key is None else key
    texts = b"".join(struct.pack(">H", len(text)) + text for text in (b"EXAMPLE.ORG", name, b"www.example.org"))
    body = struct.pack(">H", 2) + texts + struct.pack(">IIBHH", 1, 1764500000, 2, kind, len(key)) + key
    body += struct.pack(">I", 2) if version else b""
    return struct.pack(">i", len(body)) + body


def keytab(*entries: bytes) -> bytes:
    return b"\5\2" + b"".join(entries or (entry(),))


def key_log(label: str = "CLIENT_RANDOM", size: int = 48) -> bytes:
    return f"{label} {DRAW.randbytes(32).hex()} {DRAW.randbytes(size).hex()}\n".encode()


def _bytes(label: int, data: bytes) -> bytes:
    return bytes((label, 0x58, len(data))) + data


CURVES: dict[str, tuple[int, ec.EllipticCurve]] = {
    "secp256r1": (1, ec.SECP256R1()), "secp384r1": (2, ec.SECP384R1()), "secp521r1": (3, ec.SECP521R1()),
    "secp256k1": (8, ec.SECP256K1()),
}  # fmt: skip
RAW: dict[str, tuple[int, Any]] = {
    "X25519": (4, x25519.X25519PrivateKey), "X448": (5, x448.X448PrivateKey),
    "Ed25519": (6, ed25519.Ed25519PrivateKey), "Ed448": (7, ed448.Ed448PrivateKey),
}  # fmt: skip


def cose(curve: str, public: bool = True, wrong: int = 0, backwards: bool = False) -> bytes:
    """``backwards``: the private number before the public ones."""
    if curve in RAW:
        number, kind = RAW[curve]
        key = kind.generate()
        x, secret, y = key.public_key().public_bytes_raw(), key.private_bytes_raw(), b""
    else:
        number, named = CURVES[curve]
        numbers = ec.generate_private_key(named).private_numbers()
        size = (named.key_size + 7) // 8
        ours = numbers.public_numbers
        x, y, secret = (one.to_bytes(size, "big") for one in (ours.x, ours.y, numbers.private_value))
    x = bytes((x[0] ^ wrong,)) + x[1:]
    head = b"\1" + (b"\1" if curve in RAW else b"\2") + b"\x20" + bytes((number,))
    parts = [_bytes(0x21, x), *([_bytes(0x22, y)] if y else [])] if public else []
    private = [_bytes(0x23, secret)]
    members = [*private, *parts] if backwards else [*parts, *private]
    return bytes((0xA2 + len(members),)) + head + b"".join(members)
