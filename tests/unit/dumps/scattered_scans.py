"""Secrets that lie over a border, beside each a twin that is none, and what a scan says of a dump."""

from __future__ import annotations

import base64
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from redactfuzz.model.canary import mint, token
from redactfuzz.report.dump_lines import verdict
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.matcher_set import MatcherSet

_KEY = ec.generate_private_key(ec.SECP256R1())
DER = _KEY.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
PUBLIC = _KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
CANARY, OTHER = mint(31, "canary", token(32), 1), mint(32, "canary", token(32), 1)
SECRETS = {
    "a canary": (CANARY.text.encode(), OTHER.text.encode()),
    "DER": (DER, PUBLIC),
    "base64": (base64.b64encode(DER), base64.b64encode(PUBLIC)),
    "hexadecimal": (DER.hex().encode(), PUBLIC.hex().encode()),
}


def said(folder: Path, data: bytes) -> str:
    """The verdict on a dump that holds these bytes."""
    matcher_set = MatcherSet(thorough=True)
    matcher_set.plant([CANARY], [])
    (folder / "data").write_bytes(data)
    return verdict(scan_dump(folder / "data", ScanRequest(matcher_set, KnownKeys(), canaries=(CANARY,))))
