"""Secrets of TLS sessions as ``SSLKEYLOGFILE`` has them (RFC 9850): with a recording of a session they decrypt it."""

from __future__ import annotations

import re

import attrs

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys.detector import Findings, identity, text_at
from redactfuzz.scan.keys.known import KnownKeys
from redactfuzz.scan.keys.literals import Literals
from redactfuzz.scan.keys.private_key import random_looking

_LABELS = (
    b"CLIENT_RANDOM", b"CLIENT_HANDSHAKE_TRAFFIC_SECRET", b"SERVER_HANDSHAKE_TRAFFIC_SECRET",
    b"CLIENT_TRAFFIC_SECRET_0", b"SERVER_TRAFFIC_SECRET_0",
    b"CLIENT_EARLY_TRAFFIC_SECRET", b"EARLY_EXPORTER_SECRET", b"EXPORTER_SECRET",
)  # fmt: skip
_BEGINNINGS = Literals(*(label[:12] for label in _LABELS))
_LINE = re.compile(
    rb"(?P<label>" + b"|".join(_LABELS) + rb")[ +](?P<random>[0-9a-fA-F]{64})[ +]"
    rb"(?P<secret>[0-9a-fA-F]{96}|[0-9a-fA-F]{64})"
)
"""A label, what the client drew, and the secret: 48 bytes of TLS 1.2, and as many as the hash has of TLS 1.3. A form on
the web writes spaces as ``+``."""
_MASTER = 96
_LONGEST = 200
_REASON = "its line is that of such a log: with a recording of the session it decrypts it"


@attrs.frozen
class TlsSecrets:
    """Lines with a label, 64 digits and 64 or 96 more."""

    name: str = "tls-secret"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each secret."""
        findings, last = Findings(self.name, image), -1
        for offset, _, width in _BEGINNINGS.places(image):
            match = _LINE.match(text_at(image.data, offset, width, _LONGEST))
            if match is None or offset < last:  # EXPORTER_SECRET is the end of another label, too
                continue
            random, secret = (bytes.fromhex(match[part].decode()) for part in ("random", "secret"))
            short = match["label"] == _LABELS[0] and len(match["secret"]) < _MASTER
            if not short and random_looking(random) and random_looking(secret):
                last = offset + width * match.end()
                severity, length = Severity.TOTAL, width * match.end()
                findings.add("TLS session secret (key log)", identity(secret), severity, _REASON, offset, length)
        return findings
