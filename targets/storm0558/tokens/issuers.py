"""Who signs tokens: issuers for consumers and for enterprises, and the one document that lists the keys of all."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import attrs
import jwt
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from jwt.algorithms import RSAAlgorithm

CONSUMERS = "https://consumers.example"
ENTERPRISE = "https://enterprise.example"
MAIL, CALENDAR = "https://mail.example", "https://calendar.example"
"""Services for which tokens are made."""
READS_MAIL = "mail.read"
"""A scope: what the bearer of a token may do there."""
VALID = timedelta(days=5 * 365)
"""A certificate. That of the incident, as the Cyber Safety Review Board wrote, was of 2016 and expired in 2021."""
ROTATION = timedelta(days=365)
"""A key is to be replaced after that, whatever certificate it has."""
LIFETIME = timedelta(hours=1)
"""A token."""
_SECONDS = 10.0


@attrs.frozen
class SigningKey:
    """The key of one issuer, with a certificate of its own, which may be renewed."""

    kid: str
    issuer: str
    made: datetime
    private: RSAPrivateKey = attrs.field(repr=False)
    certified: datetime = attrs.field(default=attrs.Factory(lambda self: self.made, takes_self=True))
    valid: timedelta = VALID
    certificate: bytes = attrs.field(init=False, repr=False)
    """DER."""

    def token(self, issuer: str, subject: str, now: datetime, audience: str = MAIL, **more: Any) -> str:
        """Says, signed, that ``issuer`` knows ``subject``. Any issuer can be named, and with ``more`` anything else."""
        claims = {"iss": issuer, "sub": subject, "aud": audience, "scp": READS_MAIL, "iat": now, "exp": now + LIFETIME}
        return jwt.encode(claims | more, self.private, "RS256", {"kid": self.kid})

    def public(self) -> dict[str, Any]:
        """As a JWK (RFC 7517) with the certificate; ``issuer`` and ``made`` say whose and how old, to whoever looks."""
        key = RSAAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        chain = [base64.b64encode(self.certificate).decode()]
        told = {"kid": self.kid, "issuer": self.issuer, "made": self.made.timestamp()}
        return {**key, **told, "use": "sig", "x5c": chain}

    @property
    def expires(self) -> datetime:
        """The certificate."""
        return self.certified + self.valid

    @certificate.default
    def _signed(self) -> bytes:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.issuer)])
        built = x509.CertificateBuilder(name, name, self.private.public_key(), 1, self.certified, self.expires)
        return built.sign(self.private, SHA256()).public_bytes(Encoding.DER)


def keys_of(document: object) -> list[dict[str, Any]]:
    """What of a document of keys may be one."""
    keys = document.get("keys") if isinstance(document, dict) else None
    return [each for each in keys if isinstance(each, dict)] if isinstance(keys, list) else []


def certificate_of(key: dict[str, Any]) -> x509.Certificate:
    """The certificate in a JWK. Raises ValueError where there is none, or one of another key."""
    try:
        found = x509.load_der_x509_certificate(base64.b64decode(key["x5c"][0]))
        public, named = found.public_key(), RSAAlgorithm.from_jwk(key)
    except (jwt.PyJWTError, UnsupportedAlgorithm, LookupError, TypeError, ValueError):
        raise ValueError("it has no certificate that can be read") from None
    if not isinstance(public, RSAPublicKey) or public != named:
        raise ValueError("its certificate is of another key")
    return found


def made_at(key: dict[str, Any]) -> datetime:
    """Since when there is a key: it is as old as it says, and at least as old as its certificate. Raises ValueError."""
    return min(moment(key.get("made")), certificate_of(key).not_valid_before_utc)


def moment(seconds: object) -> datetime:
    """A time as JWTs have it (RFC 7519, section 2). Raises ValueError."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise ValueError("it is no time")  # noqa: TRY004
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError):
        raise ValueError("it is no time") from None


def overdue(document: object, now: datetime) -> list[str]:
    """The age alarm: keys that are published and should have been replaced, or that do not say how old they are."""
    return [str(key.get("kid")) for key in keys_of(document) if is_overdue(key, now)]


def is_overdue(key: dict[str, Any], now: datetime) -> bool:
    """Whether a key should have been replaced; of one of which nobody knows, yes."""
    try:
        return now - made_at(key) > ROTATION
    except ValueError:
        return True


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
