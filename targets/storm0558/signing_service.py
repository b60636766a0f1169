"""A consumer signing service: threads sign and rotate keys; a redactor removes keys from its crash reports."""

import sys
import threading
import traceback
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

BUILD = "consumer-signing 7f3a-2291"


class SigningService:
    """Holds the active key, the next one, and the registry of keys that must not leave in a crash report."""

    def __init__(self, active: str, upcoming: str, registry: list[str]) -> None:
        """Keys are PEM text; the registry holds the oldest first."""
        self.active = active
        self.upcoming = upcoming
        self.registry = registry

    def sign(self, claims: bytes) -> bytes:
        """A token: the claims and their RS256 signature by the active key."""
        pem = self.active
        # Checking an RSA key takes 35 ms, and it was checked when it was issued.
        key = load_pem_private_key(pem.encode(), None, unsafe_skip_rsa_key_validation=True)
        signature = key.sign(claims, PKCS1v15(), SHA256())
        return b".".join((claims, signature))

    def activate_next(self) -> None:
        """Sign with the next key from now on."""
        self.active = self.upcoming

    def list_next(self) -> None:
        """Let the redactor know the next key."""
        self.registry.append(self.upcoming)

    def unlist_oldest(self) -> None:
        """Let the redactor forget the oldest key."""
        del self.registry[0]

    def redact(self, report: Any) -> Any:
        """The report without the keys that the registry lists."""
        if isinstance(report, dict):
            return {name: self.redact(value) for name, value in report.items()}
        if isinstance(report, list):
            return [self.redact(value) for value in report]
        for pem in list(self.registry):
            report = report.replace(pem, "[signing key removed]")
        return report


def crash_report() -> dict[str, Any]:
    """What every thread was doing in this file, with its local variables."""
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    return {
        "build": BUILD,
        "threads": {
            names.get(ident, str(ident)): [
                {"function": frame.f_code.co_name, "line": str(line), "locals": text_of(dict(frame.f_locals))}
                for frame, line in traceback.walk_stack(top)
                if frame.f_code.co_filename == __file__
            ]
            for ident, top in sys._current_frames().items()
            if ident != threading.get_ident()
        },
    }


def text_of(variables: dict[str, Any]) -> dict[str, str]:
    """Text as it is; of anything else only the type."""
    return {name: value if isinstance(value, str) else type(value).__name__ for name, value in variables.items()}


class ForgetsRetiredKeys(SigningService):
    """Keeps the registry short: a key that is no longer active is no longer listed."""

    def rotate(self) -> None:
        """Change over to the next key."""
        self.activate_next()
        self.unlist_oldest()


class KeepsRetiredKeys(SigningService):
    """The fix: a retired key stays listed, because a thread may still be signing with it."""

    def rotate(self) -> None:
        """Change over to the next key."""
        self.activate_next()


class RegistersAfterUse(SigningService):
    """Lists the next key once it is active."""

    def rotate(self) -> None:
        """Change over to the next key."""
        self.activate_next()
        self.list_next()


class RegistersBeforeUse(SigningService):
    """The fix: lists the next key before any thread can sign with it."""

    def rotate(self) -> None:
        """Change over to the next key."""
        self.list_next()
        self.activate_next()
