"""What goes with a dump: which bytes were scanned, by what, what it came to and what was not read. Signed.

Ed25519 (RFC 8032) over the receipt as JSON with sorted keys, without its signature. It names the SHA-256 and the size
of the bytes, so that it says nothing of another dump, and the key by a hash, so that a reader knows which to ask for.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from pathlib import Path
from typing import Any

import attrs
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from redactfuzz.dumps.small import Unreadable, data_of
from redactfuzz.gate.passage import Ticket

FORMAT = "redactfuzz gate receipt 1"
KEY, PUBLIC = "receipt-key.pem", "receipt-key.pub.pem"
"""In the gate's folder."""
_LARGEST = 1 << 20
_PREFIX = b"redactfuzz gate receipt 1\0"
"""In front of what is signed: a signature says nothing in another place."""


class ReceiptError(Exception):
    """Why a receipt or its key is none. The message is a sentence."""


class UnusableReceiptKey(ReceiptError):
    """What was given as a key is none."""


@attrs.frozen
class Signer:
    """Signs with a key in a file, read anew each time: the process that scans is forked from ours, and needs none."""

    path: Path

    @property
    def public(self) -> Ed25519PublicKey:
        """The half by which receipts are verified."""
        return _private(self.path).public_key()

    def receipt(self, ticket: Ticket, original: str) -> bytes:
        """The same for the same ticket. ``original``: the name that the dump came under, as it may be shown."""
        if ticket.judgement is None or ticket.outlet is None:
            raise ReceiptError(f"dump {ticket.number} was not judged: there is nothing to say of it")
        key = _private(self.path)
        said: dict[str, Any] = {
            "format": FORMAT,
            "outlet": ticket.outlet.value,
            "verdict": ticket.judgement.verdict,
            "sha256": ticket.sha256,
            "size": ticket.size,
            "name": ticket.name,
            "original_name": original,
            "sealed_at": ticket.sealed_at,
            "scanner": ticket.judgement.rules.scanner,
            "rules": ticket.judgement.rules.asked,
            "not_read": list(ticket.judgement.not_read),
            "found": list(ticket.judgement.found),
            "not_listed": ticket.judgement.more,
            "key": key_name(key.public_key()),
        }
        said["signature"] = base64.b64encode(key.sign(_signed(said))).decode("ascii")
        return _text(said)


def verified(receipt: Path, dump: Path, key: Path) -> dict[str, Any]:
    """What a receipt says of this dump. Raises ReceiptError where it is not of this key, or of another dump."""
    said, data = _said(receipt)
    public = _public(key)
    try:
        signature = base64.b64decode(str(said.get("signature", "")), validate=True)
        public.verify(signature, _signed(said))
        said["signature"] = base64.b64encode(signature).decode("ascii")  # of one signature there are several spellings
    except (InvalidSignature, ValueError):
        raise ReceiptError(f"{receipt}: it was not signed by this key, or was changed since") from None
    if data != _text(said):
        raise ReceiptError(f"{receipt}: it is not as a gate wrote it, though another reader may take it for that")
    sha256, size = _hash_of(dump, said["size"])
    if (said["sha256"], said["size"]) != (sha256, size):
        what = f"{size:,} bytes with SHA-256 {sha256}" if size <= said["size"] else f"more than {said['size']:,} bytes"
        raise ReceiptError(f"{receipt}: it is of another dump: {dump} has {what}")
    return said


def make_key(folder: int) -> None:
    """A private key in a folder of the gate's own, where there is none. Raises OSError."""
    if _content(folder, KEY):
        return
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write(folder, KEY, private, 0o600)


def show_public(folder: int, key: Ed25519PublicKey) -> None:
    """The half by which receipts are verified, for those who read dumps: whatever lay there. Raises OSError."""
    if _content(folder, PUBLIC) != public_pem(key):
        _write(folder, PUBLIC, public_pem(key), 0o644)


def public_pem(key: Ed25519PublicKey) -> bytes:
    """As ``--receipt-key`` reads it."""
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def key_name(key: Ed25519PublicKey) -> str:
    """SHA-256 of its 32 bytes."""
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()


def _text(said: dict[str, Any]) -> bytes:
    return json.dumps(said, indent=1, sort_keys=True).encode("ascii") + b"\n"


def _signed(said: dict[str, Any]) -> bytes:
    plain = {name: value for name, value in said.items() if name != "signature"}
    return _PREFIX + json.dumps(plain, sort_keys=True, separators=(",", ":")).encode("ascii")


def _said(receipt: Path) -> tuple[dict[str, Any], bytes]:
    try:
        data = data_of(receipt, _LARGEST)
        said = json.loads(data)
    except (Unreadable, ValueError, RecursionError) as error:
        why = str(error) if isinstance(error, Unreadable) else "it is no JSON"
        raise ReceiptError(f"{receipt}: {why}") from None
    if not isinstance(said, dict) or said.get("format") != FORMAT or not {"sha256", "size", "outlet"} <= said.keys():
        raise ReceiptError(f"{receipt}: it is no receipt of this version")
    return said, data


def _hash_of(dump: Path, most: int) -> tuple[str, int]:
    """Of what is larger than ``most`` bytes a beginning is enough: it is another dump, or has no end."""
    digest, size = hashlib.sha256(), 0
    try:
        descriptor = os.open(dump, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            while size <= most and (block := file.read(1 << 20)):
                digest.update(block)
                size += len(block)
    except OSError as error:
        raise ReceiptError(f"{dump}: it cannot be read ({error.strerror})") from None
    return digest.hexdigest(), size


def _private(path: Path) -> Ed25519PrivateKey:
    key = _loaded(path, lambda data: serialization.load_pem_private_key(data, None))
    if not isinstance(key, Ed25519PrivateKey):
        raise UnusableReceiptKey(f"{path}: it holds no private key of Ed25519")
    return key


def _public(path: Path) -> Ed25519PublicKey:
    key = _loaded(path, serialization.load_pem_public_key)
    if not isinstance(key, Ed25519PublicKey):
        raise UnusableReceiptKey(f"{path}: it holds no public key of Ed25519")
    return key


def _loaded(path: Path, load: Any) -> Any:
    try:
        return load(data_of(path, _LARGEST))
    except Unreadable as error:
        raise UnusableReceiptKey(f"{path}: {error}") from None
    except Exception:  # the library's own kinds; its message may quote the key
        raise UnusableReceiptKey(f"{path}: it is no key in PEM, or one with a password") from None


def _content(folder: int, name: str) -> bytes:
    """Nothing where there is no such file."""
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except FileNotFoundError:
        return b""
    with os.fdopen(descriptor, "rb") as file:
        return file.read(_LARGEST)


def _write(folder: int, name: str, data: bytes, mode: int) -> None:
    """All of it, or what was there before: the disk may be full."""
    new, flags = f"{name}.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(new, flags, mode, dir_fd=folder), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.rename(new, name, src_dir_fd=folder, dst_dir_fd=folder)
    os.fsync(folder)
