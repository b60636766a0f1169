"""Who signs tokens: issuers for consumers and for enterprises, and the one document that lists the keys of all."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import attrs
import jwt
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from jwt.algorithms import RSAAlgorithm

CONSUMERS = "https://consumers.example"
ENTERPRISE = "https://enterprise.example"
VALID = timedelta(days=5 * 365)
"""A certificate, from the day on which its key was made: the first account's was issued in 2016 and expired in 2021."""
ROTATION = timedelta(days=365)
"""A key is to be replaced after that."""
_SECONDS = 10.0


@attrs.frozen
class SigningKey:
    """The key of one issuer, with a certificate of its own."""

    kid: str
    issuer: str
    made: datetime
    private: RSAPrivateKey = attrs.field(repr=False)
    certificate: bytes = attrs.field(init=False, repr=False)
    """DER."""

    def token(self, issuer: str, subject: str, now: datetime) -> str:
        """Says, signed, that ``issuer`` knows ``subject``. Any issuer can be named."""
        claims = {"iss": issuer, "sub": subject, "iat": now, "exp": now + timedelta(hours=1)}
        return jwt.encode(claims, self.private, "RS256", {"kid": self.kid})

    def public(self) -> dict[str, Any]:
        """As a JWK (RFC 7517), with the certificate; ``issuer`` says whose it is, to whoever looks."""
        key = RSAAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        chain = [base64.b64encode(self.certificate).decode()]
        return {**key, "kid": self.kid, "use": "sig", "x5c": chain, "issuer": self.issuer}

    @certificate.default
    def _signed(self) -> bytes:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.issuer)])
        built = x509.CertificateBuilder(name, name, self.private.public_key(), 1, self.made, self.made + VALID)
        return built.sign(self.private, SHA256()).public_bytes(Encoding.DER)


def certificate_of(key: dict[str, Any]) -> x509.Certificate:
    """The certificate in a JWK. Raises ValueError where it is of another key."""
    found = x509.load_der_x509_certificate(base64.b64decode(key["x5c"][0]))
    public, named = found.public_key(), RSAAlgorithm.from_jwk(key)
    if not isinstance(public, RSAPublicKey) or public != named:
        raise ValueError(f"the certificate of {key['kid']!r} is of another key")
    return found


def overdue(document: dict[str, Any], now: datetime) -> list[str]:
    """The age alarm: keys that are published and should have been replaced."""
    return [key["kid"] for key in document["keys"] if now - certificate_of(key).not_valid_before_utc > ROTATION]


@contextmanager
def published(keys: list[SigningKey]) -> Iterator[str]:
    """One document for all issuers over HTTP, as since 2018: gives its address. ``keys`` may grow meanwhile."""

    class Handler(BaseHTTPRequestHandler):
        timeout = _SECONDS

        def do_GET(self) -> None:
            body = json.dumps({"keys": [each.public() for each in list(keys)]}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/jwk-set+json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *values: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="key metadata")
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/common/discovery/keys"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(_SECONDS)
